import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Ask, Candidate } from '../../src/core/candidate.ts';
import { plan } from '../../src/core/plan.ts';
import { type PolicyName, policies } from '../../src/core/policies.ts';
import { worthWaiting } from '../../src/core/worth-waiting.ts';
import { propertyRuns } from '../property-runs.ts';
import { ask, candidate, rates } from './candidates.ts';
import { drawnAsk, drawnSnapshot } from './drawn-fleets.ts';

/** Full, and done with a request every 3 s; with the wait a request takes 4.6 s as weighed. */
const busy: Partial<Candidate> = { inflight: 1 };
const atSpeed = (prefillTokensPerSecond: number): Partial<Candidate> => ({
  rates: rates({ prefillTokensPerSecond, decodeTokensPerSecond: 50 }),
});

const slowLoad: Partial<Candidate> = { residency: { state: 'cold' }, rates: rates({ loadMs: 20_000 }) };

const awaited = (
  full: Partial<Candidate>,
  free: Partial<Candidate> | undefined,
  { request = {}, ahead = 0, policy = 'expected_finish' as PolicyName } = {} as {
    readonly request?: Partial<Ask>;
    readonly ahead?: number;
    readonly policy?: PolicyName;
  },
): string | undefined => {
  const candidates = [candidate({ backend: 'full', ...full })];
  if (free !== undefined) candidates.push(candidate({ backend: 'free', ...free }));
  const asked = ask(request);
  const decided = plan(asked, { now: 1000, candidates }, policies[policy], 0);
  return worthWaiting(asked, decided, 1000, () => 3000 * ahead)?.backend;
};

describe('waiting for a full host', () => {
  test('nobody waits for seconds while a free host is about as fast', () => {
    expect(awaited(busy, {})).toBeUndefined();
    // 5.6 s: waiting would gain a sixth.
    expect(awaited(busy, atSpeed(200))).toBeUndefined();
    // 8.3 s: waiting would gain 44 %, but a slot left idle costs those who come after.
    expect(awaited(busy, atSpeed(130))).toBeUndefined();
  });

  test('what is done in less than half the time is waited for', () => {
    // 10.6 s: waiting gains 57 %.
    expect(awaited(busy, atSpeed(100))).toBe('full');
  });

  test('a model is not loaded for long on a free host while the host that holds it is free in a moment', () => {
    expect(awaited(busy, slowLoad)).toBe('full');
  });

  test('those who wait already are counted, so that not everybody waits for the same host', () => {
    expect(awaited(busy, slowLoad, { ahead: 0 })).toBe('full');
    expect(awaited(busy, slowLoad, { ahead: 3 })).toBeUndefined();
  });

  test('the requests that run are what a slot is waited for, not the one that waits', () => {
    expect(awaited({ ...busy, meanServiceMs: 9000 }, atSpeed(100))).toBeUndefined();
    expect(awaited({ ...busy, meanServiceMs: 500 }, atSpeed(200))).toBe('full');
  });

  test('heavy work waits for a fifth', () => {
    const heavy = { request: { intent: 'heavy' } } as const;
    const cpu = { lane: 'cpu' } as const;
    expect(awaited({ ...busy, ...cpu }, { ...cpu, ...atSpeed(200) }, heavy)).toBeUndefined();
    expect(awaited({ ...busy, ...cpu }, { ...cpu, ...atSpeed(190) }, heavy)).toBe('full');
  });

  test('a conversation waits for the host that holds it, as long as that saves more than it costs', () => {
    const request = { inputTokens: 8000, outputTokens: 100 };
    const held = { inflight: 1, prefixHitTokens: 7800 };
    expect(awaited(held, {}, { request })).toBe('full');
    expect(awaited({ inflight: 1 }, {}, { request })).toBeUndefined();
    expect(awaited(held, {}, { request, ahead: 4 })).toBeUndefined();
  });

  test('with nobody free there is no choice to make, and with nobody full neither', () => {
    expect(awaited(busy, undefined)).toBeUndefined();
    expect(awaited({}, atSpeed(1))).toBeUndefined();
  });

  test('a policy that does not go by time does not wait', () => {
    expect(awaited(busy, atSpeed(1), { policy: 'round_robin' })).toBeUndefined();
    expect(awaited(busy, atSpeed(1), { policy: 'hybrid_ollama_preferred' })).toBe('full');
  });

  test('with more and more ahead, waiting ends, unless the free host is hopeless', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, (snapshot, request) => {
        const decided = plan(request, snapshot, policies.expected_finish, 0);
        const waits = [0, 1, 10, 1e9].map((ahead) =>
          worthWaiting(request, decided, snapshot.now, () => 1000 * ahead),
        );
        for (const [index, wait] of waits.entries()) {
          if (wait === undefined) expect(waits.slice(index).filter((each) => each !== undefined)).toEqual([]);
          else expect(decided.full.map((each) => each.candidate)).toContain(wait);
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
