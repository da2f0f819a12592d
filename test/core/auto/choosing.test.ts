import { describe, expect, test } from 'bun:test';
import { analyse } from '../../../src/core/analysis/analyse.ts';
import { joinedConstraints, readConstraints } from '../../../src/core/auto/constraints.ts';
import { cardWith, ratesWith } from '../../../src/core/auto/declared.ts';
import { autoPolicy } from '../../../src/core/auto/policy.ts';
import { relaxations } from '../../../src/core/auto/relaxed.ts';
import { isEmbedder, parametersBillions } from '../../../src/core/auto/strength.ts';
import { automaticTiers, defaultThresholds, wantedTier } from '../../../src/core/auto/tiers.ts';
import { plan } from '../../../src/core/plan.ts';
import { dependable } from '../../../src/core/scorers/dependable.ts';
import { performance } from '../../../src/core/scorers/performance.ts';
import { suited } from '../../../src/core/scorers/suited.ts';
import type { TaskType } from '../../../src/spec/analysis.ts';
import type { AutoAsk } from '../../../src/spec/choice.ts';
import { ask, candidate, rates } from '../candidates.ts';

const analysis = analyse({
  operation: 'chat',
  parts: [{ role: 'user', text: 'hello', images: 0 }],
  needs: [],
  structured: 'none',
  maxOutputTokens: undefined,
});

const open = (changes: Partial<AutoAsk> = {}, task: TaskType = 'chat'): AutoAsk => ({
  group: 'auto',
  analysis: { ...analysis, task: { value: task, confidence: 1 } },
  tiers: ['small', 'large'],
  wanted: 0,
  because: 'a test',
  weights: { performance: 0.4, cost: 0.3, reliability: 0.2, capabilities: 0.1 },
  ...changes,
});

describe('the strength of a model', () => {
  const known: readonly (readonly [name: string, billions: number | undefined])[] = [
    ['llama3.2:3b', 3],
    ['gpt-oss:20b', 20],
    ['mixtral:8x7b', 56],
    ['smollm2:135m', 0.135],
    ['qwen2.5-0.5b-instruct', 0.5],
    ['org/Model-14B-GGUF', 14],
    ['llama3.2', undefined],
    ['phi-4-mini', undefined],
  ];
  for (const [name, billions] of known) {
    test(`of ${name} is ${billions ?? 'not told'} by its name`, () => {
      expect(parametersBillions({ name })).toBe(billions);
    });
  }

  test('is what its engine says before what its name says, and then what its size says', () => {
    expect(parametersBillions({ name: 'x:3b', parameterSize: '8.0B' })).toBe(8);
    expect(parametersBillions({ name: 'x', parameterSize: '494.03M' })).toBeCloseTo(0.494);
    expect(parametersBillions({ name: 'x', sizeBytes: 4.8e9 })).toBeCloseTo(8);
  });

  test('models that make vectors are known by capability, else by name', () => {
    expect(isEmbedder({ name: 'nomic-embed-text' })).toBe(true);
    expect(isEmbedder({ name: 'bge-m3' })).toBe(true);
    expect(isEmbedder({ name: 'x', capabilities: ['embedding'] })).toBe(true);
    expect(isEmbedder({ name: 'nomic-embed-text', capabilities: ['completion'] })).toBe(false);
    expect(isEmbedder({ name: 'gemma3:4b' })).toBe(false);
  });
});

describe('automatic tiers', () => {
  const tiersOf = (...names: readonly string[]) =>
    automaticTiers(names.map((name) => ({ name, card: { name }, zone: 'local' as const }))).map(
      ({ name, models }) => `${name}: ${models.join(' ')}`,
    );

  test('are by size, weakest first', () => {
    expect(tiersOf('a:70b', 'b:3b', 'c:8b', 'd:1b')).toEqual([
      'small: d:1b b:3b',
      'medium: c:8b',
      'large: a:70b',
    ]);
  });

  test('leave out tiny models unless there are no others', () => {
    expect(tiersOf('a:135m', 'b:3b', 'c:8b')).toEqual(['small: b:3b', 'medium: c:8b']);
    expect(tiersOf('a:135m', 'b:360m')).toEqual(['small: a:135m', 'large: b:360m']);
  });

  test('leave out what nothing falls into', () => {
    expect(tiersOf('a:70b', 'b:3b')).toEqual(['small: b:3b', 'large: a:70b']);
  });

  test('part models of one class where one is twice the other, and else do not', () => {
    expect(tiersOf('a:1b', 'b:4b')).toEqual(['small: a:1b', 'large: b:4b']);
    expect(tiersOf('a:7b', 'b:8b')).toEqual(['all: a:7b b:8b']);
  });

  test('keep what makes vectors with the weakest', () => {
    expect(tiersOf('a:70b', 'b:3b', 'nomic-embed-text')).toEqual([
      'small: b:3b nomic-embed-text',
      'large: a:70b',
    ]);
  });

  test('take a model of unknown size for a large one in the cloud only', () => {
    const both = automaticTiers([
      { name: 'home', card: { name: 'home' }, zone: 'local' },
      { name: 'far', card: { name: 'far' }, zone: 'cloud' },
    ]);
    expect(both.map(({ name }) => name)).toEqual(['medium', 'large']);
  });

  test('nothing installed is nothing to choose', () => {
    expect(automaticTiers([])).toEqual([]);
  });

  test('a complexity wants the tier whose threshold it reaches', () => {
    expect([1, 2, 3].map(defaultThresholds)).toEqual([[], [0.7], [0.4, 0.7]]);
    expect([0, 0.39, 0.4, 0.69, 0.7, 1].map((each) => wantedTier(each, [0.4, 0.7]))).toEqual([
      0, 0, 1, 1, 2, 2,
    ]);
  });
});

describe('a declared card', () => {
  test('fills what the engine leaves open and nothing else', () => {
    const card = { name: 'm', contextTokens: 4096, capabilities: undefined };
    const declared = { contextTokens: 8192, capabilities: ['vision'] as const, parameterSize: '3B' };
    expect(cardWith(card, declared)).toMatchObject({
      contextTokens: 4096,
      capabilities: ['vision'],
      parameterSize: '3B',
    });
  });

  test('its speed counts until one was measured', () => {
    expect(ratesWith(rates({ samples: 0 }), { tokensPerSecond: 7 }).decodeTokensPerSecond).toBe(7);
    expect(ratesWith(rates({ samples: 3 }), { tokensPerSecond: 7 }).decodeTokensPerSecond).toBe(50);
  });
});

describe('constraints', () => {
  test('of a key and a request hold together, the narrower of each', () => {
    const key = readConstraints({
      max_latency_ms: 500,
      min_reliability: 0.5,
      zone: 'local',
      excluded_models: ['a'],
    });
    const own = readConstraints({
      max_latency_ms: 900,
      min_reliability: 0.9,
      zone: 'cloud',
      excluded_models: ['B'],
    });
    expect(joinedConstraints(key, own)).toMatchObject({
      maxLatencyMs: 500,
      minReliability: 0.9,
      zone: 'local',
      excludedModels: ['a', 'b'],
    });
    expect(joinedConstraints(undefined, own)).toBe(own);
  });
});

describe('the scorers of a choice', () => {
  const asked = ask({ auto: open({}, 'code') });
  const snapshot = { now: 1000, candidates: [] };

  test('performance is the shortest time as a share of each', () => {
    const [fast = 0, slow = 0] = performance(
      asked,
      [candidate({ backend: 'a' }), candidate({ backend: 'b', rates: rates({ decodeTokensPerSecond: 5 }) })],
      snapshot,
    );
    expect(fast).toBe(1);
    expect(slow).toBeLessThan(0.3);
  });

  test('reliability is as it was seen', () => {
    expect(dependable(asked, [candidate({ backend: 'a', reliability: 0.4 })], snapshot)).toEqual([0.4]);
  });

  test('a specialist suits its own work and hardly any other', () => {
    const both = [candidate({ backend: 'a', upstream: 'qwen2.5-coder:7b' }), candidate({ backend: 'b' })];
    expect(suited(asked, both, snapshot)).toEqual([1, 0.6]);
    expect(suited(ask({ auto: open({}, 'creative') }), both, snapshot)).toEqual([0.2, 0.6]);
    const seeing = candidate({ backend: 'c', card: { name: 'm', capabilities: ['vision'] } });
    expect(suited(ask({ auto: open({}, 'vision') }), [seeing], snapshot)).toEqual([0.9]);
  });
});

describe('the plan over several models', () => {
  const small = candidate({ backend: 'a', upstream: 's:3b', name: 's:3b', tier: 0, card: { name: 's:3b' } });
  const large = candidate({
    backend: 'b',
    upstream: 'l:70b',
    name: 'l:70b',
    tier: 1,
    card: { name: 'l:70b' },
  });
  const snapshot = { now: 1000, candidates: [large, small] };
  const order = (auto: AutoAsk, changes = {}) =>
    plan(ask({ auto, ...changes }), snapshot, autoPolicy, 0).attempts.map(
      ({ candidate: { upstream } }) => upstream,
    );

  test('puts the wanted tier first, then the stronger', () => {
    expect(order(open({ wanted: 0 }))).toEqual(['s:3b', 'l:70b']);
    expect(order(open({ wanted: 1 }))).toEqual(['l:70b']);
  });

  test('takes a weaker model where no strong one can', () => {
    const down = { ...large, host: { state: 'down' as const, failures: 3 } };
    const { attempts } = plan(
      ask({ auto: open({ wanted: 1 }) }),
      { now: 1000, candidates: [down, small] },
      autoPolicy,
      0,
    );
    expect(attempts.map(({ candidate: { upstream } }) => upstream)).toEqual(['s:3b']);
  });

  test('weighs price against speed as the weights say', () => {
    const dear = {
      ...small,
      backend: 'dear',
      upstream: 'd:3b',
      price: { inputPerMillion: 5, outputPerMillion: 5 },
    };
    const slow = { ...small, backend: 'slow', upstream: 'o:3b', rates: rates({ decodeTokensPerSecond: 20 }) };
    const first = (weights: AutoAsk['weights']) =>
      plan(ask({ auto: open({ weights }) }), { now: 1000, candidates: [dear, slow] }, autoPolicy, 0)
        .attempts[0]?.candidate.upstream;
    expect(first({ performance: 1, cost: 0, reliability: 0, capabilities: 0 })).toBe('d:3b');
    expect(first({ performance: 0, cost: 1, reliability: 0, capabilities: 0 })).toBe('o:3b');
  });

  test('leaves out a model whose context is too small', () => {
    const short = { ...small, card: { name: 's:3b', contextTokens: 500 } };
    const { rejected } = plan(
      ask({ auto: open() }),
      { now: 1000, candidates: [short, large] },
      autoPolicy,
      0,
    );
    expect(rejected.map(({ reason }) => reason.text)).toEqual([
      'about 1000 tokens do not fit into its context of 500',
    ]);
  });

  test('says in one phrase what was chosen and why', () => {
    const { why } = plan(ask({ auto: open({ wanted: 1 }) }), snapshot, autoPolicy, 0);
    expect(why).toStartWith('auto: large (a test), gpu, loaded');
  });

  test('a constraint that is given up alone is told with who would fit then', () => {
    const constraints = { excludedModels: ['s:3b'], maxLatencyMs: 1 };
    const asked = ask({ auto: open(), constraints });
    const decided = plan(asked, snapshot, autoPolicy, 0);
    expect(decided.attempts).toEqual([]);
    expect(relaxations(asked, snapshot, autoPolicy, decided)).toEqual([
      {
        constraint: 'max_latency_ms',
        excluded: [expect.stringContaining("'l:70b' on b")],
        would: ["'l:70b' on b"],
      },
      { constraint: 'excluded_models', excluded: [expect.stringContaining("'s:3b' on a")], would: [] },
    ]);
  });
});
