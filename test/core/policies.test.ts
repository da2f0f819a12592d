import { describe, expect, test } from 'bun:test';
import type { Ask, Candidate } from '../../src/core/candidate.ts';
import { plan } from '../../src/core/plan.ts';
import { isPolicyName, type PolicyName, policies, policyNames } from '../../src/core/policies.ts';
import { ask, candidate, rates } from './candidates.ts';

const docker = { kind: 'docker-model-runner', lane: 'container' } as const;
const cloud = { kind: 'openai-compatible', lane: 'cloud', zone: 'cloud' } as const;
const down = { host: { state: 'down', failures: 2 } } as const;
const slow = { rates: rates({ prefillTokensPerSecond: 100, decodeTokensPerSecond: 5 }) };
const dear = { price: { inputPerMillion: 10, outputPerMillion: 30 } };

type Hosts = Readonly<Record<string, Partial<Candidate>>>;
type Row = readonly [what: string, policy: PolicyName, hosts: Hosts, order: string, request?: Partial<Ask>];

const order = (name: PolicyName, hosts: Hosts, request: Partial<Ask> = {}, seed = 0): string => {
  const candidates = Object.entries(hosts).map(([backend, changes]) => candidate({ backend, ...changes }));
  return plan(ask(request), { now: 1000, candidates }, policies[name], seed)
    .attempts.map((each) => each.candidate.backend)
    .join(' ');
};

const rows: readonly Row[] = [
  ['the faster host goes first', 'expected_finish', { a: slow, b: {} }, 'b a'],
  [
    'a host that is late of late goes behind',
    'expected_finish',
    { a: { rates: rates({ firstTokenRatio: 9 }) }, b: {} },
    'b a',
  ],
  [
    'a loaded model beats a faster host without it',
    'expected_finish',
    { a: { residency: { state: 'cold' } }, b: slow },
    'a b',
    { inputTokens: 9000 },
  ],
  [
    'a short prompt goes where no load is needed',
    'expected_finish',
    { a: { residency: { state: 'cold' } }, b: slow },
    'b a',
    { inputTokens: 100, outputTokens: 10 },
  ],
  [
    'a long prompt goes where it is held',
    'expected_finish',
    { a: {}, b: { ...slow, prefixHitTokens: 7900 } },
    'b a',
    { inputTokens: 8000, outputTokens: 10 },
  ],
  ['near ties go to the host of the conversation', 'expected_finish', { a: {}, b: { affinity: 1 } }, 'b a'],
  [
    'heavy work takes the processor',
    'expected_finish',
    { a: {}, b: { ...slow, lane: 'cpu' } },
    'b a',
    { intent: 'heavy' },
  ],
  [
    'heavy work takes the GPU where the processor would take minutes longer',
    'expected_finish',
    { a: {}, b: { ...slow, lane: 'cpu' } },
    'a b',
    { intent: 'heavy', stream: false, outputTokens: 4000 },
  ],
  ['a price is weighed against time', 'expected_finish', { a: { ...cloud, ...dear }, b: {} }, 'b a'],
  ['a translation breaks a tie only', 'expected_finish', { a: { speaks: ['openai-chat'] }, b: {} }, 'b a'],

  ['docker goes first, however slow', 'hybrid_docker_preferred', { a: {}, b: { ...docker, ...slow } }, 'b a'],
  ['ollama goes first', 'hybrid_ollama_preferred', { b: docker, a: slow }, 'a b'],
  [
    'the fallback serves when the first kind is down',
    'hybrid_docker_preferred',
    { a: {}, b: { ...docker, ...down } },
    'a',
  ],
  [
    'what the model prefers wins',
    'hybrid_docker_preferred',
    { a: {}, b: docker },
    'a b',
    { preferred: 'ollama' },
  ],
  ['other kinds come after both', 'hybrid_docker_preferred', { c: cloud, a: {}, b: docker }, 'b a c'],
  ['inside a kind the lane is hard', 'hybrid_ollama_preferred', { a: { lane: 'cpu' }, b: slow }, 'b a'],
  [
    'inside a kind heavy work has the processor first',
    'hybrid_ollama_preferred',
    { a: {}, b: { ...slow, lane: 'cpu' } },
    'b a',
    { intent: 'heavy' },
  ],

  ['nothing but docker', 'docker_only', { a: {}, b: docker, c: cloud }, 'b'],
  ['nothing but docker, even when it is down', 'docker_only', { a: {}, b: { ...docker, ...down } }, ''],
  ['nothing but ollama', 'ollama_only', { a: {}, b: docker, c: cloud }, 'a'],
  ['ollamas by lane', 'ollama_only', { a: { lane: 'cpu' }, b: slow }, 'b a'],

  [
    'a lower number goes first whatever the lane',
    'priority',
    { a: { priority: 2 }, b: { priority: 1, lane: 'cpu' } },
    'b a',
  ],
  ['at one priority the lane decides', 'priority', { a: { lane: 'cpu' }, b: slow }, 'b a'],
  [
    'at one lane a loaded model goes first',
    'priority',
    { a: { residency: { state: 'cold' } }, b: slow },
    'b a',
  ],
  ['then free slots', 'priority', { a: { slots: 4, inflight: 2 }, b: {} }, 'b a'],

  ['hosts, containers, the cloud', 'round_robin_priority', { c: cloud, b: docker, a: slow }, 'a b c'],
  [
    'a priority number goes before the kind of hosting',
    'round_robin_priority',
    { a: { priority: 1 }, b: docker },
    'b a',
  ],
  [
    'heavy work has the processor first',
    'round_robin_priority',
    { a: {}, b: { lane: 'cpu' } },
    'b a',
    { intent: 'heavy' },
  ],

  [
    'per slot, so that a big host with work is not a busy one',
    'least_loaded',
    { a: { slots: 2, inflight: 1 }, b: { slots: 8, inflight: 2 } },
    'b a',
  ],
  [
    'a host that fails at once is not idle',
    'least_loaded',
    { a: { reliability: 0.1 }, b: { slots: 2, inflight: 1 } },
    'b a',
  ],
  ['among equals a loaded model', 'least_loaded', { a: { residency: { state: 'cold' } }, b: {} }, 'b a'],

  [
    'the region goes before the distance',
    'geographic',
    { a: { region: 'us', roundTripMs: 1 }, b: { region: 'eu', roundTripMs: 90 } },
    'b a',
    { region: 'eu' },
  ],
  ['without a region the nearest', 'geographic', { a: { roundTripMs: 90 }, b: { roundTripMs: 5 } }, 'b a'],
  ['at one distance the soonest', 'geographic', { a: slow, b: {} }, 'b a'],

  ['own hardware is cheapest', 'cost_optimized', { a: { ...cloud, ...dear }, b: slow }, 'b a'],
  [
    'what misses the limit is no choice',
    'cost_optimized',
    { a: { ...cloud, ...dear }, b: slow },
    'a',
    { limits: { maxFirstTokenMs: 2000 } },
  ],
  ['at one price the soonest', 'cost_optimized', { a: slow, b: {} }, 'b a'],
];

describe('each policy in order', () => {
  for (const [what, policy, hosts, expected, request] of rows) {
    test(`${policy}: ${what}`, () => {
      expect(order(policy, hosts, request)).toBe(expected);
    });
  }
});

const firstsOf = (name: PolicyName, hosts: Hosts, turns: number): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < turns; turn += 1) {
    const first = order(name, hosts, {}, turn).split(' ')[0] ?? '';
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
};

describe('each policy over many requests', () => {
  const alike = { a: {}, b: {}, c: {} };

  test('round_robin leads with each in turn, whatever it is', () => {
    expect(firstsOf('round_robin', { a: slow, b: {}, c: cloud }, 300)).toEqual({ a: 100, b: 100, c: 100 });
  });

  test('round_robin_priority turns inside a tier only', () => {
    expect(firstsOf('round_robin_priority', { a: {}, b: slow, c: docker }, 100)).toEqual({ a: 50, b: 50 });
  });

  test('equals share the work in turn', () => {
    for (const name of ['expected_finish', 'least_loaded', 'geographic'] as const) {
      expect(firstsOf(name, alike, 300)).toEqual({ a: 100, b: 100, c: 100 });
    }
  });

  test('priority keeps to the first of equals', () => {
    expect(firstsOf('priority', alike, 10)).toEqual({ a: 10 });
  });

  test('random gives each its share', () => {
    for (const count of Object.values(firstsOf('random', { a: slow, b: {}, c: cloud }, 1500))) {
      expect(Math.abs(count - 500)).toBeLessThan(100);
    }
  });

  test('weighted_random goes by weight', () => {
    const {
      a = 0,
      b = 0,
      c = 0,
    } = firstsOf('weighted_random', { a: { weight: 3 }, b: { weight: 1 }, c: { weight: 0 } }, 2000);
    expect(Math.abs(a - 1500)).toBeLessThan(120);
    expect(a + b).toBe(2000);
    expect(c).toBe(0);
  });

  test('performance_weighted gives a host five times as fast about five times as much', () => {
    const fifth = { rates: rates({ prefillTokensPerSecond: 200, decodeTokensPerSecond: 10 }) };
    const { a = 0, b = 0 } = firstsOf('performance_weighted', { a: {}, b: fifth }, 2000);
    expect(a / b).toBeGreaterThan(3.5);
    expect(a / b).toBeLessThan(6.5);
  });
});

describe('the table', () => {
  test('every name is its own and says in a line what it is', () => {
    expect(policyNames).toHaveLength(15);
    for (const name of policyNames) {
      expect(policies[name].name).toBe(name);
      expect(policies[name].summary.length).toBeGreaterThan(20);
    }
  });

  test('only the names of the table are names of policies', () => {
    expect(isPolicyName('expected_finish')).toBe(true);
    expect(isPolicyName('toString')).toBe(false);
    expect(isPolicyName('')).toBe(false);
  });
});
