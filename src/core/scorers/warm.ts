/** Scorer: the model is in memory already. */

import type { ResidencyState } from '../candidate.ts';
import type { Scorer } from '../policy.ts';

const scores: Readonly<Record<ResidencyState['state'], number>> = {
  hot: 1,
  loading: 0.6,
  // Most engines that do not tell have one model, and it is there.
  unknown: 0.8,
  cold: 0,
};

/** A cold load costs seconds to minutes; one that runs has been paid for in part. */
export const warm: Scorer = (_ask, candidates) => candidates.map(({ residency }) => scores[residency.state]);
