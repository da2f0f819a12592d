/** Numbers from a probe. Imports spec. */

import { asNumber, type Json } from '../../spec/json.ts';

/** A size or token count as an engine reports it; what is negative or no number reads as absent. */
export const count = (value: Json | undefined): number | undefined => {
  const number = asNumber(value);
  return number === undefined || number < 0 ? undefined : number;
};
