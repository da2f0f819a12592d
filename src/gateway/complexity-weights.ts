/** Weights of the complexity scorer from a file, for those who start the program. */

import { builtInWeights } from '../core/complexity/built-in-weights.ts';
import { useModel } from '../core/complexity/complexity.ts';
import { complexityModel, type ModelFile, NotAModel } from '../core/complexity/model.ts';
import { leastPrompts, ownRank, recalibrated } from '../core/complexity/recalibrate.ts';
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

/** A file of weights with the ranks of own prompts, and what a threshold is among them. */
export interface OwnWeights {
  readonly text: string;
  readonly threshold: number | undefined;
}

/**
 * Fits the ranks of the weights in force to the complexities they gave; undefined where those are too few. `text` is the
 * file in force, or undefined for the built-in weights.
 */
export const ownWeights = (
  text: string | undefined,
  complexities: readonly number[],
  threshold: number | undefined,
): OwnWeights | undefined => {
  if (complexities.length < leastPrompts) return undefined;
  const file = text === undefined ? builtInWeights : (tryParseJson(text) as unknown as ModelFile);
  const own = threshold === undefined ? undefined : ownRank(complexities, threshold);
  return {
    text: `${JSON.stringify(recalibrated(file, complexities))}\n`,
    threshold: own === undefined ? undefined : Math.round(own * 100) / 100,
  };
};
