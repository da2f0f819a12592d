/** A model whose ranks are those of one's own prompts in place of those it was learned from. Pure; imports this folder. */

import type { ModelFile } from './model.ts';

/** Fewer prompts say nothing of the usual. */
export const leastPrompts = 100;

const steps = 100;

/** The score that has this rank in a table. */
const scoreAt = (scores: readonly number[], rank: number): number => {
  const place = Math.min(1, Math.max(0, rank)) * (scores.length - 1);
  const low = Math.floor(place);
  const from = scores[low] ?? 0;
  return from + ((scores[low + 1] ?? from) - from) * (place - low);
};

/** What has each rank among these values, at equal steps, lowest first. */
export const rankTable = (values: readonly number[]): readonly number[] => {
  const sorted = [...values].sort((left, right) => left - right);
  const table: number[] = [];
  for (let step = 0; step <= steps; step += 1) {
    const value = Number((sorted[Math.round((step * (sorted.length - 1)) / steps)] ?? 0).toPrecision(6));
    table.push(Math.max(value, table.at(-1) ?? value));
  }
  return table;
};

/**
 * From the complexities that the model gave to own prompts: afterwards 0.7 is what three in ten of them reach. What
 * was learned of pieces and of the general part stays.
 */
export const recalibrated = (file: ModelFile, complexities: readonly number[]): ModelFile => {
  const scores = rankTable(complexities.map((complexity) => scoreAt(file.scores, complexity)));
  const data = [...file.origin.data, `ranks: ${complexities.length} prompts of own traffic`];
  return { ...file, origin: { ...file.origin, data }, scores };
};

/** The rank that a complexity had before, among own prompts. */
export const ownRank = (complexities: readonly number[], complexity: number): number =>
  complexities.length === 0
    ? complexity
    : complexities.filter((each) => each < complexity).length / complexities.length;
