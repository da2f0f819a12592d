/** Scorer: a fixed share of the traffic. */

import type { Scorer } from '../policy.ts';

/** By the configured weights, or by slots where none is configured: a host with twice the slots takes twice as much. */
export const share: Scorer = (_ask, candidates) => {
  const weights = candidates.map(({ weight, slots }) => weight ?? slots);
  const highest = Math.max(...weights);
  return weights.map((weight) => (highest > 0 ? weight / highest : 1));
};
