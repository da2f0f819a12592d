/** Filter: the mode of operation allows the backend. */

import type { Candidate } from '../candidate.ts';
import type { Filter, Reason } from '../policy.ts';
import { laneRank } from '../tiers.ts';

const single: Reason = { kind: 'forbidden', text: 'only the first backend is used in mode single' };
const isolated: Reason = { kind: 'forbidden', text: 'the primary lane is isolated in mode fallback_only' };

const goesBefore = (left: Candidate, right: Candidate): boolean =>
  left.priority !== right.priority
    ? left.priority < right.priority
    : laneRank('fast', left.lane) < laneRank('fast', right.lane);

const firstOf = (candidates: readonly Candidate[]): Candidate | undefined => {
  let first: Candidate | undefined;
  for (const candidate of candidates) {
    if (first === undefined || goesBefore(candidate, first)) first = candidate;
  }
  return first;
};

/** The lane of the first backend, or, where all share one lane, the backends of the first priority. */
const isPrimary = (candidate: Candidate, first: Candidate, candidates: readonly Candidate[]): boolean =>
  candidates.some(({ lane }) => lane !== first.lane)
    ? candidate.lane === first.lane
    : candidate.priority === first.priority;

/**
 * `single` leaves only the backend of the lowest priority number, the better lane and the earlier place in the
 * configuration, whether it is up or not; `fallback_only` is the emergency switch that takes the lane of that backend
 * out. Both go by configuration alone, so that nothing a host does changes what they mean.
 */
export const withinMode: Filter = ({ mode }, candidate, { candidates }) => {
  if (mode !== 'single' && mode !== 'fallback_only') return true;
  const first = firstOf(candidates);
  if (first === undefined) return true;
  if (mode === 'single') return candidate.backend === first.backend || single;
  return !isPrimary(candidate, first, candidates) || isolated;
};
