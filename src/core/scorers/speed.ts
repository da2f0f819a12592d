/** Scorer: measured speed. Imports the estimate. */

import { expectedFinish } from '../estimate.ts';
import type { Scorer } from '../policy.ts';

/** No first token comes sooner than this, so that an empty prompt divides by nothing small. */
const leastMs = 50;

/**
 * Half for tokens per second, half for the time to the first token, each as a share of the best there is.
 * Speeds come out of the estimate, so that they are those of now and of this many requests at once.
 */
export const speed: Scorer = (ask, candidates, { now }) => {
  const estimates = candidates.map((candidate) => expectedFinish(ask, candidate, now));
  let leastDecodeMs = Infinity;
  let leastFirstMs = Infinity;
  for (const { decodeMs, firstTokenMs } of estimates) {
    leastDecodeMs = Math.min(leastDecodeMs, decodeMs);
    leastFirstMs = Math.min(leastFirstMs, firstTokenMs);
  }
  return estimates.map(
    ({ decodeMs, firstTokenMs }) =>
      (leastDecodeMs + leastMs) / (decodeMs + leastMs) / 2 +
      (leastFirstMs + leastMs) / (firstTokenMs + leastMs) / 2,
  );
};
