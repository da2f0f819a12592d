/** How near a threshold comes to the share it stands for, on prompts that neither fit nor threshold had seen. */

import { complexityModel } from '../../src/core/complexity/model.ts';
import { calibrated } from '../../src/core/complexity/score.ts';
import { type Corpus, fitModel, withScores } from './fit.ts';
import { scoreSplits } from './measure.ts';
import { foldSplits, type Row } from './routing-data.ts';

const shareAbove = (
  rows: readonly Row[],
  scores: Float64Array,
  cut: number,
  isMeant: (row: Row) => boolean,
): number => {
  let above = 0;
  let all = 0;
  for (const [index, row] of rows.entries()) {
    if (!isMeant(row)) continue;
    all += 1;
    if ((scores[index] ?? 0) >= cut) above += 1;
  }
  return above / all;
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Lines of a table: the share of unseen prompts that the threshold of 0.7 sends on, mixed and by source. */
export const calibrationLines = (corpus: Corpus): readonly string[] => {
  const { rows } = corpus;
  const splits = foldSplits(rows);
  const ranks = new Float64Array(rows.length);
  for (const { train, test } of splits) {
    // Folds within the training part, so that the threshold is set by prompts its model had not seen.
    const allowed = new Set(train);
    const inner = splits.map((split) => ({
      ...split,
      train: split.train.filter((index) => allowed.has(index)),
      test: split.test.filter((index) => allowed.has(index)),
    }));
    const some = inner.filter((split) => split.test.length > 0).slice(0, 2);
    const seen = scoreSplits(corpus, some);
    const known = some.flatMap((split) => split.test);
    const file = withScores(
      fitModel(corpus, train, { data: ['rows'], seed: 0, figures: {} }),
      corpus,
      known,
      seen,
    );
    const model = complexityModel(file);
    const scores = scoreSplits(corpus, [{ name: '', train, test }]);
    for (const index of test) ranks[index] = calibrated(scores[index] ?? 0, model);
  }
  const sources = [...new Set(rows.map(({ source }) => source))];
  const shares = sources.map((source) => shareAbove(rows, ranks, 0.7, (row) => row.source === source));
  const mixed = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  // For one kind of prompts alone the threshold is the score of its own prompts at that rank.
  const own = sources.map((source) => {
    let above = 0;
    let all = 0;
    for (const { train, test } of splits) {
      const reference = train
        .filter((index) => rows[index]?.source === source)
        .map((index) => ranks[index] ?? 0);
      const cut = reference.sort((left, right) => left - right)[Math.floor(0.7 * reference.length)] ?? 1;
      const own = test.filter((index) => rows[index]?.source === source);
      all += own.length;
      above += own.filter((index) => (ranks[index] ?? 0) >= cut).length;
    }
    return above / all;
  });
  return [
    'sent on by a threshold for 30 %, unseen prompts',
    `  all sources mixed in equal parts   ${percent(mixed)}`,
    ...sources.map(
      (source, index) =>
        `  ${source.padEnd(33)}  ${percent(shares[index] ?? 0)} by the common threshold, ${percent(own[index] ?? 0)} by one set on its own prompts`,
    ),
  ];
};
