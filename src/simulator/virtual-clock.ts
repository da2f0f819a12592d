/**
 * A clock that stands still until it is told to move, so that minutes of loading and waiting
 * take no time in a test and happen in the same order on every run.
 * The simulator may import spec, wire and hono; this file needs only the port it fills.
 */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';

/** A clock and the hands that move it. */
export interface VirtualClock extends Clock {
  /** Moves time on, running what falls due on the way in order of time, then of request. */
  advance(durationMs: Millis): Promise<void>;
  /** Moves from timer to timer until none is left; throws when that takes more than `limitMs`. */
  runUntilIdle(limitMs?: Millis): Promise<void>;
  /** Moves from timer to timer until the promise settles, and gives its result; throws when none is left to wait for. */
  until<T>(promise: Promise<T>, limitMs?: Millis): Promise<T>;
  /** Timers that are set and not yet due. */
  readonly pending: () => number;
}

interface Timer {
  readonly dueMs: Millis;
  readonly run: () => void;
}

interface Turns {
  /** Waits until every promise that could continue has continued. */
  next(): Promise<void>;
  close(): void;
}

/** A message to oneself is delivered only after all microtasks, however deep their chain; a count of awaits is a guess. */
const openTurns = (onTurn: () => void): Turns => {
  const channel = new MessageChannel();
  return {
    next: () =>
      new Promise((resolve) => {
        channel.port1.onmessage = () => {
          onTurn();
          resolve();
        };
        channel.port2.postMessage(null);
      }),
    close: () => channel.port1.close(),
  };
};

const dayMs = 86_400_000;

/** A delay lost in rounding would leave time where it is, and who waits for the rest of a span would wait again for ever. */
const leastMs = 1e-6;

/** 1 January 2026, so that stamps in a test are the same on every run. */
const epochMs = 1_767_225_600_000;

/** A clock for tests: time passes only inside `advance`, `runUntilIdle` and `until`. */
export const createVirtualClock = (
  startWallMs: Millis = epochMs,
  /** Called each time everything that could happen at a moment has happened. */
  onTurn: () => void = () => undefined,
): VirtualClock => {
  let nowMs = 0;
  /** Sorted by due time; equal times keep the order they were asked in. */
  const timers: Timer[] = [];

  const insert = (timer: Timer): void => {
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((timers[middle]?.dueMs ?? 0) <= timer.dueMs) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
  };

  const runNext = (latestMs: Millis): boolean => {
    const timer = timers[0];
    if (timer === undefined || timer.dueMs > latestMs) return false;
    timers.shift();
    nowMs = Math.max(nowMs, timer.dueMs);
    timer.run();
    return true;
  };

  const moving = async <T>(move: (turns: Turns) => Promise<T>): Promise<T> => {
    const turns = openTurns(onTurn);
    try {
      return await move(turns);
    } finally {
      turns.close();
    }
  };

  return {
    now: () => nowMs,
    wallMs: () => startWallMs + nowMs,
    pending: () => timers.length,
    after(delayMs, run) {
      const timer = { dueMs: nowMs + (delayMs > 0 ? Math.max(leastMs, delayMs) : 0), run };
      insert(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    advance: (durationMs) =>
      moving(async (turns) => {
        const targetMs = nowMs + durationMs;
        do await turns.next();
        while (runNext(targetMs));
        nowMs = Math.max(nowMs, targetMs);
      }),
    runUntilIdle: (limitMs = dayMs) =>
      moving(async (turns) => {
        const latestMs = nowMs + limitMs;
        do await turns.next();
        while (runNext(latestMs));
        if (timers.length > 0) throw new Error(`still ${timers.length} timers set after ${limitMs} ms`);
      }),
    until: <T>(promise: Promise<T>, limitMs: Millis = dayMs) =>
      moving(async (turns) => {
        let settled = false;
        const settle = (): void => {
          settled = true;
        };
        promise.then(settle, settle);
        const latestMs = nowMs + limitMs;
        await turns.next();
        while (!settled) {
          if (!runNext(latestMs)) throw new Error(`nothing left to wait for within ${limitMs} ms`);
          await turns.next();
        }
        return promise;
      }),
  };
};
