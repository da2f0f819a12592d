/**
 * Weights for one's own traffic, from what was said of answers: the weights in force are where the fit begins, and few
 * judgements move them little. Whether it is any better is told by requests that the fit had not seen. Pure; imports
 * core and this folder.
 */

import { type ComplexityModel, complexityModel, type ModelFile } from '../complexity/model.ts';
import { places } from '../complexity/pieces.ts';
import { leastPrompts } from '../complexity/recalibrate.ts';
import { ridge, type SparseRows } from '../complexity/ridge.ts';
import { type EstimatedGain, gainEstimator } from './estimated-gain.ts';
import type { FeedbackEntry } from './feedback.ts';
import { movedFile } from './moved-file.ts';
import { columnCount, matrixOf, type OwnRow, oneColumn, ownRows, taskColumn } from './own-rows.ts';
import { areaUnder, type CurvePoint, gainCurve } from './quality.ts';

/** What came of it. */
export interface Refit {
  /** `little`: too few judgements can be read; `same`: no better than the weights in force. */
  readonly outcome: 'little' | 'same' | 'better';
  /** Judgements that could be read, and those of them whose text was kept. */
  readonly judged: number;
  readonly withText: number;
  /** The area by the weights in force and by those fitted, on requests that were not fitted to. */
  readonly before: number;
  readonly after: number;
  /** By the fitted weights, on the same. */
  readonly curve: readonly CurvePoint[];
  /** Only where it is better: the weights, and the entries with the complexities that these gave them unseen. */
  readonly file?: ModelFile;
  readonly entries?: readonly FeedbackEntry[];
}

const folds = 5;

/** How far a part may move the scores of usual requests: the noise of a judgement against that, squared. */
const rankPenalty = 3;
const learnedPenalty = 0.1;
const taskPenalty = 9;
const piecePenalty = 20;

/**
 * Fitted weights are taken where chance alone would make them look so good about once in a hundred times. Fits on folds
 * share most of their rows, so standard errors count half as much again.
 */
const leastCertainty = 1.5 * 2.33;

const penalties = (): Float64Array => {
  const all = new Float64Array(columnCount).fill(piecePenalty);
  all.fill(rankPenalty, places, taskColumn);
  all.fill(taskPenalty, taskColumn, oneColumn);
  all[places] = learnedPenalty;
  all[oneColumn] = 0.01;
  return all;
};

interface Fitted {
  /** What each column adds to the score in force. */
  readonly moves: Float64Array;
  readonly estimate: (entry: FeedbackEntry) => EstimatedGain;
}

const fit = (rows: readonly OwnRow[], matrix: SparseRows, chosen: readonly number[]): Fitted => {
  const entries = chosen.map((index) => rows[index]?.entry).filter((entry) => entry !== undefined);
  const estimate = gainEstimator(entries);
  const targets = new Float64Array(rows.length);
  const weights = new Float64Array(rows.length);
  for (const index of chosen) {
    const row = rows[index];
    if (row === undefined) continue;
    const { gain, weight } = estimate(row.entry);
    targets[index] = gain - row.score;
    weights[index] = weight;
  }
  return { estimate, moves: ridge({ rows: matrix, chosen, targets, weights, penalties: penalties() }) };
};

const movedScore = ({ score, columns, values }: OwnRow, moves: Float64Array): number => {
  let sum = score;
  for (const [index, column] of columns.entries()) sum += (moves[column] ?? 0) * (values[index] ?? 0);
  return sum;
};

interface Unseen {
  readonly scores: Float64Array;
  readonly gains: readonly EstimatedGain[];
}

/** Every row by a fit that had seen neither it nor another that says the same. */
const unseenBy = (rows: readonly OwnRow[], matrix: SparseRows): Unseen => {
  const scores = new Float64Array(rows.length);
  const gains: EstimatedGain[] = [];
  const all = [...rows.keys()];
  const foldOf = (index: number): number => (rows[index]?.group ?? 0) % folds;
  for (let fold = 0; fold < folds; fold += 1) {
    const { moves, estimate } = fit(
      rows,
      matrix,
      all.filter((index) => foldOf(index) !== fold),
    );
    for (const index of all) {
      const row = rows[index];
      if (row === undefined || foldOf(index) !== fold) continue;
      scores[index] = movedScore(row, moves);
      gains[index] = estimate(row.entry);
    }
  }
  return { scores, gains };
};

/** The share of the others that have a lower score; those of one score share their places. */
const ranksOf = (scores: ArrayLike<number>): Float64Array => {
  const order = Array.from(scores, (score, index) => ({ score, index })).sort(
    (left, right) => left.score - right.score,
  );
  const ranks = new Float64Array(order.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && order[to + 1]?.score === order[from]?.score) to += 1;
    for (let at = from; at <= to; at += 1) ranks[order[at]?.index ?? 0] = (from + to + 1) / 2 / order.length;
    from = to + 1;
  }
  return ranks;
};

/** By how many standard errors the second ranking puts more of the gain in front. */
const certaintyOf = (gains: readonly EstimatedGain[], before: Float64Array, after: Float64Array): number => {
  const won = gains.map(
    ({ gain, weight }, index) => weight * gain * ((after[index] ?? 0) - (before[index] ?? 0)),
  );
  const mean = won.reduce((sum, each) => sum + each, 0) / won.length;
  const variance = won.reduce((sum, each) => sum + (each - mean) ** 2, 0) / won.length;
  return variance === 0 ? 0 : mean / Math.sqrt(variance / won.length);
};

const curveOf = (gains: readonly EstimatedGain[], ranks: Float64Array): readonly CurvePoint[] =>
  gainCurve(gains.map(({ gain, weight }, index) => ({ score: ranks[index] ?? 0, gain, weight }))) ?? [];

/** Fits the weights of a file, which are those in force, to the entries of one group; changes nothing. */
export const refit = (file: ModelFile, entries: readonly FeedbackEntry[]): Refit => {
  const model: ComplexityModel = complexityModel(file);
  const rows = ownRows(entries, model);
  const judged = rows.length;
  const withText = rows.filter(({ entry }) => entry.prompt !== undefined).length;
  if (judged < leastPrompts)
    return { outcome: 'little', judged, withText, before: 0.5, after: 0.5, curve: [] };
  const matrix = matrixOf(rows);
  const { scores, gains } = unseenBy(rows, matrix);
  const ranks = ranksOf(scores);
  const ranksBefore = ranksOf(rows.map(({ score }) => score));
  const curve = curveOf(gains, ranks);
  const curveBefore = curveOf(gains, ranksBefore);
  const found = {
    judged,
    withText,
    before: curveBefore.length === 0 ? 0.5 : areaUnder(curveBefore),
    after: curve.length === 0 ? 0.5 : areaUnder(curve),
    curve,
  };
  const isBetter = curve.length > 0 && certaintyOf(gains, ranksBefore, ranks) > leastCertainty;
  if (!isBetter) return { outcome: 'same', ...found };
  const { moves } = fit(rows, matrix, [...rows.keys()]);
  const values = scores.map((score) => score - (moves[oneColumn] ?? 0));
  return {
    outcome: 'better',
    ...found,
    file: movedFile(file, moves, values, found),
    entries: rows.map(({ entry }, index) => ({ ...entry, complexity: ranks[index] ?? 0 })),
  };
};
