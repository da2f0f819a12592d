/** Scorer: the measured round trip. */

import type { Scorer } from '../policy.ts';

/** Where the score is one half; also what a host is taken to be that was not measured yet. */
const halfMs = 50;

/** 1 / (1 + round trip / 50 ms): hosts in a house differ little, continents a lot. */
export const near: Scorer = (_ask, candidates) =>
  candidates.map(({ roundTripMs }) => halfMs / (halfMs + Math.max(0, roundTripMs ?? halfMs)));
