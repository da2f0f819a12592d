/** The complexity of a text by a learned model. Pure; imports this folder. */

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

/** How much each of negations, joined judgements and programs counts against a whole rank. */
const formWeight = 0.6;
const manyNegations = 3;
const manyCompounds = 2;

/**
 * What tells in every field: length, keeping to one matter, long sentences, negations, joined judgements, programs;
 * about -1.5..3.
 */
export const generalPart = (reading: Reading, ranks: ComplexityModel['ranks']): number =>
  rankIn(ranks.words, reading.words) -
  rankIn(ranks.repetition, repetitionOf(reading)) +
  rankIn(ranks.sentence, sentenceOf(reading)) -
  0.5 +
  formWeight * Math.min(1, reading.negations / manyNegations) +
  formWeight * Math.min(1, reading.compounds / manyCompounds) +
  formWeight * Math.min(1, reading.programming);

/** The raw score of what was just read. */
export const scoreReading = (reading: Reading, model: ComplexityModel): RawScore => {
  const { pairs } = model;
  const { found, count } = reading;
  let gain = 0;
  let mass = 0;
  let known = 0;
  for (let index = 0; index < count; index += 1) {
    const at = 2 * (found[index] ?? 0);
    const rarity = pairs[at + 1] ?? 0;
    if (rarity === 0) continue;
    gain += pairs[at] ?? 0;
    mass += rarity;
    known += 1;
  }
  const learned = mass > 0 ? (gain / Math.sqrt(mass)) * reading.plainShare : 0;
  return {
    value: learned + model.general * generalPart(reading, model.ranks),
    known: count > 0 ? (known / count) * reading.plainShare : 0,
  };
};

/** The raw score of a text. */
export const rawScore = (text: string, model: ComplexityModel): RawScore =>
  scoreReading(readText(text), model);

/** A raw score as the share of usual prompts that have a lower one. */
export const calibrated = (value: number, model: ComplexityModel): number => rankIn(model.scores, value);
