/**
 * What a strong model would have gained on a judged request, from judgements of both tiers: of each request only one
 * answer was judged, so the other is estimated from requests of like complexity. Pure; imports this folder.
 */

import type { FeedbackEntry } from './feedback.ts';
import { type Assumed, isStrong, judgementsOf, stepOf, usualWorth, worthOf } from './judgements.ts';

/** An estimate, and how much it counts, in 0..1. */
export interface EstimatedGain {
  readonly gain: number;
  readonly weight: number;
}

const assumed: Assumed = { weak: 0.7, strong: 0.9, priorWeight: 4 };

/**
 * Learns what answers of both tiers are usually worth from some entries; gives the estimate for others. A good answer of
 * the strong tier tells of a gain only as far as the weak tier was judged on such requests.
 */
export const gainEstimator = (
  entries: readonly FeedbackEntry[],
): ((entry: FeedbackEntry) => EstimatedGain) => {
  const judgements = judgementsOf(entries);
  const usual = usualWorth(judgements, assumed);
  return (entry) => {
    const step = stepOf(entry);
    if (!isStrong(entry)) return { gain: usual.strong(step) - worthOf(entry), weight: 1 };
    const judged = judgements.weak.steps[step]?.count ?? 0;
    return {
      gain: worthOf(entry) - usual.weak(step),
      weight: judged / (judged + assumed.priorWeight),
    };
  };
};
