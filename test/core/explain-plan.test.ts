import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { expectedFinish } from '../../src/core/estimate.ts';
import { explainPlan } from '../../src/core/explain-plan.ts';
import { plan } from '../../src/core/plan.ts';
import { policies, policyNames } from '../../src/core/policies.ts';
import { propertyRuns } from '../property-runs.ts';
import { ask, candidate } from './candidates.ts';
import { drawnAsk, drawnSnapshot } from './drawn-fleets.ts';

describe('the reasons behind a plan', () => {
  test('each eligible candidate has its scores by scorer, its tiers and its estimate', () => {
    const candidates = [
      candidate({ backend: 'a', priority: 2, residency: { state: 'cold' } }),
      candidate({ backend: 'b', lane: 'cpu', slots: 2, inflight: 1 }),
      candidate({ backend: 'c', inflight: 1 }),
      candidate({ backend: 'd', host: { state: 'down', failures: 1 } }),
    ];
    const snapshot = { now: 1000, candidates };
    const decided = plan(ask(), snapshot, policies.priority, 0);
    const { attempts, full } = explainPlan(ask(), snapshot, decided);
    expect(attempts.map(({ candidate: { backend }, scores, tiers }) => ({ backend, scores, tiers }))).toEqual(
      [
        {
          backend: 'b',
          scores: { warm: 1, 'least-inflight': expect.closeTo(2 / 3, 10), native: 1 },
          tiers: { priority: 0, lane: 3 },
        },
        {
          backend: 'a',
          scores: { warm: 0, 'least-inflight': 1, native: 1 },
          tiers: { priority: 2, lane: 0 },
        },
      ],
    );
    expect(attempts[1]?.estimate.loadMs).toBe(10_000);
    expect(full.map(({ candidate: { backend }, estimate }) => [backend, estimate.waitMs])).toEqual([
      ['c', 3000],
    ]);
  });

  test('the score in a plan is the weighted mean of the scores that explain it', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, fc.constantFrom(...policyNames), (snapshot, request, name) => {
        const decided = plan(request, snapshot, policies[name], 7);
        const { attempts, full } = explainPlan(request, snapshot, decided);
        const { scorers } = decided.policy;
        const weights = scorers.reduce((sum, { weight }) => sum + weight, 0);
        for (const list of [attempts, full]) {
          for (const { score, scores, candidate: each, estimate } of list) {
            expect(estimate).toEqual(expectedFinish(request, each, snapshot.now));
            if (list.length < 2 || weights === 0) continue;
            const mean =
              scorers.reduce((sum, one) => sum + one.weight * (scores[one.name] ?? 0), 0) / weights;
            expect(score).toBeCloseTo(mean, 10);
          }
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
