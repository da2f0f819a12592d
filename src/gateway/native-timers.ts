/** One-shot timers over the runtime's own, at the price of a small record for those that never fire. Shell. */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';

/** A timer that is not due within this time waits here before it becomes one of the runtime's. */
const youngMs = 200;

interface Timer {
  readonly dueAt: Millis;
  /** Undefined once it ran or was canceled. */
  run: (() => void) | undefined;
  /** Cancels the runtime's timer, once there is one. */
  native: ReturnType<typeof setTimeout> | undefined;
}

const fire = (timer: Timer): void => {
  const { run } = timer;
  timer.run = undefined;
  run?.();
};

const start = (timer: Timer, now: Millis): void => {
  // A difference of two readings may be a hair below zero, of which some runtimes warn.
  timer.native = setTimeout(fire, Math.max(0, timer.dueAt - now), timer);
};

/**
 * Gives `Clock.after`. A request has timers of seconds and is mostly over in milliseconds: its timer is only noted,
 * and those that are still wanted at the next sweep are started with what is left of their time.
 */
export const createNativeTimers = (): Clock['after'] => {
  let young: Timer[] = [];

  const sweep = (): void => {
    const grown = young;
    young = [];
    const now = performance.now();
    for (const timer of grown) if (timer.run !== undefined) start(timer, now);
  };

  return (delayMs, run) => {
    const now = performance.now();
    const timer: Timer = { dueAt: now + delayMs, run, native: undefined };
    if (delayMs <= youngMs) start(timer, now);
    else {
      if (young.length === 0) setTimeout(sweep, youngMs / 2);
      young.push(timer);
    }
    return () => {
      timer.run = undefined;
      clearTimeout(timer.native);
    };
  };
};
