/** Learns a complexity model from judged prompts. The same rows and seed give the same bytes. */

import type { ComplexityModel, ModelFile, ModelOrigin } from '../../src/core/complexity/model.ts';
import { complexityModel } from '../../src/core/complexity/model.ts';
import { places } from '../../src/core/complexity/pieces.ts';
import { readText } from '../../src/core/complexity/reading.ts';
import { ridge, type SparseRows } from '../../src/core/complexity/ridge.ts';
import { generalPart, rawScore, repetitionOf, sentenceOf } from '../../src/core/complexity/score.ts';
import type { Row } from './routing-data.ts';

/** What may be turned; found on the development data by folds and by what was left out. */
export const settings = {
  /** Prompts a piece must stand in. */
  leastPrompts: 10,
  penalty: 20,
  /** How much of a weak model's failures is learned beside what a strong one gains. */
  failures: 0.2,
  /** How much more the general part counts than the fit gives it: it holds where the pieces do not. */
  extraGeneral: 0.03,
  rankSteps: 32,
  scoreSteps: 200,
} as const;

/** Everything that is read of the prompts once for all fits. */
export interface Corpus {
  readonly rows: readonly Row[];
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly words: Float64Array;
  readonly repetition: Float64Array;
  readonly sentence: Float64Array;
}

/** Reads every prompt. */
export const corpusOf = (rows: readonly Row[]): Corpus => {
  const starts = new Int32Array(rows.length + 1);
  const lists: Int32Array[] = [];
  const words = new Float64Array(rows.length);
  const repetition = new Float64Array(rows.length);
  const sentence = new Float64Array(rows.length);
  let total = 0;
  for (const [index, { prompt }] of rows.entries()) {
    const reading = readText(prompt);
    const list = reading.found.slice(0, reading.count);
    lists.push(list);
    total += list.length;
    starts[index + 1] = total;
    words[index] = reading.words;
    repetition[index] = repetitionOf(reading);
    sentence[index] = sentenceOf(reading);
  }
  const columns = new Int32Array(total);
  for (const [index, list] of lists.entries()) columns.set(list, starts[index] ?? 0);
  return { rows, starts, columns, words, repetition, sentence };
};

const steps = (values: Float64Array, chosen: readonly number[], count: number): readonly number[] => {
  const sorted = chosen.map((index) => values[index] ?? 0).sort((left, right) => left - right);
  return Array.from({ length: count + 1 }, (_, step) => {
    const value = sorted[Math.round((step * (sorted.length - 1)) / count)] ?? 0;
    return Number(value.toPrecision(6));
  });
};

const raritiesOf = ({ starts, columns }: Corpus, chosen: readonly number[]): Float64Array => {
  const counts = new Float64Array(places);
  for (const row of chosen) {
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at += 1) {
      const column = columns[at] ?? 0;
      counts[column] = (counts[column] ?? 0) + 1;
    }
  }
  return counts.map((count) => (count < settings.leastPrompts ? 0 : Math.log((chosen.length + 1) / count)));
};

const sourceCounts = (rows: readonly Row[], chosen: readonly number[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const index of chosen) {
    const source = rows[index]?.source ?? '';
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  return counts;
};

/** Sources of many rows count less for each of them; every target is taken from the mean of its source. */
const targetsOf = (rows: readonly Row[], chosen: readonly number[]) => {
  const counts = sourceCounts(rows, chosen);
  const wanted = (row: Row): number => row.gain - settings.failures * row.weak;
  const sums = new Map<string, number>();
  for (const index of chosen) {
    const row = rows[index];
    if (row !== undefined) sums.set(row.source, (sums.get(row.source) ?? 0) + wanted(row));
  }
  const targets = new Float64Array(rows.length);
  const weights = new Float64Array(rows.length);
  for (const index of chosen) {
    const row = rows[index];
    if (row === undefined) continue;
    const count = counts.get(row.source) ?? 1;
    targets[index] = wanted(row) - (sums.get(row.source) ?? 0) / count;
    weights[index] = Math.sqrt(2000 / count);
  }
  return { targets, weights };
};

/** The rows as numbers, for one choice of training rows: pieces by rarity at length one, then the general part. */
const matrixOf = (corpus: Corpus, rarities: Float64Array, general: Float64Array): SparseRows => {
  const { rows, starts, columns } = corpus;
  const newStarts = new Int32Array(rows.length + 1);
  const newColumns = new Int32Array(columns.length + rows.length);
  const values = new Float32Array(columns.length + rows.length);
  let at = 0;
  for (let row = 0; row < rows.length; row += 1) {
    const first = at;
    let mass = 0;
    for (let from = starts[row] ?? 0; from < (starts[row + 1] ?? 0); from += 1) {
      const column = columns[from] ?? 0;
      const rarity = rarities[column] ?? 0;
      if (rarity === 0) continue;
      newColumns[at] = column;
      values[at] = rarity;
      mass += rarity * rarity;
      at += 1;
    }
    const scale = mass > 0 ? 1 / Math.sqrt(mass) : 0;
    for (let index = first; index < at; index += 1) values[index] = (values[index] ?? 0) * scale;
    newColumns[at] = places;
    values[at] = general[row] ?? 0;
    at += 1;
    newStarts[row + 1] = at;
  }
  return { starts: newStarts, columns: newColumns, values, width: places + 1 };
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const quantised = (
  values: Float64Array,
  most: number,
): { readonly bytes: Uint8Array; readonly step: number } => {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const step = Number((largest / most || 1).toPrecision(9));
  return { bytes: Uint8Array.from(values, (value) => Math.round(value / step) & 255), step };
};

/** Scores of the rows at equal steps, every source counting the same. */
const scoreSteps = (
  rows: readonly Row[],
  chosen: readonly number[],
  scores: Float64Array,
): readonly number[] => {
  const counts = sourceCounts(rows, chosen);
  const weighted = chosen
    .map((index) => ({ score: scores[index] ?? 0, weight: 1 / (counts.get(rows[index]?.source ?? '') ?? 1) }))
    .sort((left, right) => left.score - right.score);
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  const table: number[] = [];
  let passed = 0;
  let at = 0;
  for (let step = 0; step <= settings.scoreSteps; step += 1) {
    while (at < weighted.length - 1 && passed < (total * step) / settings.scoreSteps) {
      passed += weighted[at]?.weight ?? 0;
      at += 1;
    }
    table.push(Number((weighted[at]?.score ?? 0).toPrecision(6)));
  }
  return table.map((value, index) => Math.max(value, table[index - 1] ?? value));
};

/** Learns from the chosen rows; `scores` are ready to be replaced by those of rows that were not learned from. */
export const fitModel = (corpus: Corpus, chosen: readonly number[], origin: ModelOrigin): ModelFile => {
  const { rows } = corpus;
  const ranks = {
    words: steps(corpus.words, chosen, settings.rankSteps),
    repetition: steps(corpus.repetition, chosen, settings.rankSteps),
    sentence: steps(corpus.sentence, chosen, settings.rankSteps),
  };
  const general = Float64Array.from(rows, ({ prompt }) => generalPart(readText(prompt), ranks));
  const mean = chosen.reduce((sum, index) => sum + (general[index] ?? 0), 0) / chosen.length;
  const rarities = raritiesOf(corpus, chosen);
  const { targets, weights } = targetsOf(rows, chosen);
  const penalties = new Float64Array(places + 1).fill(settings.penalty);
  penalties[places] = 1;
  const matrix = matrixOf(
    corpus,
    rarities,
    general.map((value) => value - mean),
  );
  const solution = ridge({ rows: matrix, chosen, targets, weights, penalties });
  const weightBytes = quantised(solution.slice(0, places), 127);
  const rarityBytes = quantised(rarities, 255);
  const file: ModelFile = {
    format: 'pointsman-complexity',
    version: 1,
    origin,
    ranks,
    general: Math.max(0.01, Number(((solution[places] ?? 0) + settings.extraGeneral).toPrecision(6))),
    steps: { weight: weightBytes.step, rarity: rarityBytes.step },
    scores: [0, 1],
    weights: base64(weightBytes.bytes),
    rarities: base64(rarityBytes.bytes),
  };
  const model = complexityModel(file);
  const scores = Float64Array.from(rows, ({ prompt }) => rawScore(prompt, model).value);
  return withScores(file, corpus, chosen, scores);
};

/** The model with its scores calibrated by those given, one for each row. */
export const withScores = (
  file: ModelFile,
  { rows }: Corpus,
  chosen: readonly number[],
  scores: Float64Array,
): ModelFile => ({ ...file, scores: scoreSteps(rows, chosen, scores) });

/** Scores of the test rows of one fit. */
export const scoreRows = (
  corpus: Corpus,
  test: readonly number[],
  model: ComplexityModel,
  into: Float64Array,
): void => {
  for (const index of test) into[index] = rawScore(corpus.rows[index]?.prompt ?? '', model).value;
};
