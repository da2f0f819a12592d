/** Documents as any instance could write them. */

import fc from 'fast-check';
import type { Body, Head } from '../../../src/core/cluster/document.ts';
import type { Knowledge } from '../../../src/core/cluster/knowledge.ts';
import { type BreakerFact, breakerPhases } from '../../../src/core/cluster/shared-breaker.ts';
import type { PinFact } from '../../../src/core/cluster/shared-pin.ts';
import type { QuotaFact, UseFact } from '../../../src/core/cluster/shared-quota.ts';
import { knowing } from './knowing.ts';

const hostKey = fc.constantFrom('aaaa', 'bbbb', 'cccc');
const pairKey = fc.constantFrom('aaaa.x1', 'aaaa.y2', 'bbbb.x1');
const remaining = fc.integer({ min: 0, max: 100_000 });

/** Deadlines are as seen at 0. */
export const breakerFacts: fc.Arbitrary<BreakerFact> = fc
  .record({
    epoch: fc.integer({ min: 1, max: 5 }),
    phase: fc.constantFrom(...breakerPhases),
    openings: fc.integer({ min: 0, max: 3 }),
    until: remaining,
  })
  .map((fact) => (fact.phase === 'closed' ? { ...fact, until: 0 } : fact));

export const pinFacts: fc.Arbitrary<PinFact> = fc
  .record({
    epoch: fc.integer({ min: 1, max: 4 }),
    times: fc.integer({ min: 0, max: 3 }),
    until: remaining,
    contextTokens: fc.option(fc.constantFrom(4096, 8192), { nil: undefined }),
  })
  .map((fact) => (fact.times === 0 ? { ...fact, until: 0 } : fact));

const useFacts: fc.Arbitrary<UseFact> = fc.record({
  count: fc.nat(100_000).map((hundredths) => hundredths / 100),
  level: fc.nat(1_000),
  own: fc.nat(1_000),
});

export const quotaFacts: fc.Arbitrary<QuotaFact> = fc
  .tuple(fc.option(useFacts, { nil: undefined }), fc.option(useFacts, { nil: undefined }), useFacts)
  .map(([requests, tokens, one]) =>
    requests === undefined && tokens === undefined ? { requests: one, tokens } : { requests, tokens },
  );

const mapOf = <Value>(
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<Value>,
): fc.Arbitrary<Map<string, Value>> =>
  fc.array(fc.tuple(key, value), { maxLength: 3 }).map((entries) => new Map(entries));

const stamp = {
  instance: fc.constantFrom('one', 'two', 'three'),
  boot: fc.constantFrom('a', 'b'),
  sequence: fc.integer({ min: 1, max: 6 }),
  upMs: fc.integer({ min: 0, max: 1_000_000 }),
};

export const heads: fc.Arbitrary<Head> = fc.record({
  ...stamp,
  body: fc.integer({ min: 0, max: 5 }),
  leaving: fc.boolean(),
  peer: fc.constantFrom(undefined, 'http://box:5010'),
  waiting: fc.nat(40),
  flights: mapOf(hostKey, fc.record({ inflight: fc.nat(20), waiting: fc.nat(20) })),
  loads: fc.array(
    fc.record({
      host: hostKey,
      pair: pairKey,
      phase: fc.constantFrom<'intent' | 'loading'>('intent', 'loading'),
      ticket: fc.nat(9),
      remainMs: remaining,
    }),
    { maxLength: 2 },
  ),
  hosts: mapOf(
    hostKey,
    fc.record({ changes: fc.nat(9), state: fc.constantFrom<'up' | 'down'>('up', 'down') }),
  ),
  breakers: mapOf(pairKey, breakerFacts),
  pins: mapOf(pairKey, pinFacts),
  quotas: mapOf(fc.constantFrom('k1', 'k2'), quotaFacts),
});

export const bodies: fc.Arbitrary<Body> = fc.record({
  ...stamp,
  hosts: fc.option(
    fc.array(hostKey).map((keys) => new Set(keys)),
    { nil: undefined },
  ),
  breakers: mapOf(pairKey, breakerFacts),
  pins: mapOf(pairKey, pinFacts),
  residents: mapOf(
    hostKey,
    fc.record({
      ageMs: fc.nat(10_000),
      models: mapOf(fc.constantFrom('x1', 'y2'), fc.nat(1_000_000)),
      totalBytes: fc.option(fc.nat(1_000_000), { nil: undefined }),
      freeBytes: fc.option(fc.nat(1_000_000), { nil: undefined }),
    }),
  ),
  rates: mapOf(
    pairKey,
    fc.record({
      ageMs: fc.nat(10_000),
      prefillTokensPerSecond: fc.integer({ min: 1, max: 9_000 }),
      decodeTokensPerSecond: fc.integer({ min: 1, max: 900 }),
      decodeSlope: fc.constantFrom(0, 0.5, 2),
      loadMs: fc.nat(60_000),
      outputTokens: fc.integer({ min: 1, max: 4_000 }),
      samples: fc.nat(100),
      evidence: fc.nat(8),
    }),
  ),
  exceptions: fc.array(
    fc.record({
      conversation: fc.maxSafeNat(),
      host: hostKey,
      strength: fc.constantFrom(0, 0.25, 1),
      ageMs: fc.nat(10_000),
    }),
    { maxLength: 3 },
  ),
});

/** What was heard of a handful of documents. */
export const knowledges: fc.Arbitrary<Knowledge> = fc
  .array(fc.oneof<fc.Arbitrary<Head | Body>[]>(heads, bodies), { maxLength: 5 })
  .map((all) => knowing(...all));
