import { describe, expect, test } from 'bun:test';
import type { FeedbackEntry } from '../../../src/core/auto/feedback.ts';
import { judgementsOf, meanOf, stepCount, stepOf, usualWorth } from '../../../src/core/auto/judgements.ts';
import { judgedTraffic } from './own-traffic.ts';

const judged = (more: Partial<FeedbackEntry>): FeedbackEntry => {
  const [entry] = judgedTraffic(['a prompt'], () => ({ weak: 0.5, strong: 0.5 }), {
    seed: 1,
    keepsPrompts: false,
  });
  if (entry === undefined) throw new Error('nothing was judged');
  return { ...entry, ...more };
};

const assumed = { weak: 0.6, strong: 0.8, priorWeight: 2 };

describe('judgements', () => {
  test('stand in ten steps of complexity, the ends of which take what lies beyond', () => {
    const steps = [-1, 0, 0.05, 0.1, 0.55, 0.99, 1, 7].map((complexity) => stepOf(judged({ complexity })));
    expect(steps).toEqual([0, 0, 0, 1, 5, 9, 9, 9]);
  });

  test('count apart for the strongest tier and for all weaker ones', () => {
    const { weak, strong } = judgementsOf([
      judged({ tier: 0, tiers: 3, complexity: 0.15, score: 0.2 }),
      judged({ tier: 1, tiers: 3, complexity: 0.15, score: 0.6 }),
      judged({ tier: 2, tiers: 3, complexity: 0.95, score: 1.5 }),
    ]);
    expect(weak.all.count).toBe(2);
    expect(meanOf(weak.steps[1])).toBeCloseTo(0.4);
    expect(meanOf(weak.steps[9])).toBeUndefined();
    expect(strong.all).toEqual({ sum: 1, count: 1 });
    expect(strong.steps).toHaveLength(stepCount);
  });

  test('are what is assumed where there are none, and a strong answer is never assumed to be worse', () => {
    const none = usualWorth(judgementsOf([]), assumed);
    expect([none.weak(3), none.strong(3)]).toEqual([0.6, 0.8]);
    const good = usualWorth(judgementsOf([judged({ tier: 0, tiers: 2, score: 0.9 })]), assumed);
    expect(good.strong(3)).toBeCloseTo(0.9);
  });

  test('of one step lean to those of all', () => {
    const entries = [
      judged({ tier: 0, tiers: 2, complexity: 0.05, score: 0 }),
      judged({ tier: 0, tiers: 2, complexity: 0.95, score: 1 }),
    ];
    const usual = usualWorth(judgementsOf(entries), assumed);
    // One judgement of a worth, and two of the mean.
    expect(usual.weak(0)).toBeCloseTo(1 / 3);
    expect(usual.weak(9)).toBeCloseTo(2 / 3);
    expect(usual.weak(5)).toBeCloseTo(1 / 2);
  });
});
