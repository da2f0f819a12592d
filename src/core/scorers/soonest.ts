/** Scorer: ends soonest, all things weighed. Imports this folder's estimate. */

import { expectedFinish } from '../estimate.ts';
import type { Scorer } from '../policy.ts';

/** Where the score is one half. */
const halfMs = 10_000;

/** 1 / (1 + expected finish / 10 s): strictly falling, so that a faster host is never behind a slower one. */
export const soonest: Scorer = (ask, candidates, { now }) =>
  candidates.map((candidate) => halfMs / (halfMs + expectedFinish(ask, candidate, now).weighedMs));
