/** Filter: the candidate keeps the limits on latency and reliability that the caller or the configuration set. */

import { expectedFinish } from '../estimate.ts';
import type { Filter, Reason } from '../policy.ts';

const slow: Reason = { kind: 'unavailable', text: 'its first token is expected later than the limit allows' };
const unreliable: Reason = {
  kind: 'unavailable',
  text: 'fewer of its answers end well than the limit allows',
};

/** Limits are kept rather than weighed: a cheap host that misses them is no choice at any price. */
export const withinLimits: Filter = (ask, candidate, { now }) => {
  const { maxFirstTokenMs, minReliability } = ask.limits;
  if (minReliability !== undefined && candidate.reliability < minReliability) return unreliable;
  return (
    maxFirstTokenMs === undefined ||
    expectedFinish(ask, candidate, now).firstTokenMs <= maxFirstTokenMs ||
    slow
  );
};
