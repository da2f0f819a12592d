/** A threshold for one's own traffic, from what was said of answers. Pure; imports this folder. */

import type { FeedbackEntry } from './feedback.ts';
import { type Assumed, judgementsOf, meanOf, stepCount, usualWorth } from './judgements.ts';
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

const assumed: Assumed = { weak: 0.7, strong: 0.8, priorWeight: 1 };

/** What a strong answer has to be worth more. */
const leastGain = 0.08;

/** Fewer say nothing. */
const leastEntries = 20;

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
  const judgements = judgementsOf(entries);
  const { weak, strong } = judgements;
  const usual = usualWorth(judgements, assumed);
  const gains = weak.steps.map((_, step) => usual.strong(step) - usual.weak(step));
  const counts = weak.steps.map(({ count }, step) => count + (strong.steps[step]?.count ?? 0));
  const isEnough = entries.length >= leastEntries && weak.all.count > 0;
  const cut = bestCut(gains, counts);
  const judged = counts.reduce((sum, count) => sum + count, 0);
  const above = counts.slice(cut).reduce((sum, count) => sum + count, 0);
  const curve =
    gainCurve(gains.map((gain, step) => ({ score: step, gain, weight: counts[step] ?? 0 }))) ?? [];
  return {
    steps: weak.steps.map((tally, step) => ({
      from: step / stepCount,
      weak: meanOf(tally),
      strong: meanOf(strong.steps[step]),
      judged: counts[step] ?? 0,
    })),
    threshold: isEnough ? Math.min(1, cut / stepCount) : undefined,
    share: judged === 0 ? 0 : above / judged,
    curve,
    area: curve.length === 0 ? 0.5 : areaUnder(curve),
    entries: entries.length,
  };
};
