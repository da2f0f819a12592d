/** Scorer: how soon the answer is expected to be whole, against the soonest there is. Imports the estimate. */

import { expectedFinish } from '../estimate.ts';
import type { Scorer } from '../policy.ts';
import { hopeful } from './soonest.ts';

/** No answer is sooner than this, so that two that come at once are equal. */
const leastMs = 100;

/** The shortest expected time as a share of each: 1 for the soonest, one half at twice its time. */
export const performance: Scorer = (ask, candidates, { now }) => {
  const times = candidates.map(
    (candidate) => expectedFinish(ask, hopeful(candidate, candidates), now).totalMs + leastMs,
  );
  const shortest = Math.min(...times);
  return times.map((time) => shortest / time);
};
