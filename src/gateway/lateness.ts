/**
 * Looks once a second at what runs: an attempt that is late warns those that come after it, without waiting for its end,
 * and whoever waits in line is asked again where to go. One timer for all, and none while nothing runs. Shell.
 */

import { answerDueMs } from '../core/estimate.ts';
import { overdue } from '../core/rates.ts';
import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Active } from './active.ts';
import type { Lease } from './lease.ts';

const everyMs: Millis = 1_000;

export interface Lateness {
  /** Something runs: looks at it as long as anything does. */
  begin(): void;
}

export interface LatenessDeps {
  readonly clock: Clock;
  readonly active: Active;
  /** Asks those who wait again. */
  readonly wake: () => void;
}

const expectedMsOf = (lease: Lease): Millis => {
  const { ask, candidate, startedAt } = lease;
  lease.expectedMs ??= answerDueMs(ask, candidate, startedAt);
  return lease.expectedMs;
};

/** Nothing runs. */
export const createLateness = ({ clock, active, wake }: LatenessDeps): Lateness => {
  let isLooking = false;

  const look = (lease: Lease, now: Millis): void => {
    const { candidate, firstContentAt, startedAt, pair } = lease;
    const elapsedMs = now - startedAt;
    if (firstContentAt !== undefined || elapsedMs < everyMs) return;
    // A load that takes long is the disk's doing and says nothing of the next request.
    const { state } = candidate.residency;
    if (state === 'cold' || state === 'loading') return;
    pair.rates = overdue(pair.rates, expectedMsOf(lease), elapsedMs, now);
  };

  const tick = (): void => {
    isLooking = active.running() > 0;
    if (!isLooking) return;
    const now = clock.now();
    for (const { lease } of active.all()) if (lease !== undefined) look(lease, now);
    wake();
    clock.after(everyMs, tick);
  };

  return {
    begin: () => {
      if (isLooking) return;
      isLooking = true;
      clock.after(everyMs, tick);
    },
  };
};
