import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Candidate } from '../../src/core/candidate.ts';
import { closedPair } from '../../src/core/health.ts';
import { plan } from '../../src/core/plan.ts';
import { policies, policyNames } from '../../src/core/policies.ts';
import { propertyRuns } from '../property-runs.ts';
import { ask, candidate } from './candidates.ts';

const order = (
  candidates: readonly Candidate[],
  changes: Parameters<typeof ask>[0] = {},
  now = 1000,
): readonly string[] =>
  plan(ask(changes), { now, candidates }, policies.priority, 1).attempts.map(
    (each) => each.candidate.backend,
  );

describe('plan', () => {
  test('a lower priority number goes first whatever the lane', () => {
    const candidates = [
      candidate({ backend: 'second', priority: 2 }),
      candidate({ backend: 'first', lane: 'cpu' }),
    ];
    expect(order(candidates)).toEqual(['first', 'second']);
  });

  test('at equal priority a fast request takes the gpu lane and a heavy one the cpu lane', () => {
    const candidates = [candidate({ backend: 'cpu', lane: 'cpu' }), candidate({ backend: 'gpu' })];
    expect(order(candidates)).toEqual(['gpu', 'cpu']);
    expect(order(candidates, { intent: 'heavy' })).toEqual(['cpu', 'gpu']);
  });

  test('at equal lane a host that has the model in memory goes first', () => {
    const candidates = [
      candidate({ backend: 'cold' }),
      candidate({ backend: 'warm', card: { name: 'm', loaded: {} } }),
    ];
    expect(order(candidates)).toEqual(['warm', 'cold']);
  });

  test('a host without a free slot is not an attempt but is worth waiting for', () => {
    const candidates = [
      candidate({ backend: 'busy', inflight: 1 }),
      candidate({ backend: 'free', priority: 2 }),
    ];
    const decided = plan(ask(), { now: 0, candidates }, policies.priority, 1);
    expect(decided.attempts.map((each) => each.candidate.backend)).toEqual(['free']);
    expect(decided.full.map((each) => each.candidate.backend)).toEqual(['busy']);
  });

  test('every rejected candidate has its reason', () => {
    const candidates = [
      candidate({ backend: 'down', host: { state: 'down', failures: 2, reason: 'connection refused' } }),
      candidate({
        backend: 'open',
        pair: { ...closedPair, failures: 3, openUntil: 4000, reason: 'out of memory' },
      }),
      candidate({ backend: 'absent', pair: { ...closedPair, absentUntil: 2000 } }),
      candidate({ backend: 'busy', pair: { ...closedPair, busyUntil: 2000 } }),
      candidate({ backend: 'cloud', zone: 'cloud' }),
      candidate({ backend: 'tried' }),
      candidate({ backend: 'blind', card: { name: 'm', capabilities: ['completion'] } }),
      candidate({ backend: 'embedder', card: { name: 'm', capabilities: ['embedding'] } }),
    ];
    const decided = plan(
      ask({ localOnly: true, tried: ['tried'], needs: ['vision'] }),
      { now: 1000, candidates },
      policies.priority,
      1,
    );
    expect(decided.attempts).toEqual([]);
    expect(
      decided.rejected.map((each) => [each.candidate.backend, each.reason.kind, each.reason.text]),
    ).toEqual([
      ['down', 'unavailable', 'down: connection refused'],
      ['open', 'unavailable', 'set aside for 3 s after 3 failures: out of memory'],
      ['absent', 'unavailable', 'the model is not there any more'],
      ['busy', 'unavailable', 'busy for 1 s'],
      ['cloud', 'forbidden', 'the request may not leave the local zone'],
      ['tried', 'tried', 'already tried for this request'],
      ['blind', 'incapable', 'the model does not support vision there'],
      ['embedder', 'incapable', 'the model has no completion capability there'],
    ]);
    expect(decided.why).toBe('no eligible host');
  });

  test('an unknown capability is asked for rather than refused', () => {
    expect(order([candidate({ backend: 'a' })], { needs: ['tools', 'vision'] })).toEqual(['a']);
  });

  test('a host never looked at is asked', () => {
    expect(order([candidate({ backend: 'new', host: { state: 'unknown', failures: 0 } })])).toEqual(['new']);
  });

  test('round robin leads with each of the equals in turn', () => {
    const candidates = ['a', 'b', 'c'].map((backend) => candidate({ backend }));
    const firsts = new Map<string, number>();
    for (let seed = 0; seed < 3000; seed += 1) {
      const first =
        plan(ask(), { now: 0, candidates }, policies.round_robin, seed).attempts[0]?.candidate.backend ?? '';
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    for (const backend of ['a', 'b', 'c']) expect(firsts.get(backend)).toBe(1000);
  });

  test('least loaded counts per slot, so that a big host with work is not a busy one', () => {
    const candidates = [
      candidate({ backend: 'small', slots: 2, inflight: 1 }),
      candidate({ backend: 'big', slots: 8, inflight: 2 }),
    ];
    const decided = plan(ask(), { now: 0, candidates }, policies.least_loaded, 1);
    expect(decided.attempts[0]?.candidate.backend).toBe('big');
  });

  const anyCandidate = fc
    .record({
      lane: fc.constantFrom('gpu', 'cpu', 'container', 'cloud', 'peer'),
      zone: fc.constantFrom('local', 'cloud'),
      priority: fc.integer({ min: 0, max: 3 }),
      slots: fc.integer({ min: 1, max: 4 }),
      inflight: fc.integer({ min: 0, max: 5 }),
      host: fc.constantFrom('up', 'down', 'unknown'),
      openUntil: fc.integer({ min: 0, max: 2000 }),
    })
    .map(({ host, openUntil, ...rest }) => ({
      ...rest,
      host: { state: host, failures: 0 } as const,
      pair: { ...closedPair, openUntil },
    }));

  test('each candidate is in exactly one of the three lists, whatever the policy and the seed', () => {
    fc.assert(
      fc.property(
        fc.array(anyCandidate, { maxLength: 12 }),
        fc.constantFrom(...policyNames),
        fc.nat(),
        (drawn, name, seed) => {
          const candidates = drawn.map((each, index) =>
            candidate({ ...each, backend: `b${index}` } as Candidate),
          );
          const decided = plan(ask({ localOnly: true }), { now: 1000, candidates }, policies[name], seed);
          const seen = [...decided.attempts, ...decided.full, ...decided.rejected].map(
            (each) => each.candidate.backend,
          );
          expect([...seen].sort()).toEqual(candidates.map(({ backend }) => backend).sort());
          for (const { candidate: chosen } of [...decided.attempts, ...decided.full]) {
            expect(chosen.zone).toBe('local');
            expect(chosen.host.state).not.toBe('down');
            expect(chosen.pair.openUntil).toBeLessThanOrEqual(1000);
          }
          for (const { candidate: chosen } of decided.attempts)
            expect(chosen.inflight).toBeLessThan(chosen.slots);
          expect(plan(ask({ localOnly: true }), { now: 1000, candidates }, policies[name], seed)).toEqual(
            decided,
          );
        },
      ),
      { numRuns: propertyRuns },
    );
  });
});
