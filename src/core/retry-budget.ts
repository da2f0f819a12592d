/** What may be spent on second attempts, so that a fleet in trouble is not asked twice for everything. Imports spec. */

import type { Millis } from '../spec/vocabulary.ts';

/** A token bucket in thousandths, which keeps fifths and milliseconds whole. */
export interface RetryBudget {
  readonly milliTokens: number;
  readonly at: Millis;
}

const capMilliTokens = 20_000;

/** A fifth of a retry for each request: at most 20 % more attempts than requests in the long run. */
const perRequestMilliTokens = 200;

/** One retry a second whatever the traffic: a router with one caller may still fail over. */
const perMsMilliTokens = 1;

/** What a retry costs, in tokens, by what the failed attempt burnt. */
export const retryCost = {
  /** Refused or answered with an error at once. */
  fast: 1,
  /** The host worked on the prompt until its time was up. */
  timeout: 2,
  /** It may have been done, and billed. */
  ambiguous: 4,
} as const satisfies Record<string, number>;

/** A full bucket: the first failures of a day are not the time to save. */
export const createBudget = (now: Millis): RetryBudget => ({ milliTokens: capMilliTokens, at: now });

const filled = ({ milliTokens, at }: RetryBudget, moreMilliTokens: number, now: Millis): RetryBudget => ({
  milliTokens: Math.min(
    capMilliTokens,
    milliTokens + Math.max(0, now - at) * perMsMilliTokens + moreMilliTokens,
  ),
  at: Math.max(at, now),
});

/** A request makes its first attempt. */
export const earn = (budget: RetryBudget, now: Millis): RetryBudget =>
  filled(budget, perRequestMilliTokens, now);

/**
 * Asks for one retry. While every retry asks, attempts ≤ 1.2 · requests + 1/s · T + 20, the shape of
 * Finagle's budget with the token costs of cloud SDKs.
 */
export const spend = (
  budget: RetryBudget,
  cost: number,
  now: Millis,
): { readonly budget: RetryBudget; readonly granted: boolean } => {
  const current = filled(budget, 0, now);
  const left = current.milliTokens - cost * 1000;
  return left < 0
    ? { budget, granted: false }
    : { budget: { milliTokens: left, at: current.at }, granted: true };
};
