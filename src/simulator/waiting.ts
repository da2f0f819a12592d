/** Whoever waits for what a simulated machine gives out: until it is given, refused, or nobody wants it any more. */

import type { Cancellation } from './cancellation.ts';
import { EngineFailure } from './engine-failure.ts';

/** One of them, told once how it ended. */
export interface Waiting<Given> {
  readonly give: (given: Given) => void;
  readonly refuse: (failure: EngineFailure) => void;
}

/** Where those wait. */
export interface Line<Waiter> {
  join(waiter: Waiter): void;
  /** The caller has left. */
  leave(waiter: Waiter): void;
}

/** Joins a line with what it has to know of the one who waits. */
export const waitIn = <About extends object, Given>(
  line: Line<About & Waiting<Given>>,
  about: About,
  cancellation: Cancellation,
): Promise<Given> =>
  new Promise((resolve, reject) => {
    const forget = cancellation.onCancel(() => {
      line.leave(waiter);
      reject(new EngineFailure('cancelled'));
    });
    const waiter: About & Waiting<Given> = {
      ...about,
      give: (given) => {
        forget();
        resolve(given);
      },
      refuse: (failure) => {
        forget();
        reject(failure);
      },
    };
    line.join(waiter);
  });
