/** The requests that run now, and the way to end them all. Shell. */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Cut } from './watchdog.ts';

export interface Active {
  /** Counts a running answer; the returned function ends the count. */
  add(cut: (why: Cut) => void): () => void;
  running(): number;
  draining(): boolean;
  /** Refuses from now on; resolves when all are done, or were cut after the time and then ended. */
  drain(timeoutMs: Millis): Promise<void>;
}

/** A cut stream is given this long to send its last, honest event. */
const lastWordsMs = 500;

/** Starts with nothing running. */
export const createActive = (clock: Clock): Active => {
  const cuts = new Set<(why: Cut) => void>();
  let draining = false;
  let idle: (() => void) | undefined;
  return {
    add: (cut) => {
      cuts.add(cut);
      return () => {
        cuts.delete(cut);
        if (cuts.size === 0) idle?.();
      };
    },
    running: () => cuts.size,
    draining: () => draining,
    drain: (timeoutMs) => {
      draining = true;
      if (cuts.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        let cancel = clock.after(timeoutMs, () => {
          for (const cut of [...cuts]) cut('drain');
          cancel = clock.after(lastWordsMs, resolve);
        });
        idle = () => {
          cancel();
          resolve();
        };
      });
    },
  };
};
