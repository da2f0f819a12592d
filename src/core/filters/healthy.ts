/** Filter: the host answers and the pair's breaker lets a request through. Imports spec. */

import type { Filter, Reason } from '../policy.ts';

const seconds = (durationMs: number): string => `${Math.max(1, Math.ceil(durationMs / 1000))} s`;

const unavailable = (text: string): Reason => ({ kind: 'unavailable', text });

/** An unknown host passes: it is asked rather than held to be dead. */
export const healthy: Filter = (_ask, candidate, { now }) => {
  const { host, pair } = candidate;
  if (host.state === 'down') return unavailable(`down: ${host.reason ?? 'no answer'}`);
  if (pair.absentUntil > now) return unavailable('the model is not there any more');
  if (pair.busyUntil > now) return unavailable(`busy for ${seconds(pair.busyUntil - now)}`);
  if (pair.openUntil > now) {
    const after = `after ${pair.failures} failures: ${pair.reason ?? 'errors'}`;
    return unavailable(`set aside for ${seconds(pair.openUntil - now)} ${after}`);
  }
  return true;
};
