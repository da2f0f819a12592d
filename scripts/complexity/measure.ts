/** The figures of a scorer on prompts it had not seen, each with its interval. */

import { areaUnder, gainCurve, type JudgedPrompt, shareFor } from '../../src/core/auto/quality.ts';
import { complexityModel } from '../../src/core/complexity/model.ts';
import { seededRandom } from '../../src/core/random.ts';
import { type Corpus, fitModel, scoreRows } from './fit.ts';
import type { Row, Split } from './routing-data.ts';

export interface Measured {
  readonly apgr: number;
  readonly cpt50: number;
  readonly cpt80: number;
  /** Between these lie nineteen in twenty of the samples drawn from the rows. */
  readonly interval: readonly [low: number, high: number];
  readonly prompts: number;
}

/** One number per row of some rows; undefined for others. */
export type Scores = Float64Array;

const judged = (
  rows: readonly Row[],
  scores: Scores,
  isMeant: (row: Row) => boolean,
): readonly JudgedPrompt[] =>
  rows.flatMap((row, index) =>
    isMeant(row) ? [{ score: scores[index] ?? 0, gain: row.gain, weight: 1 }] : [],
  );

const apgrOf = (prompts: readonly JudgedPrompt[]): number => {
  const curve = gainCurve(prompts);
  return curve === undefined ? Number.NaN : areaUnder(curve);
};

/** Measures a scoring of the rows that are meant; `samples` are drawn for the interval. */
export const measure = (
  rows: readonly Row[],
  scores: Scores,
  isMeant: (row: Row) => boolean,
  samples = 200,
): Measured => {
  const prompts = judged(rows, scores, isMeant);
  const curve = gainCurve(prompts);
  const random = seededRandom(1);
  const drawn = Array.from({ length: samples }, () =>
    apgrOf(
      prompts.map(() => prompts[Math.floor(random() * prompts.length)] ?? { score: 0, gain: 0, weight: 0 }),
    ),
  )
    .filter((value) => !Number.isNaN(value))
    .sort((left, right) => left - right);
  const at = (share: number): number => drawn[Math.round(share * (drawn.length - 1))] ?? Number.NaN;
  return {
    apgr: curve === undefined ? Number.NaN : areaUnder(curve),
    cpt50: curve === undefined ? Number.NaN : shareFor(curve, 0.5),
    cpt80: curve === undefined ? Number.NaN : shareFor(curve, 0.8),
    interval: [at(0.025), at(0.975)],
    prompts: prompts.length,
  };
};

/** Scores of every row that some split leaves out, each by a model that did not see it. */
export const scoreSplits = (corpus: Corpus, splits: readonly Split[]): Scores => {
  const scores = new Float64Array(corpus.rows.length);
  for (const { train, test } of splits) {
    const file = fitModel(corpus, train, { data: ['a part of the rows'], seed: 0, figures: {} });
    scoreRows(corpus, test, complexityModel(file), scores);
  }
  return scores;
};

/** The length of each prompt, which every scorer has to beat. */
export const lengthScores = (rows: readonly Row[]): Scores =>
  Float64Array.from(rows, ({ prompt }) => prompt.length);
