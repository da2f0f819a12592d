/**
 * The last resort: where every host of a model rests, one request a second tries the one that would be back first.
 * This instead of ignoring health below some share of healthy hosts, which sends long prompts to dead ones. Imports spec.
 */

import type { Millis } from '../spec/vocabulary.ts';
import { admits, isResting, reopensAt } from './breaker.ts';
import type { Ask, Candidate } from './candidate.ts';
import { ruledOut } from './filters/healthy.ts';

/** What is kept per model. */
export interface LastResort {
  readonly triedAt: Millis | undefined;
}

/** No trial was made for the model. */
export const noTrials: LastResort = { triedAt: undefined };

const betweenTrialsMs = 1_000;

const isProbed = ({ pair: { breaker } }: Candidate): boolean =>
  isResting(breaker) && (breaker.probe !== undefined || breaker.elsewhere === true);

/** Of several instances the first in rank for a pair tries it: the others could not see in time that one does. */
const isOthers = ({ pair: { breaker } }: Candidate, instances: number): boolean =>
  instances > 1 && isResting(breaker) && breaker.staggerMs !== 0;

/**
 * The one candidate a request may be tried on although its breaker is open, and what to keep of that; undefined while
 * another way is left or a trial was made within the second. A host that is down is asked by its own checks instead.
 * The candidates must have passed every filter but health: a trial is no way around a zone. Several instances share the
 * second between them, and each pair is tried by one.
 */
export const lastResort = (
  state: LastResort,
  ask: Ask,
  candidates: readonly Candidate[],
  now: Millis,
  instances = 1,
): { readonly candidate: Candidate; readonly state: LastResort } | undefined => {
  if (state.triedAt !== undefined && now - state.triedAt < betweenTrialsMs * instances) return undefined;
  let first: Candidate | undefined;
  for (const candidate of candidates) {
    if (ruledOut(ask, candidate, now) !== undefined) continue;
    const { breaker, busyUntil } = candidate.pair;
    if (admits(breaker, now) !== 'no') return undefined;
    if (busyUntil > now || isProbed(candidate) || isOthers(candidate, instances)) continue;
    if (candidate.inflight >= candidate.slots) continue;
    if (first === undefined || reopensAt(breaker) < reopensAt(first.pair.breaker)) first = candidate;
  }
  return first && { candidate: first, state: { triedAt: now } };
};
