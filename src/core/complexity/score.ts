/** The complexity of a text by a learned model. Pure; imports spec and this folder. */

import type { TaskType } from '../../spec/analysis.ts';
import { type Blend, type Parts, partNames, usualBlend } from './blend.ts';
import type { ComplexityModel } from './model.ts';
import { type Reading, readText } from './reading.ts';

/** A score before it is compared with those of usual prompts. */
export interface RawScore {
  readonly value: number;
  /** The share of what was read that the model knows, in 0..1. */
  readonly known: number;
}

/** The share of a table that lies below a value, in 0..1. */
export const rankIn = (table: readonly number[], value: number): number => {
  const last = table.length - 1;
  if (!(value > (table[0] ?? 0))) return 0;
  if (value >= (table[last] ?? 0)) return 1;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((table[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  const from = table[low] ?? 0;
  const to = table[high] ?? 0;
  return (low + (to > from ? (value - from) / (to - from) : 0)) / last;
};

/** Distinct pieces for each character: low where a text keeps to few things at length. */
export const repetitionOf = ({ distinct, characters }: Reading): number => distinct / (characters + 20);

/** Words in a sentence. */
export const sentenceOf = ({ words, sentences }: Reading): number => words / (1 + sentences);

const manyNegations = 3;
const manyCompounds = 2;

const negationsOf = ({ negations }: Reading): number => Math.min(1, negations / manyNegations);
const compoundsOf = ({ compounds }: Reading): number => Math.min(1, compounds / manyCompounds);
const programmingOf = ({ programming }: Reading): number => Math.min(1, programming);

/** So few words are a greeting, and no order either. */
const fewWords = 4;
const questionsOf = ({ questions, words }: Reading): number =>
  words < fewWords ? 1 : Math.min(1, questions);

/**
 * What tells in every field: length, keeping to one matter, long sentences, negations, joined judgements, programs,
 * orders rather than questions; about -1.8..3 as it is usually blended.
 */
export const generalPart = (
  reading: Reading,
  ranks: ComplexityModel['ranks'],
  blend: Blend = usualBlend,
): number =>
  blend.words * rankIn(ranks.words, reading.words) +
  blend.repetition * rankIn(ranks.repetition, repetitionOf(reading)) +
  blend.sentence * rankIn(ranks.sentence, sentenceOf(reading)) -
  0.5 +
  blend.negations * negationsOf(reading) +
  blend.compounds * compoundsOf(reading) +
  blend.programming * programmingOf(reading) +
  blend.questions * questionsOf(reading);

interface Learned {
  readonly learned: number;
  readonly known: number;
}

/** What the pieces say that were just read. */
const learnedPart = (reading: Reading, { pieces, steps }: ComplexityModel): Learned => {
  const { found, count } = reading;
  let gain = 0;
  let mass = 0;
  let known = 0;
  for (let index = 0; index < count; index += 1) {
    const piece = pieces[found[index] ?? 0] ?? 0;
    const rarity = piece & 255;
    if (rarity === 0) continue;
    gain += ((piece << 16) >> 24) * rarity;
    mass += rarity * rarity;
    known += 1;
  }
  return {
    learned: mass > 0 ? ((gain * steps.weight) / Math.sqrt(mass)) * reading.plainShare : 0,
    known: count > 0 ? (known / count) * reading.plainShare : 0,
  };
};

/** The raw score of a text; a kind of work counts where the model knows of it. */
export const rawScore = (text: string, model: ComplexityModel, task?: TaskType): RawScore => {
  const reading = readText(text);
  const { learned, known } = learnedPart(reading, model);
  const byTask = task === undefined ? 0 : (model.tasks[task] ?? 0);
  const value =
    model.blend.learned * learned + model.general * generalPart(reading, model.ranks, model.blend) + byTask;
  return { value, known };
};

/** The parts that a score is blended of, without any of the text. */
export const partsOf = (text: string, model: ComplexityModel): Parts => {
  const reading = readText(text);
  return {
    learned: learnedPart(reading, model).learned,
    words: rankIn(model.ranks.words, reading.words),
    repetition: rankIn(model.ranks.repetition, repetitionOf(reading)),
    sentence: rankIn(model.ranks.sentence, sentenceOf(reading)),
    negations: negationsOf(reading),
    compounds: compoundsOf(reading),
    programming: programmingOf(reading),
    questions: questionsOf(reading),
  };
};

/** The raw score of such parts. */
export const scoreParts = (
  parts: Parts,
  { blend, general, tasks }: ComplexityModel,
  task: TaskType,
): number => {
  let form = -0.5;
  for (const name of partNames) if (name !== 'learned') form += blend[name] * parts[name];
  return blend.learned * parts.learned + general * form + (tasks[task] ?? 0);
};

/** A raw score as the share of usual prompts that have a lower one. */
export const calibrated = (value: number, model: ComplexityModel): number => rankIn(model.scores, value);
