/**
 * Health as reducers over data: what an outcome does to a host, and to a pair with its breaker, pin and flags.
 * The time and the dice are arguments. Imports spec.
 */

import type { BreakerSettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import {
  type BreakerFailure,
  closedBreaker,
  isResting,
  onCancel,
  onFailure,
  onStart,
  onSuccess,
  reopensAt,
} from './breaker.ts';
import type { HostHealth, PairHealth } from './candidate.ts';
import { type PinFacts, pinAfterOom, pinAfterSuccess, pressureAfterOom } from './pins.ts';

/** Nothing has been heard of the host. */
export const unknownHost: HostHealth = { state: 'unknown', failures: 0 };

/** Nothing has been heard of the pair, or only good. */
export const healthyPair: PairHealth = {
  breaker: closedBreaker,
  pin: undefined,
  absentUntil: 0,
  busyUntil: 0,
  limited: 0,
  refusedUntil: 0,
};

/** Two in a row: one lost connection happens to every host, and a request that meets it fails over anyway. */
const hostFailuresUntilDown = 2;

/** Lost connections further apart than this are not in a row; checks always are, as they come on their own beat. */
const inRowMs = 10_000;

/** How long a model that an engine denied having is not asked for there, unless its listing says otherwise. */
const absentMs = 60_000;

/** A refused key stays refused until somebody changes it; asking once a minute notices that. */
const refusedMs = 60_000;

/** A limit that names no time: 2^k s, at most a minute. */
const firstLimitMs = 1_000;
const maxLimitMs = 60_000;

/** What a limit may ask for: less would be asked again at once, more would outlive the reason. */
const minRetryAfterMs = 1_000;
const maxRetryAfterMs = 300_000;

/** Somebody heard from the host. */
export const hostAnswered = (host: HostHealth): HostHealth =>
  host.state === 'up' && host.failures === 0
    ? host
    : { state: 'up', failures: 0, ...(host.pressure && { pressure: host.pressure }) };

/** A failed check or connection; a host never heard from is down at once, since nothing speaks for it. */
export const hostFailed = (
  host: HostHealth,
  failure: { readonly by: 'check' | 'request'; readonly reason: string },
  now: Millis,
): HostHealth => {
  const { by, reason } = failure;
  const inRow = by === 'check' || now - (host.failedAt ?? now) <= inRowMs;
  const failures = inRow ? host.failures + 1 : 1;
  const down = host.state !== 'up' || failures >= hostFailuresUntilDown;
  return { ...host, state: down ? 'down' : 'up', failures, failedAt: now, reason };
};

/** A model ran out of the host's memory; several of them mean that nothing new should be loaded for a while. */
export const hostOutOfMemory = (host: HostHealth, upstream: string, now: Millis): HostHealth => ({
  ...host,
  pressure: pressureAfterOom(host.pressure, upstream, now),
});

const withBreaker = (pair: PairHealth, breaker: PairHealth['breaker']): PairHealth =>
  breaker === pair.breaker ? pair : { ...pair, breaker };

/** A request goes to the pair; `ticketOf` what is returned belongs to it. */
export const pairStarted = (pair: PairHealth): PairHealth => withBreaker(pair, onStart(pair.breaker));

/** What a request that was just started keeps, and gives back with its outcome. */
export const ticketOf = (pair: PairHealth): number => pair.breaker.epoch;

/** A failure that says something about the pair. */
export const pairFailed = (
  pair: PairHealth,
  failure: BreakerFailure,
  settings: BreakerSettings,
  now: Millis,
  random: number,
): PairHealth => withBreaker(pair, onFailure(pair.breaker, failure, settings, now, random));

/** A request gave content: the model is there, fits, and its limits are not met. */
export const pairSucceeded = (
  pair: PairHealth,
  success: { readonly ticket: number; readonly contextTokens?: number | undefined },
  now: Millis,
): PairHealth => ({
  breaker: onSuccess(pair.breaker, success.ticket, now),
  pin: pair.pin && pinAfterSuccess(pair.pin, success.contextTokens, now),
  absentUntil: 0,
  // Said of the engine's free places by another request; one that was running before knows nothing of it.
  busyUntil: pair.busyUntil,
  limited: now < pair.busyUntil ? (pair.limited ?? 0) : 0,
  refusedUntil: 0,
});

/** A request ended without saying anything of the pair, or only what a flag says: its place as a probe is free. */
export const pairCanceled = (pair: PairHealth, ticket: number): PairHealth =>
  withBreaker(pair, onCancel(pair.breaker, ticket));

/** The engine has no such model. */
export const pairAbsent = (pair: PairHealth, now: Millis): PairHealth => ({
  ...pair,
  absentUntil: now + absentMs,
});

/** The engine has no free place: U(0.5, 1.5) s, so that those who wait do not come back together. */
export const pairBusy = (pair: PairHealth, now: Millis, random: number): PairHealth => ({
  ...pair,
  busyUntil: Math.max(pair.busyUntil, now + 500 + 1000 * random),
});

/** The engine set a limit: as long as it says, within 1 and 300 s, else 1 s and twice as long each time, at most 60 s. */
export const pairLimited = (pair: PairHealth, retryAfterMs: Millis | undefined, now: Millis): PairHealth => {
  const met = pair.limited ?? 0;
  // Several that ran when the limit was met are one meeting with it.
  const limited = retryAfterMs === undefined && now >= pair.busyUntil ? met + 1 : met;
  const waitMs =
    retryAfterMs === undefined
      ? Math.min(maxLimitMs, firstLimitMs * 2 ** Math.max(0, limited - 1))
      : Math.min(maxRetryAfterMs, Math.max(minRetryAfterMs, retryAfterMs));
  return { ...pair, limited, busyUntil: Math.max(pair.busyUntil, now + waitMs) };
};

/** The engine refuses the configured credentials, which says nothing of its health. */
export const pairRefused = (pair: PairHealth, now: Millis): PairHealth => ({
  ...pair,
  refusedUntil: now + refusedMs,
});

/** The model did not fit into the host's memory. */
export const pairPinned = (pair: PairHealth, facts: PinFacts, now: Millis): PairHealth => {
  const pin = pinAfterOom(pair.pin, facts, now);
  return pin === pair.pin ? pair : { ...pair, pin };
};

/** Somebody said so, or the engine, the model's digest or its options are not what they were when it did not fit. */
export const pairReleased = (pair: PairHealth): PairHealth =>
  pair.pin === undefined ? pair : { ...pair, pin: undefined };

/** Whether a request that was bound to the pair and not sent at once may still be sent, after what others met since. */
export const maySend = (host: HostHealth, pair: PairHealth, ticket: number, now: Millis): boolean => {
  if (host.state === 'down') return false;
  if (Math.max(pair.absentUntil, pair.busyUntil, pair.refusedUntil ?? 0) > now) return false;
  const { breaker } = pair;
  // A trial that waited may have been overtaken by another instance's, which set the pair aside meanwhile.
  return !isResting(breaker) || (breaker.state === 'half-open' && breaker.probe === ticket);
};

/** When this pair may be asked again, for an honest `Retry-After`; `now` when it may be asked already. */
export const eligibleAt = (pair: PairHealth, now: Millis): Millis =>
  Math.max(
    now,
    reopensAt(pair.breaker),
    pair.absentUntil,
    pair.busyUntil,
    pair.refusedUntil ?? 0,
    pair.keyless?.until ?? 0,
    pair.pin?.until ?? 0,
  );
