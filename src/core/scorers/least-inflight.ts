/** Scorer: the share of slots that is free. Imports spec. */

import type { Scorer } from '../policy.ts';

/** Per slot, not per host, so that a big host is not mistaken for a busy one. */
export const leastInflight: Scorer = (_ask, candidates) =>
  candidates.map((candidate) => Math.max(0, 1 - candidate.inflight / Math.max(1, candidate.slots)));
