/**
 * The one planner: from what is asked and what is known to an order of attempts and a reason for every candidate.
 * Pure: the time is `snapshot.now`, chance is the seed. Imports spec.
 */

import { slotCap } from './breaker.ts';
import type { Ask, Candidate, Snapshot } from './candidate.ts';
import { hasCapability } from './filters/has-capability.ts';
import { healthy } from './filters/healthy.ts';
import { inTime } from './filters/in-time.ts';
import { servesOperation } from './filters/serves-operation.ts';
import { untried } from './filters/untried.ts';
import { withinMode } from './filters/within-mode.ts';
import { withinZone } from './filters/within-zone.ts';
import { carriesRequest, tiersFor } from './losses.ts';
import type { Chance, Filter, Policy, Reason, Scored, Tier } from './policy.ts';
import { seededRandom } from './random.ts';

export interface Rejection {
  readonly candidate: Candidate;
  readonly reason: Reason;
}

/** A decision as a value: the same for the same arguments. */
export interface Plan {
  /** Eligible and with a free slot, best first. */
  readonly attempts: readonly Scored[];
  /** Eligible but full, best first: worth waiting for. */
  readonly full: readonly Scored[];
  readonly rejected: readonly Rejection[];
  /** The policy that decided, which under a policy that chooses is the chosen one. */
  readonly policy: Policy;
  /** One phrase on the first choice, for a header and a log line. */
  readonly why: string;
}

/** What holds under every policy. The zone stands first: its reason is the one that never changes. */
const commonFilters: readonly Filter[] = [
  withinZone,
  withinMode,
  untried,
  servesOperation,
  hasCapability,
  carriesRequest,
  healthy,
  inTime,
];

const filtersButHealth = commonFilters.filter((filter) => filter !== healthy);

const verdict = (
  filters: readonly Filter[],
  ask: Ask,
  candidate: Candidate,
  snapshot: Snapshot,
): true | Reason => {
  for (let index = 0; index < filters.length; index += 1) {
    const passed = filters[index]?.(ask, candidate, snapshot);
    if (passed !== undefined && passed !== true) return passed;
  }
  return true;
};

/**
 * Who may be tried when all hosts rest: candidates that every filter lets pass but the one on health, the policy's own
 * among them. What `lastResort` chooses from.
 */
export const passingButHealth = (ask: Ask, snapshot: Snapshot, policy: Policy): readonly Candidate[] => {
  const passingAll = (filters: readonly Filter[], candidates: readonly Candidate[]): readonly Candidate[] =>
    candidates.filter((candidate) => verdict(filters, ask, candidate, snapshot) === true);
  const common = passingAll(filtersButHealth, snapshot.candidates);
  const decisive = policy.choose?.(ask, common, snapshot).policy ?? policy;
  return passingAll(decisive.filters, common);
};

/** Moves on what passes and notes why the rest does not. */
const passing = (
  filters: readonly Filter[],
  ask: Ask,
  candidates: readonly Candidate[],
  snapshot: Snapshot,
  rejected: Rejection[],
): readonly Candidate[] => {
  if (filters.length === 0) return candidates;
  // No list is made while all of them pass, as they mostly do.
  let passed: Candidate[] | undefined;
  for (let index = 0; index < candidates.length; index += 1) {
    const candidate = candidates[index] as Candidate;
    const reason = verdict(filters, ask, candidate, snapshot);
    if (reason === true) passed?.push(candidate);
    else {
      passed ??= candidates.slice(0, index);
      rejected.push({ candidate, reason });
    }
  }
  return passed ?? candidates;
};

const scoreAll = (
  ask: Ask,
  candidates: readonly Candidate[],
  snapshot: Snapshot,
  { scorers }: Policy,
): Scored[] => {
  if (scorers.length === 0) {
    return candidates.map((candidate) => ({ candidate, score: 1 }));
  }
  const totals = new Array<number>(candidates.length).fill(0);
  let weights = 0;
  for (const { weight, score } of scorers) {
    const scores = score(ask, candidates, snapshot);
    weights += weight;
    for (let index = 0; index < totals.length; index += 1) {
      totals[index] = (totals[index] ?? 0) + weight * (scores[index] ?? 0);
    }
  }
  return candidates.map((candidate, index) => ({ candidate, score: (totals[index] ?? 0) / weights }));
};

interface Ranked {
  readonly scored: Scored;
  readonly ranks: readonly number[];
}

const compareRanks = (left: Ranked, right: Ranked): number => {
  for (let index = 0; index < left.ranks.length; index += 1) {
    const difference = (left.ranks[index] ?? 0) - (right.ranks[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** Cuts into tiers, first tier first. */
const tiered = (tiers: readonly Tier[], ask: Ask, scored: readonly Scored[]): readonly Scored[][] => {
  const ranked = scored.map(
    (each): Ranked => ({ scored: each, ranks: tiers.map(({ rank }) => rank(ask, each.candidate)) }),
  );
  ranked.sort(compareRanks);
  const groups: Scored[][] = [];
  let last: Ranked | undefined;
  for (const each of ranked) {
    if (last === undefined || compareRanks(last, each) !== 0) groups.push([each.scored]);
    else groups.at(-1)?.push(each.scored);
    last = each;
  }
  return groups;
};

const none: readonly Candidate[] = [];
const noneScored: readonly Scored[] = [];

const ordered = (
  ask: Ask,
  candidates: readonly Candidate[],
  snapshot: Snapshot,
  policy: Policy,
  seed: number,
): readonly Scored[] => {
  const [only] = candidates;
  if (only === undefined) return noneScored;
  if (candidates.length === 1) return [{ candidate: only, score: 1 }];
  return compared(ask, candidates, snapshot, policy, seed);
};

const compared = (
  ask: Ask,
  candidates: readonly Candidate[],
  snapshot: Snapshot,
  policy: Policy,
  seed: number,
): readonly Scored[] => {
  const scored = scoreAll(ask, candidates, snapshot, policy);
  const chance: Chance = { random: seededRandom(seed), turn: seed >>> 0 };
  const tiers = tiersFor(ask, policy.tiers);
  if (tiers.length === 0) return policy.pick(scored, chance);
  return tiered(tiers, ask, scored).flatMap((group) => policy.pick(group, chance));
};

/** A pair on its way back is given its slots one by one. */
const hasFreeSlot = (candidate: Candidate, now: number): boolean => {
  const { inflight, pairInflight = inflight, slots, pair } = candidate;
  if (inflight >= slots) return false;
  return pair.breaker.state !== 'ramp' || pairInflight < slotCap(pair.breaker, slots, now);
};

const withFreeSlot = (candidates: readonly Candidate[], now: number): readonly Candidate[] =>
  candidates.filter((candidate) => hasFreeSlot(candidate, now));

const withoutFreeSlot = (candidates: readonly Candidate[], now: number): readonly Candidate[] =>
  candidates.filter((candidate) => !hasFreeSlot(candidate, now));

const stateWords = { hot: ', loaded', loading: ', loading', cold: ', cold', unknown: '' } as const;

const firstWords = (ask: Ask, first: Candidate, considered: number): string => {
  const { lane, residency, prefixHitTokens } = first;
  const held = prefixHitTokens > 0 ? `, ${Math.round(prefixHitTokens)} prompt tokens held` : '';
  const only = considered === 1 ? ', only host' : '';
  const failover = ask.tried.length > 0 ? `, failover ${ask.tried.length}` : '';
  return `, ${lane}${stateWords[residency.state]}${held}${only}${failover}`;
};

const explain = (
  named: string,
  ask: Ask,
  attempts: readonly Scored[],
  full: number,
  rejected: number,
): string => {
  const first = attempts[0]?.candidate;
  if (first === undefined) return full > 0 ? `${named}, waiting for a free slot` : 'no eligible host';
  return named + firstWords(ask, first, attempts.length + full + rejected);
};

/**
 * Filters, scores and orders the candidates of one request; later needs add filters and scorers, never a second planner.
 * Work is not held back: whoever has a free slot is an attempt, however slow. With seeds that count up, policies in
 * turn are in turn.
 */
export const plan = (ask: Ask, snapshot: Snapshot, policy: Policy, seed: number): Plan => {
  const { now } = snapshot;
  const rejected: Rejection[] = [];
  const common = passing(commonFilters, ask, snapshot.candidates, snapshot, rejected);
  const choice = policy.choose?.(ask, common, snapshot);
  const decisive = choice?.policy ?? policy;
  const eligible = passing(decisive.filters, ask, common, snapshot, rejected);
  let freeCount = 0;
  for (const candidate of eligible) if (hasFreeSlot(candidate, now)) freeCount += 1;
  const isMixed = freeCount > 0 && freeCount < eligible.length;
  const free = isMixed ? withFreeSlot(eligible, now) : freeCount > 0 ? eligible : none;
  const busy = isMixed ? withoutFreeSlot(eligible, now) : freeCount > 0 ? none : eligible;
  const attempts = ordered(ask, free, snapshot, decisive, seed);
  const full = ordered(ask, busy, snapshot, decisive, seed);
  const named =
    choice === undefined ? policy.name : `${policy.name}: ${choice.policy.name} (${choice.because})`;
  return {
    attempts,
    full,
    rejected,
    policy: decisive,
    why: explain(named, ask, attempts, full.length, rejected.length),
  };
};
