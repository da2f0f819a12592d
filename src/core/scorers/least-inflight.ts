/** Scorer: the fewest requests per slot. */

import type { Scorer } from '../policy.ts';

/**
 * Per slot, so that a big host is not mistaken for a busy one. What fails counts as what runs: a host that refuses all
 * requests at once has nothing in flight, and would look like the idlest of them.
 */
export const leastInflight: Scorer = (_ask, candidates) =>
  candidates.map(({ inflight, slots, reliability }) => {
    const load = inflight / Math.max(1, slots) + (1 - Math.min(1, Math.max(0, reliability)));
    return 1 / (1 + load);
  });
