/** A name out of a closed set, as a caller writes it. Imports spec. */

import { GatewayError } from '../spec/gateway-error.ts';
import { nearNames } from './near-names.ts';

/** People write `least-loaded` and `Heavy`, and mean one thing. */
const spelled = (text: string): string => text.trim().toLowerCase().replaceAll('-', '_');

/** The name that a text spells, without regard to case and with `-` for `_`; undefined where there is none such. */
export const nameIn = <Name extends string>(text: string, names: readonly Name[]): Name | undefined => {
  const wanted = spelled(text);
  return names.find((name) => name === wanted);
};

/** What is wrong with a text that spells none of the names; it lists them and does not quote the text. */
export const unknownName = (what: string, text: string, names: readonly string[]): string => {
  const [near] = nearNames(spelled(text), names, 1);
  const hint = near === undefined ? '' : ` (did you mean ${JSON.stringify(near)}?)`;
  return `${what} must be one of ${names.join(', ')}${hint}`;
};

/** The name that a text spells; throws `invalid_request` with the names there are, for the field `param`. */
export const chosenName = <Name extends string>(
  text: string,
  names: readonly Name[],
  param: string,
): Name => {
  const name = nameIn(text, names);
  if (name !== undefined) return name;
  throw new GatewayError('invalid_request', unknownName(param, text, names), { param });
};
