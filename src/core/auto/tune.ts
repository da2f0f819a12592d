/** A threshold for one's own traffic, from what was said of answers. Pure; imports this folder. */

import type { FeedbackEntry } from './feedback.ts';
import { areaUnder, type CurvePoint, gainCurve } from './quality.ts';

/** One step of complexity, and what answers were worth there. */
export interface TunedStep {
  readonly from: number;
  /** Mean worth of answers by weaker tiers and by the strongest, where any were judged. */
  readonly weak: number | undefined;
  readonly strong: number | undefined;
  readonly judged: number;
}

export interface Tuned {
  readonly steps: readonly TunedStep[];
  /** Where the strong model begins to be worth it; undefined where too little was said. */
  readonly threshold: number | undefined;
  /** The share of the judged requests from there on. */
  readonly share: number;
  /** Share sent to the strong model against what of the gain comes back; from the estimates below. */
  readonly curve: readonly CurvePoint[];
  readonly area: number;
  readonly entries: number;
}

const stepCount = 10;

/** So many judgements the general opinion counts in every step. */
const priorWeight = 1;

/** What a strong answer has to be worth more. */
const leastGain = 0.08;

/** Fewer say nothing. */
const leastEntries = 20;

interface Tally {
  sum: number;
  count: number;
}

const empty = (): Tally[] => Array.from({ length: stepCount }, () => ({ sum: 0, count: 0 }));

const mean = ({ sum, count }: Tally, prior: number): number =>
  (sum + prior * priorWeight) / (count + priorWeight);

const total = (tallies: readonly Tally[]): Tally =>
  tallies.reduce((all, { sum, count }) => ({ sum: all.sum + sum, count: all.count + count }), {
    sum: 0,
    count: 0,
  });

const placeOf = ({ complexity }: FeedbackEntry): number =>
  Math.min(stepCount - 1, Math.max(0, Math.floor(complexity * stepCount)));

/** The fewest steps above the threshold lose least: the cut with the greatest sum of gains above it. */
const bestCut = (gains: readonly number[], counts: readonly number[]): number => {
  let best = stepCount;
  let most = 0;
  let sum = 0;
  for (let step = stepCount - 1; step >= 0; step -= 1) {
    sum += ((gains[step] ?? 0) - leastGain) * (counts[step] ?? 0);
    if (sum <= most) continue;
    most = sum;
    best = step;
  }
  return best;
};

/** Reads the entries of one group; changes nothing. */
export const tune = (entries: readonly FeedbackEntry[]): Tuned => {
  const weak = empty();
  const strong = empty();
  for (const entry of entries) {
    const tallies = entry.tier >= entry.tiers - 1 ? strong : weak;
    const tally = tallies[placeOf(entry)];
    if (tally === undefined) continue;
    tally.sum += Math.min(1, Math.max(0, entry.score));
    tally.count += 1;
  }
  const weakAll = total(weak);
  const strongAll = total(strong);
  const prior = (all: Tally, other: number): number => (all.count === 0 ? other : all.sum / all.count);
  const weakMean = prior(weakAll, 0.7);
  const strongMean = prior(strongAll, Math.max(weakMean, 0.8));
  const gains = weak.map(
    (tally, step) => mean(strong[step] ?? { sum: 0, count: 0 }, strongMean) - mean(tally, weakMean),
  );
  const counts = weak.map(({ count }, step) => count + (strong[step]?.count ?? 0));
  const isEnough = entries.length >= leastEntries && weakAll.count > 0;
  const cut = bestCut(gains, counts);
  const judged = counts.reduce((sum, count) => sum + count, 0);
  const above = counts.slice(cut).reduce((sum, count) => sum + count, 0);
  const curve =
    gainCurve(gains.map((gain, step) => ({ score: step, gain, weight: counts[step] ?? 0 }))) ?? [];
  const shown = (tally: Tally | undefined): number | undefined =>
    tally === undefined || tally.count === 0 ? undefined : tally.sum / tally.count;
  return {
    steps: weak.map((tally, step) => ({
      from: step / stepCount,
      weak: shown(tally),
      strong: shown(strong[step]),
      judged: counts[step] ?? 0,
    })),
    threshold: isEnough ? Math.min(1, cut / stepCount) : undefined,
    share: judged === 0 ? 0 : above / judged,
    curve,
    area: curve.length === 0 ? 0.5 : areaUnder(curve),
    entries: entries.length,
  };
};
