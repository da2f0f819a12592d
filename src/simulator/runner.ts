/** One model in memory: what it is, who uses it, and how long it stays. */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { RunnerSpec } from './placement.ts';
import { createSlotPool, type SlotPool } from './prompt-cache.ts';
import type { Placement } from './rates.ts';

/** A model in memory. */
export interface Runner {
  readonly spec: RunnerSpec;
  readonly placement: Placement;
  readonly pool: SlotPool;
  /** Requests that hold it, those waiting for one of its slots included. */
  references: number;
  /** Infinity: until it is evicted. */
  keepAliveMs: Millis;
  /** Leaves as soon as nobody uses it. */
  leaving: boolean;
  lastUsedMs: Millis;
  stopTimer: () => void;
}

/** A runner that nobody uses yet. */
export const createRunner = (spec: RunnerSpec, placement: Placement, keepAliveMs: Millis): Runner => ({
  spec,
  placement,
  pool: createSlotPool(spec.parallel),
  references: 0,
  keepAliveMs,
  leaving: false,
  lastUsedMs: 0,
  stopTimer: () => undefined,
});

/**
 * Starts the wait for the end of its stay once it is idle, or ends it at once;
 * the stay counts from the end of the last request.
 */
export const restRunner = (runner: Runner, clock: Clock, unload: (runner: Runner) => void): void => {
  runner.stopTimer();
  runner.lastUsedMs = clock.now();
  if (runner.references > 0) return;
  if (runner.leaving || runner.keepAliveMs <= 0) unload(runner);
  else if (runner.keepAliveMs !== Infinity) {
    runner.stopTimer = clock.after(runner.keepAliveMs, () => unload(runner));
  }
};

/** When it leaves if nobody asks again, on the wall clock. */
export const expiryWallMs = (runner: Runner, clock: Clock): Millis => {
  const sinceMs = runner.references > 0 ? clock.now() : runner.lastUsedMs;
  return clock.wallMs() + (sinceMs - clock.now()) + Math.min(runner.keepAliveMs, 9_223_372_036_854);
};

/** Who is asked to leave first: idle before busy, then the shortest stay, then the longest unused. */
export const byEviction = (first: Runner, second: Runner): number =>
  Number(first.references > 0) - Number(second.references > 0) ||
  (first.keepAliveMs === second.keepAliveMs ? 0 : first.keepAliveMs - second.keepAliveMs) ||
  first.lastUsedMs - second.lastUsedMs;
