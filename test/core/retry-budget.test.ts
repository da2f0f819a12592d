import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createBudget, earn, type RetryBudget, retryCost, spend } from '../../src/core/retry-budget.ts';
import { propertyRuns } from '../property-runs.ts';

/** How many retries of a cost are granted at one moment. */
const granted = (budget: RetryBudget, cost: number, now: number): number => {
  let current = budget;
  let count = 0;
  for (; count < 1_000; count += 1) {
    const asked = spend(current, cost, settings, now);
    if (!asked.granted) break;
    current = asked.budget;
  }
  return count;
};

const earnTimes = (budget: RetryBudget, times: number, now: number): RetryBudget => {
  let current = budget;
  for (let count = 0; count < times; count += 1) current = earn(current, settings, now);
  return current;
};

const settings = { tokens: 20, perRequest: 0.2, perSecond: 1 };

const empty: RetryBudget = { milliTokens: 0, at: 0 };

describe('the retry budget', () => {
  test.each([
    ['a fast failure', retryCost.fast, 20],
    ['a timeout', retryCost.timeout, 10],
    ['an attempt that may have been billed', retryCost.ambiguous, 5],
  ])('a full bucket pays for so many retries after %s', (_what, cost, times) => {
    expect(granted(createBudget(settings, 0), cost, 0)).toBe(times);
  });

  test('five requests earn one retry', () => {
    expect(granted(earnTimes(empty, 4, 0), 1, 0)).toBe(0);
    expect(granted(earnTimes(empty, 5, 0), 1, 0)).toBe(1);
  });

  test('a second brings one retry without any request', () => {
    expect(granted(empty, 1, 999)).toBe(0);
    expect(granted(empty, 1, 1_000)).toBe(1);
  });

  test('it never holds more than twenty', () => {
    expect(granted(earnTimes(createBudget(settings, 0), 1_000, 1_000_000), 1, 1_000_000)).toBe(20);
  });

  test('a refusal costs nothing', () => {
    const { budget, granted: first } = spend(empty, 1, settings, 900);
    expect(first).toBe(false);
    expect(spend(budget, 1, settings, 1_000).granted).toBe(true);
  });

  test('an earlier time gives nothing and takes nothing', () => {
    const budget = spend(createBudget(settings, 5_000), 20, settings, 5_000).budget;
    expect(granted(earn(budget, settings, 1_000), 1, 5_999)).toBe(1);
    expect(granted(earn(budget, settings, 1_000), 1, 5_799)).toBe(0);
  });

  test('attempts stay within 1.2 per request, one a second, and twenty, at every moment and from every moment on', () => {
    const event = fc.record({
      afterMs: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(5_000)),
      wants: fc.nat(3),
      cost: fc.constantFrom(...Object.values(retryCost)),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (events) => {
        let budget = createBudget(settings, 0);
        let now = 0;
        // The largest surplus of attempts over what any stretch of requests and time allows.
        let requests = 0;
        let spent = 0;
        let lowest = 0;
        for (const { afterMs, wants, cost } of events) {
          now += afterMs;
          lowest = Math.min(lowest, spent - 0.2 * requests - now / 1_000);
          requests += 1;
          budget = earn(budget, settings, now);
          for (let retry = 0; retry < wants; retry += 1) {
            const asked = spend(budget, cost, settings, now);
            budget = asked.budget;
            if (asked.granted) spent += cost;
          }
          expect(spent - 0.2 * requests - now / 1_000 - lowest).toBeLessThanOrEqual(20 + 1e-6);
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
