/** The requests that run now, and the way to end them all. Shell. */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { type Departure, leave } from './departure.ts';
import type { Lease } from './lease.ts';

/** One request among those that run. */
export interface Running {
  readonly departure: Departure;
  /** The slot it holds. */
  readonly lease: Lease | undefined;
  /** Where it stands in the list; kept by the list. */
  place: number;
}

export interface Active {
  add(request: Running): void;
  /** Called once for each that was added. */
  remove(request: Running): void;
  running(): number;
  all(): readonly Running[];
  draining(): boolean;
  /** Refuses from now on; resolves when all are done, or were told to end after the time and did. */
  drain(timeoutMs: Millis): Promise<void>;
}

/** An ended stream is given this long to send its last, honest event. */
const lastWordsMs = 500;

/** Starts with nothing running. */
export const createActive = (clock: Clock): Active => {
  // Not a Set: the traces that a deleted entry leaves there keep ended requests alive between full collections,
  // which took a quarter of the time of a small request.
  const running: Running[] = [];
  let draining = false;
  let idle: (() => void) | undefined;
  return {
    add: (request) => {
      request.place = running.length;
      running.push(request);
    },
    remove: (request) => {
      const last = running.pop();
      if (last !== undefined && last !== request) {
        running[request.place] = last;
        last.place = request.place;
      }
      if (running.length === 0) idle?.();
    },
    running: () => running.length,
    all: () => running,
    draining: () => draining,
    drain: (timeoutMs) => {
      draining = true;
      if (running.length === 0) return Promise.resolve();
      return new Promise((resolve) => {
        let cancel = clock.after(timeoutMs, () => {
          for (const { departure } of [...running]) leave(departure, 'drain');
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
