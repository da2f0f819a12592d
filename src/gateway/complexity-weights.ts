/** Weights of the complexity scorer from a file, for those who start the program. */

import type { FeedbackEntry } from '../core/auto/feedback.ts';
import { type Refit, refit } from '../core/auto/refit.ts';
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

export type { Refit } from '../core/auto/refit.ts';

const fileOf = (text: string | undefined): ModelFile =>
  text === undefined ? builtInWeights : (tryParseJson(text) as unknown as ModelFile);

/** Fits the weights of a file, or those that are built in, to what was said of answers; changes nothing. */
export const refittedWeights = (text: string | undefined, entries: readonly FeedbackEntry[]): Refit =>
  refit(fileOf(text), entries);

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
  const own = threshold === undefined ? undefined : ownRank(complexities, threshold);
  return {
    text: `${JSON.stringify(recalibrated(fileOf(text), complexities))}\n`,
    threshold: own === undefined ? undefined : Math.round(own * 100) / 100,
  };
};
