/** The budget of second attempts of this instance. Shell state around the pure bucket. */

import { createBudget, earn, spend } from '../core/retry-budget.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';

export interface RetryTokens {
  /** A request makes its first attempt. */
  earn(now: Millis): void;
  /** Whether another attempt may be paid. */
  spend(cost: number, now: Millis): boolean;
}

/** A full bucket. */
export const createRetryTokens = (settings: () => GatewaySettings, now: Millis): RetryTokens => {
  let budget = createBudget(settings().retryBudget, now);
  return {
    earn: (at) => {
      const { retryBudget } = settings();
      // A full one holds no more, and that is what it is on most days.
      if (budget.milliTokens < retryBudget.tokens * 1000) budget = earn(budget, retryBudget, at);
    },
    spend: (cost, at) => {
      const spent = spend(budget, cost, settings().retryBudget, at);
      budget = spent.budget;
      return spent.granted;
    },
  };
};
