/**
 * Who tries a pair that was set aside, where the store can tell who asked first: that settles what the order of rank
 * leaves open while instances do not see the same others. Only ever makes one of them wait a little. Shell.
 */

import type { PairKey } from '../../core/cluster/document.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { Pair } from '../pair.ts';

export interface ProbeClaims {
  /** Called with each beat for a pair that rests; asks the store once for each time it was set aside. */
  resting(key: PairKey, pair: Pair, now: Millis): void;
}

/** Asked so long before the trial, that an answer is there in time; one that is not changes nothing any more. */
const aheadMs: Millis = 750;
/** Within this the trial of who was first is seen by all; whoever sees none tries it then. */
const waitMs: Millis = 2_000;

/** `claim` resolves with whether this instance is the first to ask; with true where nobody can tell. */
export const createProbeClaims = (
  claim: (subject: string, lifeMs: Millis) => Promise<boolean>,
): ProbeClaims => {
  const asked = new WeakMap<Pair, number>();
  return {
    resting: (key, pair, now) => {
      const { breaker } = pair.health;
      const { epoch } = breaker;
      if (breaker.state !== 'open' || breaker.elsewhere === true || asked.get(pair) === epoch) return;
      if (breaker.until - now > aheadMs) return;
      asked.set(pair, epoch);
      void claim(`probe ${key} ${epoch}`, aheadMs + waitMs).then((isFirst) => {
        const current = pair.health.breaker;
        if (isFirst || current.state !== 'open' || current.epoch !== epoch) return;
        const { until, staggerMs = 0 } = current;
        pair.health = {
          ...pair.health,
          breaker: { ...current, until: until + waitMs, staggerMs: staggerMs + waitMs },
        };
      });
    },
  };
};
