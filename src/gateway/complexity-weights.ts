/** Weights of the complexity scorer from a file, for those who start the program. */

import { useModel } from '../core/complexity/complexity.ts';
import { complexityModel, NotAModel } from '../core/complexity/model.ts';
import { tryParseJson } from '../wire/json.ts';

/** Takes the text of a file of weights, or goes back to those that are built in; tells what is wrong with it, if anything is. */
export const useWeights = (text: string | undefined): string | undefined => {
  if (text === undefined) {
    useModel(undefined);
    return undefined;
  }
  const file = tryParseJson(text);
  if (file === undefined) return 'it is no JSON';
  try {
    useModel(complexityModel(file));
    return undefined;
  } catch (error) {
    if (error instanceof NotAModel) return error.message;
    throw error;
  }
};
