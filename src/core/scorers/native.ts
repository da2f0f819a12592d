/** Scorer: the host speaks the caller's dialect, so nothing is translated. */

import type { Scorer } from '../policy.ts';

/** Breaks ties towards the route that cannot lose a field. */
export const native: Scorer = (ask, candidates) =>
  candidates.map((candidate) => (candidate.speaks.includes(ask.protocol) ? 1 : 0));
