/**
 * What was said of answers, counted apart by how complex the requests were and by whether the strongest tier answered.
 * Pure; imports this folder.
 */

import type { FeedbackEntry } from './feedback.ts';

/** Complexity is cut into so many steps. */
export const stepCount = 10;

/** What answers were worth in sum, and how many were judged. */
export interface Tally {
  readonly sum: number;
  readonly count: number;
}

/** Of one tier: in each step of complexity, and in all of them. */
export interface TierTallies {
  readonly steps: readonly Tally[];
  readonly all: Tally;
}

/** All tiers but the strongest are one. */
export interface Judgements {
  readonly weak: TierTallies;
  readonly strong: TierTallies;
}

/** What answers are taken to be worth where none of such a tier was judged. */
export interface Assumed {
  readonly weak: number;
  readonly strong: number;
  /** So many judgements the general opinion counts in every step. */
  readonly priorWeight: number;
}

interface Counting {
  sum: number;
  count: number;
}

const nothing = (): Counting => ({ sum: 0, count: 0 });

const nothingInAny = () => ({ steps: Array.from({ length: stepCount }, nothing), all: nothing() });

/** In which step of complexity a request stands. */
export const stepOf = ({ complexity }: FeedbackEntry): number =>
  Math.min(stepCount - 1, Math.max(0, Math.floor(complexity * stepCount)));

/** Whether the strongest tier answered. */
export const isStrong = ({ tier, tiers }: FeedbackEntry): boolean => tier >= tiers - 1;

/** What was said of the answer, in 0..1. */
export const worthOf = ({ score }: FeedbackEntry): number => Math.min(1, Math.max(0, score));

/** Counts all of them. */
export const judgementsOf = (entries: readonly FeedbackEntry[]): Judgements => {
  const weak = nothingInAny();
  const strong = nothingInAny();
  for (const entry of entries) {
    const { steps, all } = isStrong(entry) ? strong : weak;
    for (const tally of [steps[stepOf(entry)], all]) {
      if (tally === undefined) continue;
      tally.sum += worthOf(entry);
      tally.count += 1;
    }
  }
  return { weak, strong };
};

/** Mean worth of what was judged; undefined where nothing was. */
export const meanOf = (tally: Tally | undefined): number | undefined =>
  tally === undefined || tally.count === 0 ? undefined : tally.sum / tally.count;

/** What answers of either tier are usually worth in a step: few judgements there leave it near what all of them say. */
export const usualWorth = ({ weak, strong }: Judgements, { priorWeight, ...assumed }: Assumed) => {
  const weakMean = meanOf(weak.all) ?? assumed.weak;
  const strongMean = meanOf(strong.all) ?? Math.max(weakMean, assumed.strong);
  const at = ({ steps }: TierTallies, step: number, mean: number): number => {
    const { sum, count } = steps[step] ?? nothing();
    return (sum + mean * priorWeight) / (count + priorWeight);
  };
  return {
    weak: (step: number): number => at(weak, step, weakMean),
    strong: (step: number): number => at(strong, step, strongMean),
  };
};
