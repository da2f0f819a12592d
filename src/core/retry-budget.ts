/** What may be spent on second attempts, so that a fleet in trouble is not asked twice for everything. Imports spec. */

import type { RetryBudgetSettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';

/** A token bucket in thousandths, which keeps fifths and milliseconds whole. */
export interface RetryBudget {
  readonly milliTokens: number;
  readonly at: Millis;
}

const milli = (tokens: number): number => Math.round(tokens * 1000);

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
export const createBudget = ({ tokens }: RetryBudgetSettings, now: Millis): RetryBudget => ({
  milliTokens: milli(tokens),
  at: now,
});

const filled = (
  { milliTokens, at }: RetryBudget,
  { tokens, perSecond }: RetryBudgetSettings,
  moreMilliTokens: number,
  now: Millis,
): RetryBudget => ({
  // A thousandth of a token a millisecond is one a second.
  milliTokens: Math.min(milli(tokens), milliTokens + Math.max(0, now - at) * perSecond + moreMilliTokens),
  at: Math.max(at, now),
});

/** A request makes its first attempt. */
export const earn = (budget: RetryBudget, settings: RetryBudgetSettings, now: Millis): RetryBudget =>
  filled(budget, settings, milli(settings.perRequest), now);

/**
 * Asks for one retry. While every retry asks, attempts ≤ (1 + perRequest) · requests + perSecond · T + tokens, the shape
 * of Finagle's budget with the token costs of cloud SDKs.
 */
export const spend = (
  budget: RetryBudget,
  cost: number,
  settings: RetryBudgetSettings,
  now: Millis,
): { readonly budget: RetryBudget; readonly granted: boolean } => {
  const current = filled(budget, settings, 0, now);
  const left = current.milliTokens - cost * 1000;
  return left < 0
    ? { budget, granted: false }
    : { budget: { milliTokens: left, at: current.at }, granted: true };
};
