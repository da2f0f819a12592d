/** How complex a request is, from the last turns of its caller. Pure; imports this folder. */

import type { Judged } from '../../spec/analysis.ts';
import { builtInWeights } from './built-in-weights.ts';
import { type ComplexityModel, complexityModel } from './model.ts';
import { calibrated, rawScore } from './score.ts';

let builtIn: ComplexityModel | undefined;
let replaced: ComplexityModel | undefined;

/** The model that decides: the one that was given, else the one that is built in, which is read when first needed. */
export const currentModel = (): ComplexityModel => {
  if (replaced !== undefined) return replaced;
  builtIn ??= complexityModel(builtInWeights);
  return builtIn;
};

/** Puts another model in the place of the built-in one; undefined takes it away again. */
export const useModel = (model: ComplexityModel | undefined): void => {
  replaced = model;
};

/** At this many characters what was said before counts half as much as the turn itself. */
const halfLength = 60;
/** The most that earlier turns count. */
const mostBefore = 0.5;

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * The complexity of a conversation, its last turn first: a short turn is about what was said before it, a long one is
 * about itself. An empty text is 0.
 */
export const complexityOf = (turns: readonly string[], model = currentModel()): Judged<number> => {
  const [last = '', ...earlier] = turns;
  const isEmpty = !/\S/.test(last.slice(0, 2000)) && !/\S/.test(last.slice(-2000));
  if (isEmpty) return { value: 0, confidence: 0.2 };
  const { value, known } = rawScore(last, model);
  const own = calibrated(value, model);
  const before = earlier.length === 0 ? own : calibrated(rawScore(earlier.join('\n'), model).value, model);
  const weight = mostBefore * (halfLength / (halfLength + last.length)) * 2;
  const share = earlier.length === 0 ? 0 : Math.min(mostBefore, weight);
  return { value: rounded(own * (1 - share) + before * share), confidence: rounded(0.2 + 0.5 * known) };
};
