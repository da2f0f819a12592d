/**
 * Two instances with one name write over each other: who of them takes another. Each decides by what it reads alone, so
 * what they decide by must come out the same for both. Imports core.
 */

import type { Stamped } from '../core/cluster/document.ts';
import type { Millis } from '../spec/vocabulary.ts';

export interface Namesakes {
  /** Another instance wrote under this name: whether this one yields it. */
  met(other: Stamped, now: Millis): 'stay' | 'yield';
  /** Whether one was met lately: until that is settled both tell and hear with each beat. */
  isSettling(now: Millis): boolean;
}

/** Who began within one exchange of the other cannot tell who is younger; after this what was drawn at the start does. */
const undecidedMs: Millis = 3_000;

/** For an instance that drew `boot` when it began at `bornAt`. */
export const createNamesakes = (boot: string, bornAt: Millis): Namesakes => {
  let firstMetAt = -Infinity;
  let lastMetAt = -Infinity;

  const isSettling = (now: Millis): boolean => now - lastMetAt < undecidedMs;

  return {
    isSettling,
    met: (other, now) => {
      if (!isSettling(now)) firstMetAt = now;
      lastMetAt = now;
      // By now the other is older than it wrote: only of being younger can one be sure, and never both.
      const isYounger = now - bornAt < other.upMs;
      const isDrawn = now - firstMetAt >= undecidedMs && boot > other.boot;
      return isYounger || isDrawn ? 'yield' : 'stay';
    },
  };
};
