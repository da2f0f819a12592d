/** Scorer: the share of requests that ended well of late. */

import type { Scorer } from '../policy.ts';

/** As measured; 1 for who was never seen to fail. */
export const dependable: Scorer = (_ask, candidates) =>
  candidates.map(({ reliability }) => Math.min(1, Math.max(0, reliability)));
