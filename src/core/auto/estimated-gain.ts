/**
 * What a strong model would have gained on a judged request, from judgements of both tiers: of each request only one
 * answer was judged, so the other is estimated from requests of like complexity. Pure; imports this folder.
 */

import type { FeedbackEntry } from './feedback.ts';

/** An estimate, and how much it counts, in 0..1. */
export interface EstimatedGain {
  readonly gain: number;
  readonly weight: number;
}

const stepCount = 10;

/** So many judgements the general opinion counts in every step. */
const priorWeight = 4;

/** What strong answers are taken to be worth where none was judged, and weak ones. */
const assumedStrong = 0.9;
const assumedWeak = 0.7;

interface Tally {
  sum: number;
  count: number;
}

const tally = (): Tally => ({ sum: 0, count: 0 });

const stepOf = ({ complexity }: FeedbackEntry): number =>
  Math.min(stepCount - 1, Math.max(0, Math.floor(complexity * stepCount)));

/** Whether the strongest tier answered. */
export const isStrong = ({ tier, tiers }: FeedbackEntry): boolean => tier >= tiers - 1;

/** What was said of the answer, in 0..1. */
export const worthOf = ({ score }: FeedbackEntry): number => Math.min(1, Math.max(0, score));

/**
 * Learns what answers of both tiers are usually worth from some entries; gives the estimate for others. A good answer of
 * the strong tier tells of a gain only as far as the weak tier was judged on such requests.
 */
export const gainEstimator = (
  entries: readonly FeedbackEntry[],
): ((entry: FeedbackEntry) => EstimatedGain) => {
  const weak = Array.from({ length: stepCount }, tally);
  const strong = Array.from({ length: stepCount }, tally);
  const weakAll = tally();
  const strongAll = tally();
  for (const entry of entries) {
    const own = (isStrong(entry) ? strong : weak)[stepOf(entry)];
    for (const each of [own, isStrong(entry) ? strongAll : weakAll]) {
      if (each === undefined) continue;
      each.sum += worthOf(entry);
      each.count += 1;
    }
  }
  const weakMean = weakAll.count === 0 ? assumedWeak : weakAll.sum / weakAll.count;
  const strongMean =
    strongAll.count === 0 ? Math.max(weakMean, assumedStrong) : strongAll.sum / strongAll.count;
  const usual = (all: readonly Tally[], step: number, mean: number): number => {
    const { sum, count } = all[step] ?? tally();
    return (sum + mean * priorWeight) / (count + priorWeight);
  };
  return (entry) => {
    const step = stepOf(entry);
    if (!isStrong(entry)) return { gain: usual(strong, step, strongMean) - worthOf(entry), weight: 1 };
    const judged = weak[step]?.count ?? 0;
    return {
      gain: worthOf(entry) - usual(weak, step, weakMean),
      weight: judged / (judged + priorWeight),
    };
  };
};
