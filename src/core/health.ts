/** Health as reducers over data: what an outcome does to a host and to a pair. The time is an argument. Imports spec. */

import type { BreakerSettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { HostHealth, PairHealth } from './candidate.ts';

export const unknownHost: HostHealth = { state: 'unknown', failures: 0 };

export const closedPair: PairHealth = {
  failures: 0,
  openUntil: 0,
  openings: 0,
  absentUntil: 0,
  busyUntil: 0,
};

/** Two in a row: one lost connection happens to every host, and a request that meets it fails over anyway. */
const hostFailuresUntilDown = 2;

/** How long a model that an engine denied having is not asked for there, unless its listing says otherwise. */
const absentMs = 60_000;

/** How long a host that called itself busy is left alone; it gave no time of its own. */
const busyMs = 1_000;

export const hostAnswered = (host: HostHealth): HostHealth =>
  host.state === 'up' && host.failures === 0 ? host : { state: 'up', failures: 0 };

/** A failed probe or connection; a host never heard from is down at once, since nothing speaks for it. */
export const hostFailed = (host: HostHealth, reason: string): HostHealth => {
  const failures = host.failures + 1;
  const down = host.state !== 'up' || failures >= hostFailuresUntilDown;
  return { state: down ? 'down' : 'up', failures, reason };
};

export const pairSucceeded = (pair: PairHealth): PairHealth => (pair === closedPair ? pair : closedPair);

/**
 * Counts a failure; from `failures` in a row the pair opens for `openMs · 2^(openings − 1)`, at most `maxOpenMs`.
 * After that time one request is let through, and its failure opens the pair again at once.
 */
export const pairFailed = (
  pair: PairHealth,
  failure: { readonly weight: number; readonly reason: string },
  settings: BreakerSettings,
  now: Millis,
): PairHealth => {
  const failures = pair.failures + failure.weight;
  if (failures < settings.failures) return { ...pair, failures, reason: failure.reason };
  const openMs = Math.min(settings.maxOpenMs, settings.openMs * 2 ** pair.openings);
  return { ...pair, failures, reason: failure.reason, openUntil: now + openMs, openings: pair.openings + 1 };
};

export const pairAbsent = (pair: PairHealth, now: Millis): PairHealth => ({
  ...pair,
  absentUntil: now + absentMs,
});

export const pairBusy = (pair: PairHealth, now: Millis): PairHealth => ({ ...pair, busyUntil: now + busyMs });

/** When this pair may be asked again, for an honest `Retry-After`; `now` when it may be asked already. */
export const eligibleAt = (pair: PairHealth, now: Millis): Millis =>
  Math.max(now, pair.openUntil, pair.absentUntil, pair.busyUntil);
