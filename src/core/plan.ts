/**
 * The one planner: from what is asked and what is known to an order of attempts and a reason for every candidate.
 * Pure: the time is `snapshot.now`, chance is the seed. Imports spec.
 */

import type { Ask, Candidate, Snapshot } from './candidate.ts';
import { hasCapability } from './filters/has-capability.ts';
import { healthy } from './filters/healthy.ts';
import { servesOperation } from './filters/serves-operation.ts';
import { untried } from './filters/untried.ts';
import { withinZone } from './filters/within-zone.ts';
import type { Filter, Policy, Reason, Scored } from './policy.ts';
import { seededRandom } from './random.ts';

export interface Rejection {
  readonly candidate: Candidate;
  readonly reason: Reason;
}

/** A decision as a value: printable, and the same for the same arguments. */
export interface Plan {
  /** Eligible and with a free slot, best first. */
  readonly attempts: readonly Scored[];
  /** Eligible but full, best first: worth waiting for. */
  readonly full: readonly Scored[];
  readonly rejected: readonly Rejection[];
  /** One phrase on the first choice, for a header and a log line. */
  readonly why: string;
}

const filters: readonly Filter[] = [withinZone, untried, servesOperation, hasCapability, healthy];

const verdict = (ask: Ask, candidate: Candidate, snapshot: Snapshot): true | Reason => {
  for (let index = 0; index < filters.length; index += 1) {
    const passed = filters[index]?.(ask, candidate, snapshot);
    if (passed !== undefined && passed !== true) return passed;
  }
  return true;
};

const nothing: readonly Scored[] = [];

const scoreAll = (
  ask: Ask,
  candidates: readonly Candidate[],
  snapshot: Snapshot,
  policy: Policy,
): readonly Scored[] => {
  if (candidates.length === 0) return nothing;
  const totals = new Array<number>(candidates.length).fill(0);
  if (candidates.length > 1) {
    for (const { weight, score } of policy.scorers) {
      const scores = score(ask, candidates, snapshot);
      for (let index = 0; index < totals.length; index += 1) {
        totals[index] = (totals[index] ?? 0) + weight * (scores[index] ?? 0);
      }
    }
  }
  return candidates.map((candidate, index) => ({ candidate, score: totals[index] ?? 0 }));
};

const explain = (
  ask: Ask,
  attempts: readonly Scored[],
  full: number,
  rejected: number,
  policy: Policy,
): string => {
  const first = attempts[0]?.candidate;
  if (first === undefined) return full > 0 ? 'waiting for a free slot' : 'no eligible host';
  const warm = first.card.loaded === undefined ? '' : ', warm';
  const only = attempts.length + full + rejected === 1 ? ', only host' : '';
  const failover = ask.tried.length === 0 ? '' : `, failover ${ask.tried.length}`;
  return `${policy.name}, ${first.lane}${warm}${only}${failover}`;
};

/** Filters, scores and orders the candidates of one request; later needs add filters and scorers, never a second planner. */
export const plan = (ask: Ask, snapshot: Snapshot, policy: Policy, seed: number): Plan => {
  const free: Candidate[] = [];
  const busy: Candidate[] = [];
  const rejected: Rejection[] = [];
  for (const candidate of snapshot.candidates) {
    const passed = verdict(ask, candidate, snapshot);
    if (passed !== true) rejected.push({ candidate, reason: passed });
    else if (candidate.inflight < candidate.slots) free.push(candidate);
    else busy.push(candidate);
  }
  const random = seededRandom(seed);
  const attempts = policy.pick(scoreAll(ask, free, snapshot, policy), random, seed);
  const full = policy.pick(scoreAll(ask, busy, snapshot, policy), random, seed);
  return { attempts, full, rejected, why: explain(ask, attempts, full.length, rejected.length, policy) };
};
