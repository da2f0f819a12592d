/** The clock of a process that can stand still or end and whose wall clock somebody sets, over a clock that does neither. */

import type { Clock } from '../../src/spec/ports.ts';

export interface StoppableClock extends Clock {
  /** Nothing set on this clock runs for so long; what falls due meanwhile runs at once afterwards, in order. */
  pause(forMs: number): void;
  /** The process ends here: nothing set on this clock runs any more. */
  kill(): void;
  /** Resolves when the process runs: at once, after its pause, or never. */
  running(): Promise<void>;
  step(byMs: number): void;
  readonly longestPauseMs: () => number;
  /** When its last pause ended or will end. */
  readonly pausedUntil: () => number;
}

/** A process over a world that goes on. */
export const createStoppableClock = (world: Clock): StoppableClock => {
  let pausedUntil = 0;
  let steppedMs = 0;
  let longestPauseMs = 0;
  let isKilled = false;
  const after = (delayMs: number, run: () => void): (() => void) => {
    let cancel = world.after(delayMs, function due() {
      if (isKilled) return;
      const leftMs = pausedUntil - world.now();
      if (leftMs > 0) cancel = world.after(leftMs, due);
      else run();
    });
    return () => cancel();
  };
  return {
    now: world.now,
    wallMs: () => world.wallMs() + steppedMs,
    after,
    pause: (forMs) => {
      pausedUntil = Math.max(pausedUntil, world.now() + forMs);
      longestPauseMs = Math.max(longestPauseMs, pausedUntil - world.now());
    },
    kill: () => {
      isKilled = true;
    },
    running: () => {
      if (isKilled) return new Promise(() => undefined);
      return pausedUntil <= world.now()
        ? Promise.resolve()
        : new Promise((resolve) => void after(pausedUntil - world.now(), resolve));
    },
    step: (byMs) => {
      steppedMs += byMs;
    },
    longestPauseMs: () => longestPauseMs,
    pausedUntil: () => pausedUntil,
  };
};
