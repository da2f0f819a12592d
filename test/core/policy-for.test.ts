import { describe, expect, test } from 'bun:test';
import { plan } from '../../src/core/plan.ts';
import { policies, policyNames } from '../../src/core/policies.ts';
import { policyFor, policyTable } from '../../src/core/policy-for.ts';
import { ask, candidate } from './candidates.ts';
import { modelSettings } from './model-settings.ts';

const table = (policy: boolean, weights: Readonly<Record<string, Readonly<Record<string, number>>>> = {}) =>
  policyTable({ strategy: 'priority', weights, requests: { policy, intentSuffixes: false } });

const model = modelSettings({ name: 'm', strategy: 'cost_optimized' });

describe('the policy of a request', () => {
  test('is the one it names, else that of the model, else the general one', () => {
    const open = table(true);
    expect(policyFor(open, { header: 'least-loaded', model }).name).toBe('least_loaded');
    expect(policyFor(open, { header: null, model }).name).toBe('cost_optimized');
    expect(policyFor(open, { header: undefined, model: modelSettings({ name: 'm' }) }).name).toBe('priority');
    expect(policyFor(open, { header: null, model: undefined }).name).toBe('priority');
  });

  test('that does not exist is refused with the names of those that do', () => {
    for (const allowed of [true, false]) {
      expect(() => policyFor(table(allowed), { header: 'fastest', model })).toThrow(
        `x-pointsman-policy must be one of ${policyNames.join(', ')}`,
      );
    }
  });

  test('is refused rather than passed over where requests may not choose', () => {
    expect(() => policyFor(table(false), { header: 'random', model })).toThrow('requests may not choose');
    expect(policyFor(table(false), { header: null, model }).name).toBe('cost_optimized');
  });

  test('has the configured weights, and so has one that another policy chooses', () => {
    const { byName } = table(true, { expected_finish: { native: 5000 } });
    expect(byName.expected_finish.scorers.map(({ weight }) => weight)).toEqual([1000, 5000]);
    expect(byName.geographic).toBe(policies.geographic);
    const candidates = [
      candidate({ backend: 'a', rates: { ...candidate({ backend: 'a' }).rates, updatedAt: 900 } }),
    ];
    const decided = plan(ask(), { now: 1000, candidates }, byName.auto_optimal, 0);
    expect(decided.policy).toBe(byName.expected_finish);
  });
});
