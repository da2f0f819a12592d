/** How complex a request is, from the last turns of its caller. Pure; imports spec, core and this folder. */

import type { Judged, TaskType } from '../../spec/analysis.ts';
import { hashText } from '../hash.ts';
import { type Parts, partNames } from './blend.ts';
import { builtInWeights } from './built-in-weights.ts';
import { type ComplexityModel, complexityModel } from './model.ts';
import { calibrated, partsOf, rawScore } from './score.ts';

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

/** How much of a conversation's complexity is that of the turns before the last. */
const shareBefore = ([last = '', ...earlier]: readonly string[]): number =>
  earlier.length === 0 ? 0 : mostBefore * Math.min(1, (2 * halfLength) / (halfLength + last.length));

/**
 * The complexity of a conversation, its last turn first: a short turn is about what was said before it, a long one is
 * about itself. An empty text is 0.
 */
export const complexityOf = (
  turns: readonly string[],
  model = currentModel(),
  task?: TaskType,
): Judged<number> => {
  const [last = '', ...earlier] = turns;
  const isEmpty = !/\S/.test(last.slice(0, 2000)) && !/\S/.test(last.slice(-2000));
  if (isEmpty) return { value: 0, confidence: 0.2 };
  const { value, known } = rawScore(last, model, task);
  const own = calibrated(value, model);
  const before =
    earlier.length === 0 ? own : calibrated(rawScore(earlier.join('\n'), model, task).value, model);
  const share = shareBefore(turns);
  return { value: rounded(own * (1 - share) + before * share), confidence: rounded(0.2 + 0.5 * known) };
};

let named: { readonly of: ComplexityModel; readonly name: string } | undefined;

/** The same for models that take the same parts out of a text, so that what was kept of one is not read by another. */
export const readingName = (model: ComplexityModel): string => {
  if (named?.of === model) return named.name;
  let hash = 17;
  for (const piece of model.pieces) hash = Math.imul(hash ^ piece, 0x01000193);
  named = { of: model, name: hashText(JSON.stringify([model.ranks, model.steps]), hash >>> 0).toString(36) };
  return named.name;
};

/** The parts that this complexity was blended of, of the last turn and those before it as they count. */
export const partsOfTurns = (turns: readonly string[], model = currentModel()): Parts => {
  const [last = '', ...earlier] = turns;
  const own = partsOf(last, model);
  const before = earlier.length === 0 ? own : partsOf(earlier.join('\n'), model);
  const share = shareBefore(turns);
  const blended = (name: keyof Parts): number =>
    Math.round(10_000 * (own[name] * (1 - share) + before[name] * share)) / 10_000;
  return Object.fromEntries(partNames.map((name) => [name, blended(name)])) as Parts;
};
