/** Scorer: what the request would cost. */

import type { Ask, Candidate } from '../candidate.ts';
import type { Scorer } from '../policy.ts';

/** A thousandth of a cent: less is nothing, and own hardware costs that little. */
const leastPrice = 1e-5;

/** What the request is expected to cost there, in the currency of the configured prices. */
export const requestPrice = (ask: Ask, { price, prefixHitTokens }: Candidate): number => {
  if (price === undefined) return 0;
  const input = Math.max(0, ask.inputTokens - prefixHitTokens);
  return (input * price.inputPerMillion + ask.outputTokens * price.outputPerMillion) / 1e6;
};

/** The lowest price as a share of each: 1 for the cheapest, one half at twice its price. */
export const cheapest: Scorer = (ask, candidates) => {
  const prices = candidates.map((candidate) => requestPrice(ask, candidate));
  const lowest = Math.min(...prices);
  return prices.map((price) => (lowest + leastPrice) / (price + leastPrice));
};
