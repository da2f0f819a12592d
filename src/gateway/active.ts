/** The requests that run now, and the way to end them all. Shell. */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Departure } from './departure.ts';

export interface Active {
  /** Counts a request; the returned function ends the count. */
  add(departure: Departure): () => void;
  running(): number;
  draining(): boolean;
  /** Refuses from now on; resolves when all are done, or were told to end after the time and did. */
  drain(timeoutMs: Millis): Promise<void>;
}

/** An ended stream is given this long to send its last, honest event. */
const lastWordsMs = 500;

/** Starts with nothing running. */
export const createActive = (clock: Clock): Active => {
  const running = new Set<Departure>();
  let draining = false;
  let idle: (() => void) | undefined;
  return {
    add: (departure) => {
      running.add(departure);
      return () => {
        running.delete(departure);
        if (running.size === 0) idle?.();
      };
    },
    running: () => running.size,
    draining: () => draining,
    drain: (timeoutMs) => {
      draining = true;
      if (running.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        let cancel = clock.after(timeoutMs, () => {
          for (const departure of [...running]) departure.leave('drain');
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
