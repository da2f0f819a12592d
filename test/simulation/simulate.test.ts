import { describe, expect, test } from 'bun:test';
import { builtInFleet, builtInLoad } from '../../src/simulation/built-in.ts';
import { type Comparison, compare } from '../../src/simulation/comparison.ts';
import { parsePlacing } from '../../src/simulation/placing.ts';
import type { Placing } from '../../src/simulation/run.ts';
import { percentile, summarise } from '../../src/simulation/summary.ts';

const placing = (name: string): Placing => {
  const parsed = parsePlacing(name);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
};

const compared = (policies: readonly string[], ofCapacity = 0.7, seed = 1): Promise<Comparison> => {
  const [fleet, load] = [builtInFleet('unequal', seed), builtInLoad('poisson', seed)];
  if (fleet === undefined || load === undefined) throw new Error('they are built in');
  const placings = policies.map(placing);
  return compare({ fleet, load, placings, durationMs: 120_000, seed, arrivals: { ofCapacity } });
};

describe('a simulation', () => {
  test('goes the same way for the same seed, whatever places its requests', async () => {
    const policies = ['least_loaded', 'random:direct', 'clairvoyant'];
    const [once, again] = [await compared(policies), await compared(policies)];
    expect(again).toEqual(once);
    expect(new Set(once.policies.map(({ traceHash }) => traceHash)).size).toBe(3);
  }, 60_000);

  test('answers every request of a load the fleet can carry, and counts what its hosts did', async () => {
    const { policies, requests } = await compared(['expected_finish', 'clairvoyant'], 0.4);
    for (const summary of policies) {
      expect(summary.requests).toBe(requests);
      expect(summary.done).toBe(requests);
      expect(summary.failed).toBe(0);
      expect(summary.firstTokenMs.p50).toBeGreaterThan(0);
      expect(summary.completionMs.p95).toBeGreaterThan(summary.firstTokenMs.p50);
      expect(summary.loads).toBeGreaterThan(0);
      expect(summary.hosts.reduce((sum, host) => sum + host.requests, 0)).toBeGreaterThanOrEqual(requests);
      for (const { utilisation } of summary.hosts) expect(utilisation).toBeWithin(0, 1.0001);
    }
  }, 60_000);

  test('leaves the queue to the hosts where it is told to', async () => {
    const { policies } = await compared(['round_robin', 'round_robin:direct']);
    expect(policies[1]?.queueMs.p99).toBe(0);
  }, 60_000);
});

describe('its figures', () => {
  test('a percentile is a value that was there, and none of nothing', () => {
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([3, 1, 2], 0.95)).toBe(3);
    expect(percentile([], 0.5)).toBe(0);
  });

  test('who was turned away waited for ever, so that refusing does not look quick', () => {
    const request = {
      id: '0.0',
      className: 'chat',
      model: 'm',
      turn: 0,
      sentAt: 0,
      firstContentMs: 5,
      totalMs: 10,
      queueMs: 0,
      attempts: 1,
      backend: 'a',
      promptTokens: 1,
      cachedTokens: 0,
    };
    const requests = [
      { ...request, end: 'done' as const },
      { ...request, end: 'refused' as const, firstContentMs: undefined },
      { ...request, end: 'left' as const, firstContentMs: undefined },
    ];
    const summary = summarise({ label: 'p', requests, hosts: [], endedAt: 10, traceHash: '', traceLines: 0 });
    expect(summary).toMatchObject({ done: 1, failed: 1, left: 1 });
    expect(summary.firstTokenMs).toEqual({ p50: 5, p95: Infinity, p99: Infinity });
  });
});

describe('the names of policies', () => {
  test.each([
    ['least_loaded', { strategy: 'least_loaded', dispatch: 'queue' }],
    ['least_loaded:direct', { strategy: 'least_loaded', dispatch: 'direct' }],
    ['clairvoyant', { strategy: 'clairvoyant' }],
  ])('%s', (name, expected) => {
    expect(parsePlacing(name)).toMatchObject({ label: name, ...expected });
  });

  test('a wrong one is told the one that was meant', () => {
    expect(parsePlacing('least_loded')).toEqual({
      problem: "there is no policy 'least_loded'; did you mean 'least_loaded'?",
    });
  });
});
