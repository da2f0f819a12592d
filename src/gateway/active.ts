/** The requests that run now, and the way to end them all. Shell. */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Departure } from './departure.ts';

export interface Active {
  /** Counts a request; the returned function ends the count and is called once. */
  add(departure: Departure): () => void;
  running(): number;
  draining(): boolean;
  /** Refuses from now on; resolves when all are done, or were told to end after the time and did. */
  drain(timeoutMs: Millis): Promise<void>;
}

/** An ended stream is given this long to send its last, honest event. */
const lastWordsMs = 500;

/** One request among those that run, and where it stands in their list. */
interface Entry {
  readonly departure: Departure;
  index: number;
}

/** Starts with nothing running. */
export const createActive = (clock: Clock): Active => {
  // Not a Set: the traces that a deleted entry leaves there keep ended requests alive between full collections,
  // which took a quarter of the time of a small request.
  const running: Entry[] = [];
  let draining = false;
  let idle: (() => void) | undefined;
  return {
    add: (departure) => {
      const entry = { departure, index: running.length };
      running.push(entry);
      return () => {
        const last = running.pop();
        if (last !== undefined && last !== entry) {
          running[entry.index] = last;
          last.index = entry.index;
        }
        if (running.length === 0) idle?.();
      };
    },
    running: () => running.length,
    draining: () => draining,
    drain: (timeoutMs) => {
      draining = true;
      if (running.length === 0) return Promise.resolve();
      return new Promise((resolve) => {
        let cancel = clock.after(timeoutMs, () => {
          for (const { departure } of [...running]) departure.leave('drain');
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
