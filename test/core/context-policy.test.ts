import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  type ContextFacts,
  type ContextPolicy,
  contextEdits,
  contextPolicyOf,
  doublingBuckets,
  runnerOptions,
} from '../../src/core/context-policy.ts';
import type { Json, JsonObject } from '../../src/spec/json.ts';
import { spliceJson } from '../../src/wire/splice.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/wire/utf8.ts';
import { propertyRuns } from '../property-runs.ts';

const policy = (changes: Partial<ContextPolicy> = {}): ContextPolicy => ({
  contextTokens: undefined,
  contextBuckets: doublingBuckets,
  minKeepAliveMs: 0,
  maxKeepAliveMs: Infinity,
  allowedOptions: new Set(),
  ...changes,
});

const facts = (body: JsonObject, changes: Partial<ContextFacts> = {}): ContextFacts => ({
  body,
  modelContextTokens: undefined,
  loadedContextTokens: undefined,
  defaultContextTokens: undefined,
  residency: undefined,
  ...changes,
});

const contextEdit = (
  num_ctx: Json | undefined,
  changes: Partial<ContextFacts> = {},
  rules: Partial<ContextPolicy> = {},
) => contextEdits(facts(num_ctx === undefined ? {} : { options: { num_ctx } }, changes), policy(rules));

const context = (value: Json | undefined) => [{ path: ['options', 'num_ctx'], value }];

describe('the rules of a configuration', () => {
  test('are those it names, and leave the rest to the caller', () => {
    const open = contextPolicyOf({ buckets: doublingBuckets, allowedOptions: [] }, {});
    expect(open).toEqual(policy());
    expect(
      contextPolicyOf(
        { tokens: 8192, buckets: [], allowedOptions: ['num_gpu'] },
        { minMs: 1000, maxMs: 2000 },
      ),
    ).toEqual({
      contextTokens: 8192,
      contextBuckets: [],
      minKeepAliveMs: 1000,
      maxKeepAliveMs: 2000,
      allowedOptions: new Set(['num_gpu']),
    });
  });
});

describe('the context of a model', () => {
  test('is rounded up to a bucket, and left alone where it is one', () => {
    expect(contextEdit(5000)).toEqual(context(8192));
    expect(contextEdit(8193)).toEqual(context(16_384));
    expect(contextEdit(100)).toEqual(context(2048));
    expect(contextEdit(8192)).toEqual([]);
    expect(contextEdit(undefined)).toEqual([]);
  });

  test('is not rounded beyond what the model was trained for, nor down below the wish of a huge one', () => {
    expect(contextEdit(33_000, { modelContextTokens: 40_960 })).toEqual(context(40_960));
    expect(contextEdit(2_000_000)).toEqual([]);
  });

  test('is the pinned one whatever is asked and though nothing is', () => {
    for (const asked of [undefined, 4096, 65_536])
      expect(contextEdit(asked, { loadedContextTokens: 4096 }, { contextTokens: 32_768 })).toEqual(
        context(32_768),
      );
    expect(contextEdit(32_768, {}, { contextTokens: 32_768 })).toEqual([]);
    expect(contextEdits(facts({ options: null }), policy({ contextTokens: 4096 }))).toEqual([
      { path: ['options'], value: { num_ctx: 4096 } },
    ]);
  });

  test('stays what it is in memory where that is enough', () => {
    expect(contextEdit(5000, { loadedContextTokens: 32_768 })).toEqual(context(32_768));
    expect(contextEdit(undefined, { loadedContextTokens: 32_768 })).toEqual(context(32_768));
    expect(contextEdit(33_000, { loadedContextTokens: 32_768 })).toEqual(context(65_536));
  });

  test('is left to the engine where nothing is asked and no more is in memory than it would give', () => {
    expect(contextEdit(undefined, { loadedContextTokens: 4096 })).toEqual([]);
    expect(contextEdit(undefined, { loadedContextTokens: 2048 })).toEqual([]);
    expect(contextEdit(undefined, { loadedContextTokens: 8192, defaultContextTokens: 32_768 })).toEqual([]);
  });

  test('that means nothing is taken out, and one of a wrong type is the engine’s to refuse', () => {
    expect(contextEdit(0)).toEqual(context(undefined));
    expect(contextEdit(-1)).toEqual(context(undefined));
    expect(contextEdit('8192', {}, { contextTokens: 4096 })).toEqual([]);
    expect(contextEdits(facts({ options: 'all' }), policy({ contextTokens: 4096 }))).toEqual([]);
  });

  test('settles for any two clients: after a few turns the model is never loaded again', () => {
    const wish = fc.option(fc.integer({ min: 1, max: 300_000 }), { nil: undefined });
    const engineDefault = fc.constantFrom(4096, 32_768);
    fc.assert(
      fc.property(
        fc.array(wish, { minLength: 2, maxLength: 4 }),
        engineDefault,
        fc.boolean(),
        (wishes, own, told) => {
          let loaded: number | undefined;
          let reloads = 0;
          for (let turn = 0; turn < 40; turn += 1) {
            const asked = wishes[turn % wishes.length];
            const options = asked === undefined ? {} : { num_ctx: asked };
            const defaultContextTokens = told ? own : undefined;
            const edits = contextEdits(
              facts({ options }, { loadedContextTokens: loaded, defaultContextTokens }),
              policy(),
            );
            const sent = (edits.length === 0 ? asked : (edits[0]?.value as number | undefined)) ?? own;
            if (sent !== loaded) reloads += 1;
            loaded = sent;
            if (turn === 20) reloads = 0;
          }
          expect(reloads).toBe(0);
        },
      ),
      { numRuns: propertyRuns },
    );
  });
});

describe('the options of a load', () => {
  const body = { options: { num_gpu: 0, temperature: 0.5, use_mmap: false, main_gpu: 1, num_thread: 64 } };

  test('are taken out, and those of sampling stay', () => {
    expect(contextEdits(facts(body), policy()).map(({ path }) => path[1])).toEqual([
      'main_gpu',
      'num_gpu',
      'num_thread',
      'use_mmap',
    ]);
  });

  test('stay where they are allowed', () => {
    const allowedOptions = new Set(['num_gpu', 'num_thread', 'main_gpu']);
    expect(contextEdits(facts(body), policy({ allowedOptions }))).toEqual([
      { path: ['options', 'use_mmap'], value: undefined },
    ]);
  });

  test('are found in whatever case the engine would find them', () => {
    const edits = contextEdits(
      facts({ OPTIONS: { num_gpu: 0, num_ctx: 9 }, Keep_Alive: -1, options: { num_ctx: 3000 } }),
      policy({ maxKeepAliveMs: 60_000 }),
    );
    expect(edits).toEqual([
      { path: ['OPTIONS', 'num_gpu'], value: undefined },
      { path: ['OPTIONS', 'num_ctx'], value: undefined },
      { path: ['options', 'num_ctx'], value: 4096 },
      { path: ['Keep_Alive'], value: 60 },
    ]);
  });
});

describe('the stay in memory', () => {
  const limits = { minKeepAliveMs: 10_000, maxKeepAliveMs: 600_000 };
  const clamped = (keep_alive: Json, residency?: 'load' | 'unload') =>
    contextEdits(facts({ keep_alive }, { residency }), policy(limits))[0]?.value;

  test.each([
    [300, undefined],
    ['5m', undefined],
    [-1, 600],
    ['-1s', 600],
    ['24h', 600],
    [1800, 600],
    [1e300, 600],
    [0, 10],
    ['0', 10],
    ['500ms', 10],
    [null, undefined],
  ] as const)('asked for as %p becomes %p seconds', (asked, seconds) => {
    expect(clamped(asked)).toBe(seconds);
  });

  test('is the engine’s to refuse where it is no duration', () => {
    for (const asked of [true, {}, '-1', '300', 'forever', []]) expect(clamped(asked)).toBeUndefined();
  });

  test('is not prolonged for a request that wants the model out, and is for one that wants it in', () => {
    expect(clamped(0, 'unload')).toBeUndefined();
    expect(clamped(-1, 'load')).toBe(600);
  });

  test('is left alone where nothing is asked or no limit is set', () => {
    expect(contextEdits(facts({}), policy(limits))).toEqual([]);
    expect(contextEdits(facts({ keep_alive: -1 }), policy())).toEqual([]);
  });
});

test('the edits can be spliced into any body, and once they are, nothing is left to edit', () => {
  const option = fc.constantFrom('num_gpu', 'use_mmap', 'num_ctx', 'temperature', 'seed', 'numa');
  const value = fc.oneof(fc.integer({ min: -5, max: 300_000 }), fc.constantFrom(null, true, '4096'));
  const options = fc.oneof(fc.dictionary(option, value), fc.constantFrom(null, 'x', 3));
  const keepAlive = fc.constantFrom(-1, 0, 60, '5m', '-1s', '99h', 'x', null, true);
  const body = fc.record(
    { model: fc.constant('m'), options, keep_alive: keepAlive },
    { requiredKeys: ['model'] },
  );
  const rules = fc.record({
    contextTokens: fc.constantFrom(undefined, 8192),
    maxKeepAliveMs: fc.constantFrom(60_000, Infinity),
    minKeepAliveMs: fc.constantFrom(0, 5000),
  });
  fc.assert(
    fc.property(body, rules, (sent, changes) => {
      const bytes = encodeUtf8(JSON.stringify(sent));
      const edits = contextEdits(facts(sent as JsonObject), policy(changes));
      const spliced = spliceJson(bytes, edits);
      expect(spliced).toBeDefined();
      if (spliced === undefined) return;
      if (edits.length === 0) expect(spliced).toBe(bytes);
      const after = JSON.parse(decodeUtf8(spliced)) as JsonObject;
      expect(contextEdits(facts(after), policy(changes))).toEqual([]);
    }),
    { numRuns: propertyRuns },
  );
});

test('what tells one load from another is its load-time options, in one order', () => {
  expect(runnerOptions({ temperature: 1, seed: 3 })).toBe(runnerOptions({}));
  expect(runnerOptions({ num_gpu: 1, num_ctx: 2 })).toBe(runnerOptions({ num_ctx: 2, num_gpu: 1, top_k: 1 }));
  expect(runnerOptions({ num_ctx: 2 })).not.toBe(runnerOptions({ num_ctx: 4 }));
});
