/** Scorer: the host is where the caller is. */

import type { Scorer } from '../policy.ts';

/** 1 in the caller's region, one half where a host has no label, 0 elsewhere; equal where the caller has no region. */
export const region: Scorer = (ask, candidates) =>
  candidates.map((candidate) => {
    if (ask.region === undefined || candidate.region === undefined) return 0.5;
    return candidate.region === ask.region ? 1 : 0;
  });
