/** Filter: an answer can begin before it is of no use. */

import { expectedFinish } from '../estimate.ts';
import type { Filter, Reason } from '../policy.ts';

const late: Reason = { kind: 'unavailable', text: 'no answer could begin there before the deadline' };

/** An estimate may be wrong by this much before a host is given up for it. */
const tolerance = 0.5;

/** What cannot begin in time is not started. Assumed speeds rule nobody out, only a time that has passed does. */
export const inTime: Filter = (ask, candidate, { now }) => {
  const { deadlineAt } = ask;
  if (deadlineAt === undefined) return true;
  if (deadlineAt <= now) return late;
  if (candidate.rates.samples === 0) return true;
  return now + tolerance * expectedFinish(ask, candidate, now).firstTokenMs <= deadlineAt || late;
};
