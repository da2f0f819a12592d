/** Judged requests as rows of numbers, from which weights are fitted anew. Pure; imports spec, core and this folder. */

import { taskTypes } from '../../spec/analysis.ts';
import { type Parts, partNames } from '../complexity/blend.ts';
import { readingName } from '../complexity/complexity.ts';
import type { ComplexityModel } from '../complexity/model.ts';
import { places } from '../complexity/pieces.ts';
import { readText } from '../complexity/reading.ts';
import type { SparseRows } from '../complexity/ridge.ts';
import { partsOf, scoreParts } from '../complexity/score.ts';
import { hashText } from '../hash.ts';
import type { FeedbackEntry } from './feedback.ts';

/** Columns: a place for each piece, then the parts, the kinds of work, and one that is 1 everywhere. */
export const partColumn = places;
export const taskColumn = partColumn + partNames.length;
export const oneColumn = taskColumn + taskTypes.length;
export const columnCount = oneColumn + 1;

/** One judged request. */
export interface OwnRow {
  readonly entry: FeedbackEntry;
  /** The score that the weights in force give. */
  readonly score: number;
  readonly columns: readonly number[];
  readonly values: readonly number[];
  /** Equal for requests that say the same, which must not stand on both sides of a split. */
  readonly group: number;
}

/** The pieces that the weights know, as they enter the learned part; none where the text was not kept. */
const piecesOf = (prompt: string, { pieces }: ComplexityModel) => {
  const { found, count, plainShare } = readText(prompt);
  const columns: number[] = [];
  const rarities: number[] = [];
  let mass = 0;
  for (let index = 0; index < count; index += 1) {
    const place = found[index] ?? 0;
    const rarity = (pieces[place] ?? 0) & 255;
    if (rarity === 0) continue;
    columns.push(place);
    rarities.push(rarity);
    mass += rarity * rarity;
  }
  const scale = mass > 0 ? plainShare / Math.sqrt(mass) : 0;
  return { columns, values: rarities.map((rarity) => rarity * scale) };
};

const rowOf = (entry: FeedbackEntry, model: ComplexityModel): OwnRow | undefined => {
  const { prompt, task } = entry;
  const isReadable = prompt !== undefined || entry.weights === readingName(model);
  const parts: Parts | undefined = prompt === undefined ? entry.parts : partsOf(prompt, model);
  if (parts === undefined || !isReadable) return undefined;
  const pieces = prompt === undefined ? { columns: [], values: [] } : piecesOf(prompt, model);
  const kind = taskTypes.indexOf(task);
  return {
    entry,
    score: scoreParts(parts, model, task),
    columns: [
      ...pieces.columns,
      ...partNames.map((_, index) => partColumn + index),
      ...(kind < 0 ? [] : [taskColumn + kind]),
      oneColumn,
    ],
    values: [...pieces.values, ...partNames.map((name) => parts[name]), ...(kind < 0 ? [] : [1]), 1],
    group: hashText(prompt ?? JSON.stringify(parts)),
  };
};

/** The entries that can be read by these weights: with their text, or with parts that these weights took out of it. */
export const ownRows = (entries: readonly FeedbackEntry[], model: ComplexityModel): readonly OwnRow[] =>
  entries.map((entry) => rowOf(entry, model)).filter((row) => row !== undefined);

/** All rows as one matrix. */
export const matrixOf = (rows: readonly OwnRow[]): SparseRows => {
  const starts = new Int32Array(rows.length + 1);
  for (const [index, { columns }] of rows.entries())
    starts[index + 1] = (starts[index] ?? 0) + columns.length;
  const size = starts[rows.length] ?? 0;
  const columns = new Int32Array(size);
  const values = new Float32Array(size);
  for (const [index, row] of rows.entries()) {
    columns.set(row.columns, starts[index] ?? 0);
    values.set(row.values, starts[index] ?? 0);
  }
  return { starts, columns, values, width: columnCount };
};
