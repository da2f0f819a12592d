/** The share of a pair's requests that ended well of late. A reducer over data; the time is an argument. Imports spec. */

import type { Millis } from '../spec/vocabulary.ts';

/** As of `at`; `reliabilityAt` carries it to another time. */
export interface Reliability {
  readonly share: number;
  readonly at: Millis;
}

/** Nothing but good was heard. */
export const certain: Reliability = { share: 1, at: 0 };

/** How much one outcome counts against all before it. */
const step = 0.2;

/** What was bad is forgotten: after this time a third of the doubt is left. */
const forgetMs = 60_000;

/** Nothing is known for ever: doubt decays, so that a host nobody asks any more gets its turn again. */
export const reliabilityAt = ({ share, at }: Reliability, now: Millis): number =>
  share === 1 ? 1 : 1 - (1 - share) * Math.exp(-Math.max(0, now - at) / forgetMs);

/** A request ended well, or not, by no fault of its caller. */
export const reliabilityAfter = (
  reliability: Reliability,
  outcome: 'well' | 'badly',
  now: Millis,
): Reliability => {
  if (outcome === 'well' && reliability.share === 1) return reliability;
  const before = reliabilityAt(reliability, now);
  const share = before + step * ((outcome === 'well' ? 1 : 0) - before);
  return { share: share > 0.999 ? 1 : share, at: now };
};
