/**
 * The timers of one attempt, in one native timer that re-arms itself: no headers, first content, between chunks, total.
 * A chunk costs two field writes, so that a fast stream pays nothing for being watched. Shell.
 */

import type { Clock } from '../spec/ports.ts';
import type { Timeouts } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';

/** Why an attempt was cut from this side. */
export type Cut =
  | 'left'
  | 'black-hole'
  | 'first-content'
  | 'stalled'
  | 'lingering'
  | 'total'
  | 'drain'
  | 'lost';

export interface Watchdog {
  /** The engine sent headers: it is no black hole. */
  headers(): void;
  /** Content came: from here on the gap between chunks counts. */
  content(): void;
  /** The answer is complete; the connection may linger only briefly. */
  finished(): void;
  /** A read from upstream is pending; while none is, the client is the slow one. */
  reading(): void;
  read(): void;
  stop(): void;
}

export interface Watched {
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  /** When the request arrived, which the total counts from. */
  readonly arrivedAt: Millis;
  /** Asks the host a cheap question; false when it does not answer. */
  readonly alive: () => Promise<boolean>;
  /** Whether giving this attempt up would end the request; then a slow first token is waited for. */
  readonly lastChance: boolean;
  readonly cut: (why: Cut) => void;
}

/** An engine that sent its last event closes at once; one that does not must not hold the slot. */
const lingerMs = 2_000;

/** A client that takes nothing for this long is gone, and its slot is needed. */
const slowReaderMs = 60_000;

/** Watches one attempt from its dispatch on. */
export const createWatchdog = ({ clock, timeouts, arrivedAt, alive, lastChance, cut }: Watched): Watchdog => {
  const startedAt = clock.now();
  let phase: 'headers' | 'first-content' | 'stream' | 'finished' | 'stopped' = 'headers';
  /** Set while a read is pending. */
  let waitingSince: Millis | undefined;
  let readAt = startedAt;
  let cancel = (): void => undefined;

  const arm = (delayMs: Millis): void => {
    cancel = clock.after(Math.max(1, delayMs), check);
  };

  const totalLeft = (now: Millis): Millis =>
    timeouts.totalMs > 0 ? timeouts.totalMs - (now - arrivedAt) : Number.POSITIVE_INFINITY;

  const checkOpening = (now: Millis): void => {
    const contentLeft = lastChance ? Number.POSITIVE_INFINITY : timeouts.firstContentMs - (now - startedAt);
    if (contentLeft <= 0) {
      cut('first-content');
      return;
    }
    arm(Math.min(timeouts.headersMs, contentLeft, totalLeft(now)));
    if (phase !== 'headers') return;
    void alive().then((answers) => {
      if (!answers && phase === 'headers') cut('black-hole');
    });
  };

  const checkStream = (now: Millis): void => {
    const [limitMs, why] =
      phase === 'finished'
        ? ([lingerMs, 'lingering'] as const)
        : ([timeouts.betweenChunksMs, 'stalled'] as const);
    if (waitingSince === undefined) {
      const unreadMs = now - readAt;
      if (unreadMs >= slowReaderMs) {
        cut('left');
        return;
      }
      arm(Math.min(slowReaderMs - unreadMs, totalLeft(now)));
      return;
    }
    const silentMs = now - waitingSince;
    if (silentMs >= limitMs) {
      cut(why);
      return;
    }
    arm(Math.min(limitMs - silentMs, totalLeft(now)));
  };

  const check = (): void => {
    const now = clock.now();
    if (phase === 'stopped') return;
    if (totalLeft(now) <= 0) {
      cut('total');
      return;
    }
    if (phase === 'headers' || phase === 'first-content') checkOpening(now);
    else checkStream(now);
  };

  arm(Math.min(timeouts.headersMs, totalLeft(startedAt)));

  return {
    headers: () => {
      if (phase === 'headers') phase = 'first-content';
    },
    content: () => {
      if (phase === 'stopped') return;
      phase = 'stream';
      readAt = clock.now();
    },
    finished: () => {
      if (phase === 'stopped' || phase === 'finished') return;
      phase = 'finished';
      cancel();
      arm(lingerMs);
    },
    reading: () => {
      waitingSince = clock.now();
    },
    read: () => {
      waitingSince = undefined;
      readAt = clock.now();
    },
    stop: () => {
      phase = 'stopped';
      cancel();
    },
  };
};
