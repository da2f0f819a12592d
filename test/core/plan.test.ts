import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Breaker } from '../../src/core/breaker.ts';
import type { Ask, Candidate, Snapshot } from '../../src/core/candidate.ts';
import { expectedFinish } from '../../src/core/estimate.ts';
import { healthyPair } from '../../src/core/health.ts';
import { type Plan, plan } from '../../src/core/plan.ts';
import { policies, policyNames } from '../../src/core/policies.ts';
import type { Scored } from '../../src/core/policy.ts';
import { propertyRuns } from '../property-runs.ts';
import { ask, candidate, rates } from './candidates.ts';
import { drawnAsk, drawnSnapshot } from './drawn-fleets.ts';

const names = (list: readonly Scored[]): readonly string[] => list.map((each) => each.candidate.backend);

const decide = (
  candidates: readonly Candidate[],
  request: Partial<Ask> = {},
  policy: keyof typeof policies = 'expected_finish',
): Plan => plan(ask(request), { now: 1000, candidates }, policies[policy], 0);

describe('plan', () => {
  test('a host without a free slot is not an attempt but is worth waiting for', () => {
    const decided = decide([candidate({ backend: 'busy', inflight: 1 }), candidate({ backend: 'free' })]);
    expect(names(decided.attempts)).toEqual(['free']);
    expect(names(decided.full)).toEqual(['busy']);
  });

  test('a free host is used, however slow', () => {
    const slow = rates({ prefillTokensPerSecond: 1, decodeTokensPerSecond: 0.1 });
    const decided = decide([
      candidate({ backend: 'fast', inflight: 1 }),
      candidate({ backend: 'slow', rates: slow, lane: 'cpu', residency: { state: 'cold' } }),
    ]);
    expect(names(decided.attempts)).toEqual(['slow']);
  });

  test('a pair on its way back is given its slots one by one', () => {
    const ramp = (since: number) => {
      const breaker: Breaker = {
        state: 'ramp',
        epoch: 4,
        openedEpoch: 2,
        openings: 1,
        since,
        window: [],
        consecutive: 0,
      };
      return { ...healthyPair, breaker };
    };
    const half = { slots: 4, inflight: 2 };
    const decided = decide([
      candidate({ backend: 'early', ...half, pair: ramp(0) }),
      candidate({ backend: 'late', ...half, pair: ramp(-20_000) }),
    ]);
    expect(names(decided.attempts)).toEqual(['late']);
    expect(names(decided.full)).toEqual(['early']);
  });

  test('every rejected candidate has its reason', () => {
    const decided = decide(
      [
        candidate({ backend: 'down', host: { state: 'down', failures: 2, reason: 'connection refused' } }),
        candidate({ backend: 'absent', pair: { ...healthyPair, absentUntil: 2000 } }),
        candidate({ backend: 'busy', pair: { ...healthyPair, busyUntil: 2000 } }),
        candidate({ backend: 'cloud', zone: 'cloud' }),
        candidate({ backend: 'tried' }),
        candidate({ backend: 'blind', card: { name: 'm', capabilities: ['completion'] } }),
        candidate({ backend: 'embedder', card: { name: 'm', capabilities: ['embedding'] } }),
        candidate({ backend: 'container', kind: 'docker-model-runner' }),
      ],
      { localOnly: true, tried: ['tried'], needs: ['vision'] },
      'ollama_only',
    );
    expect(decided.attempts).toEqual([]);
    expect(
      decided.rejected.map((each) => [each.candidate.backend, each.reason.kind, each.reason.text]),
    ).toEqual([
      ['down', 'unavailable', 'down: connection refused'],
      ['absent', 'unavailable', 'the model is not there any more'],
      ['busy', 'unavailable', 'busy for 1 s'],
      ['cloud', 'forbidden', 'the request may not leave the local zone'],
      ['tried', 'tried', 'already tried for this request'],
      ['blind', 'incapable', 'this model does not support vision'],
      ['embedder', 'incapable', 'the model has no completion capability there'],
      ['container', 'forbidden', 'the policy uses ollama only'],
    ]);
    expect(decided.why).toBe('no eligible host');
  });

  test('what the mode leaves out, and what cannot begin in time, is no attempt under any policy', () => {
    const slow = rates({ prefillTokensPerSecond: 1 });
    const hosts = [
      candidate({ backend: 'primary' }),
      candidate({ backend: 'full', lane: 'container', inflight: 1 }),
      candidate({ backend: 'slow', lane: 'cpu', rates: slow }),
    ];
    const left = (request: Partial<Ask>, policy: keyof typeof policies): readonly string[] => {
      const { attempts, full } = decide(hosts, request, policy);
      return [...names(attempts), ...names(full)].sort();
    };
    for (const policy of policyNames.filter((name) => name !== 'docker_only')) {
      expect(left({ mode: 'single' }, policy)).toEqual(['primary']);
      expect(left({ mode: 'fallback_only' }, policy)).toEqual(['full', 'slow']);
      expect(left({ deadlineAt: 9000 }, policy)).toEqual(['full', 'primary']);
    }
  });

  test('a host never looked at is asked', () => {
    const decided = decide([candidate({ backend: 'new', host: { state: 'unknown', failures: 0 } })]);
    expect(names(decided.attempts)).toEqual(['new']);
  });

  test('it says in a phrase why the first is first', () => {
    const gpu = candidate({ backend: 'a', prefixHitTokens: 640 });
    expect(decide([gpu]).why).toBe('expected_finish, gpu, loaded, 640 prompt tokens held, only host');
    const others = [
      candidate({ backend: 'b', lane: 'cpu', residency: { state: 'unknown' } }),
      candidate({ backend: 'c', inflight: 1 }),
    ];
    expect(decide([gpu, ...others], { tried: ['a'] }, 'round_robin').why).toBe(
      'round_robin, cpu, failover 1',
    );
    expect(decide([candidate({ backend: 'c', inflight: 1 })]).why).toBe(
      'expected_finish, waiting for a free slot',
    );
  });
});

const inEach = (decided: Plan): readonly Candidate[] =>
  [...decided.attempts, ...decided.full, ...decided.rejected].map((each) => each.candidate);

const anyPolicy = fc.constantFrom(...policyNames);
const runs = { numRuns: propertyRuns };

describe('under any policy, for any fleet and request', () => {
  test('each candidate is in exactly one of the three lists, once', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, anyPolicy, fc.integer(), (snapshot, request, name, seed) => {
        const decided = plan(request, snapshot, policies[name], seed);
        const seen = inEach(decided).map(({ backend }) => backend);
        expect([...seen].sort()).toEqual(snapshot.candidates.map(({ backend }) => backend).sort());
        for (const { candidate: each } of decided.attempts) expect(each.inflight).toBeLessThan(each.slots);
      }),
      runs,
    );
  });

  test('no cloud backend is ever an attempt, or waited for, where the request must stay local', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, anyPolicy, fc.integer(), (snapshot, request, name, seed) => {
        fc.pre(request.localOnly || request.mode === 'local_only');
        const { attempts, full } = plan(request, snapshot, policies[name], seed);
        for (const each of [...attempts, ...full]) expect(each.candidate.zone).toBe('local');
      }),
      runs,
    );
  });

  test('no host that is down, set aside, absent or tried is an attempt', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, anyPolicy, (snapshot, request, name) => {
        const { attempts, full } = plan(request, snapshot, policies[name], 1);
        for (const { candidate: each } of [...attempts, ...full]) {
          expect(each.host.state).not.toBe('down');
          expect(each.pair.breaker.state).not.toBe('open');
          expect(Math.max(each.pair.absentUntil, each.pair.busyUntil)).toBeLessThanOrEqual(snapshot.now);
          expect(request.tried).not.toContain(each.backend);
        }
      }),
      runs,
    );
  });

  test('the same arguments give the same plan, and scores are in 0..1', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, anyPolicy, fc.integer(), (snapshot, request, name, seed) => {
        const decided = plan(request, snapshot, policies[name], seed);
        expect(plan(request, snapshot, policies[name], seed)).toEqual(decided);
        for (const { score } of [...decided.attempts, ...decided.full]) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
      runs,
    );
  });

  test('a tier is never crossed', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, anyPolicy, fc.nat(), (snapshot, request, name, seed) => {
        const { attempts, policy } = plan(request, snapshot, policies[name], seed);
        const ranks = attempts.map((each) => policy.tiers.map(({ rank }) => rank(request, each.candidate)));
        const sorted = [...ranks].sort((left, right) => {
          const at = left.findIndex((rank, index) => rank !== right[index]);
          return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
        });
        expect(ranks).toEqual(sorted);
      }),
      runs,
    );
  });
});

const factor = fc.double({ min: 1.01, max: 10, noNaN: true });

test('by expected finish, a strictly faster host is never behind an otherwise equal one', () => {
  fc.assert(
    fc.property(drawnSnapshot, drawnAsk, factor, factor, factor, fc.nat(), (drawn, request, ...rest) => {
      const [prefill, decode, load, seed] = rest;
      const [slow] = drawn.candidates;
      fc.pre(slow !== undefined);
      if (slow === undefined) return;
      const learned = slow.rates;
      const fast: Candidate = {
        ...slow,
        backend: 'faster',
        rates: {
          ...learned,
          prefillTokensPerSecond: learned.prefillTokensPerSecond * prefill,
          decodeTokensPerSecond: learned.decodeTokensPerSecond * decode,
          loadMs: learned.loadMs / load,
        },
      };
      const named = { ...request, preferred: undefined, tried: [], mode: 'hybrid' as const };
      const [before, after] = [slow, fast].map((each) => expectedFinish(named, each, drawn.now).weighedMs);
      expect(after).toBeLessThanOrEqual(before ?? 0);
      // Where nothing is to be read, written or loaded, speed makes no difference.
      if ((after ?? 0) > (before ?? 0) * (1 - 1e-9)) return;
      const snapshot: Snapshot = { now: drawn.now, candidates: [slow, fast] };
      const decided = plan(named, snapshot, policies.expected_finish, seed);
      for (const list of [decided.attempts, decided.full]) {
        if (list.length === 2) expect(list[0]?.candidate.backend).toBe('faster');
      }
    }),
    runs,
  );
});
