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

/** One attempt as its watchdog sees it. */
export interface Watched {
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  /** When the request arrived, which the total counts from. */
  readonly arrivedAt: Millis;
  readonly startedAt: Millis;
  /** Whether giving this attempt up would end the request; then a slow first token is waited for. */
  readonly lastChance: boolean;
  /** Asks the host a cheap question; false when it does not answer. */
  alive(): Promise<boolean>;
  cut(why: Cut): void;
  phase: 'headers' | 'first-content' | 'stream' | 'finished' | 'stopped';
  /** Set while a read is pending. */
  waitingSince: Millis | undefined;
  readAt: Millis;
  /** Absent before it is timed. */
  cancelTimer: (() => void) | undefined;
}

/** An engine that sent its last event closes at once; one that does not must not hold the slot. */
const lingerMs = 2_000;

/** A host that lost its power takes no connection, and until it is asked nobody knows; later questions are seldomer. */
const firstQuestionMs = 250;

/** A client that takes nothing for this long is gone, and its slot is needed. */
const slowReaderMs = 60_000;

const arm = (watched: Watched, delayMs: Millis): void => {
  watched.cancelTimer = watched.clock.after(Math.max(1, delayMs), () => check(watched));
};

const totalLeft = ({ timeouts, arrivedAt }: Watched, now: Millis): Millis =>
  timeouts.totalMs > 0 ? timeouts.totalMs - (now - arrivedAt) : Number.POSITIVE_INFINITY;

const checkOpening = (watched: Watched, now: Millis): void => {
  const { timeouts, lastChance, startedAt } = watched;
  const contentLeft = lastChance ? Number.POSITIVE_INFINITY : timeouts.firstContentMs - (now - startedAt);
  if (contentLeft <= 0) {
    watched.cut('first-content');
    return;
  }
  arm(watched, Math.min(timeouts.headersMs, contentLeft, totalLeft(watched, now)));
  if (watched.phase !== 'headers') return;
  void watched.alive().then((answers) => {
    if (!answers && watched.phase === 'headers') watched.cut('black-hole');
  });
};

const checkStream = (watched: Watched, now: Millis): void => {
  const [limitMs, why] =
    watched.phase === 'finished'
      ? ([lingerMs, 'lingering'] as const)
      : ([watched.timeouts.betweenChunksMs, 'stalled'] as const);
  if (watched.waitingSince === undefined) {
    const unreadMs = now - watched.readAt;
    if (unreadMs >= slowReaderMs) {
      watched.cut('left');
      return;
    }
    arm(watched, Math.min(slowReaderMs - unreadMs, totalLeft(watched, now)));
    return;
  }
  const silentMs = now - watched.waitingSince;
  if (silentMs >= limitMs) {
    watched.cut(why);
    return;
  }
  arm(watched, Math.min(limitMs - silentMs, totalLeft(watched, now)));
};

const check = (watched: Watched): void => {
  const now = watched.clock.now();
  if (watched.phase === 'stopped') return;
  if (totalLeft(watched, now) <= 0) {
    watched.cut('total');
    return;
  }
  if (watched.phase === 'headers' || watched.phase === 'first-content') checkOpening(watched, now);
  else checkStream(watched, now);
};

/** Times one attempt, which may have run for a while and be over. */
export const startWatch = (watched: Watched): void => {
  const { phase, startedAt, timeouts } = watched;
  if (phase === 'stopped' || phase === 'finished') return;
  const now = watched.clock.now();
  const questionMs = Math.min(firstQuestionMs, timeouts.headersMs);
  arm(watched, Math.min(questionMs - (now - startedAt), totalLeft(watched, now)));
};

/** The engine sent headers: it is no black hole. */
export const sawHeaders = (watched: Watched): void => {
  if (watched.phase === 'headers') watched.phase = 'first-content';
};

/** Content came: from here on the gap between chunks counts. */
export const sawContent = (watched: Watched): void => {
  if (watched.phase === 'stopped') return;
  watched.phase = 'stream';
  watched.readAt = watched.clock.now();
};

/** The answer is complete; the connection may linger only briefly. */
export const sawFinish = (watched: Watched): void => {
  if (watched.phase === 'stopped' || watched.phase === 'finished') return;
  watched.phase = 'finished';
  watched.cancelTimer?.();
  arm(watched, lingerMs);
};

/** A read from upstream is pending; while none is, the client is the slow one. */
export const beginRead = (watched: Watched): void => {
  watched.waitingSince = watched.clock.now();
};

export const endRead = (watched: Watched): void => {
  watched.waitingSince = undefined;
  watched.readAt = watched.clock.now();
};

export const stopWatch = (watched: Watched): void => {
  watched.phase = 'stopped';
  watched.cancelTimer?.();
};
