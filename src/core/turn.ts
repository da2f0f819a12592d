/** The order in which the requests of one tenant are served. Pure; imports spec. */

import type { Millis } from '../spec/vocabulary.ts';

/** When a request's turn comes, against others of its tenant. */
export interface Turn {
  /** Order of arrival, which decides between equals. */
  readonly order: number;
  readonly turnAt: Millis;
}

/** Whether the turn of one comes before that of the other. */
export const isBefore = (left: Turn, right: Turn): boolean =>
  left.turnAt === right.turnAt ? left.order < right.order : left.turnAt < right.turnAt;

/** Where a turn stands among those in order, or would stand; found by halving. */
export const placeOf = (line: readonly Turn[], turn: Turn): number => {
  let low = 0;
  let high = line.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = line[middle];
    if (other !== undefined && isBefore(other, turn)) low = middle + 1;
    else high = middle;
  }
  return low;
};
