import { describe, expect, test } from 'bun:test';
import { onStart } from '../../../src/core/breaker.ts';
import type { Ask, Candidate, PairHealth } from '../../../src/core/candidate.ts';
import { healthy } from '../../../src/core/filters/healthy.ts';
import { healthyPair, hostOutOfMemory, pairPinned, unknownHost } from '../../../src/core/health.ts';
import { halfOpenBreaker, openBreaker, plainAsk, wellCandidate } from '../health-candidates.ts';

const now = 1_000;

const verdict = (changes: Partial<Candidate>, asked: Partial<Ask> = {}, at = now) => {
  const candidate = wellCandidate(changes);
  return healthy(plainAsk(asked), candidate, { now: at, candidates: [candidate] });
};

const pair = (changes: Partial<PairHealth>): Partial<Candidate> => ({ pair: { ...healthyPair, ...changes } });

const pinnedPair = pairPinned(healthyPair, { contextTokens: 8_192, freeBytes: 500 }, 0);
const pressed = ['a', 'b', 'c'].reduce(
  (host, upstream) => hostOutOfMemory(host, upstream, 0),
  wellCandidate().host,
);
const cold = { state: 'cold' } as const;

describe('a candidate passes', () => {
  test.each([
    ['that is well', {}],
    ['whose host was never looked at', { host: unknownHost }],
    ['whose breaker counts failures but is closed', pair({ breaker: { ...healthyPair.breaker } })],
    ['whose opening is over', pair({ breaker: openBreaker(now - 5_000) })],
    ['whose first trial went well', pair({ breaker: halfOpenBreaker(now - 5_100) })],
    ['that was absent until now', pair({ absentUntil: now })],
    ['that was busy until now', pair({ busyUntil: now })],
    ['that was refused until now', pair({ refusedUntil: now })],
    ['that did not fit once and is in memory', { pair: pinnedPair }],
    ['that did not fit once and would now', { pair: pinnedPair, residency: cold, freeVramBytes: 1_100 }],
    ['that is in the memory of a host under pressure', { host: pressed }],
  ] as const)('%s', (_what, changes) => {
    expect(verdict(changes)).toBe(true);
  });

  test('with a context that is shorter than the one that did not fit', () => {
    expect(verdict({ pair: pinnedPair, residency: cold }, { contextTokens: 4_096 })).toBe(true);
  });

  test('when the time of its pin is over and its host is idle', () => {
    expect(verdict({ pair: pinnedPair, residency: cold }, {}, 600_000)).toBe(true);
  });
});

describe('a candidate is unavailable', () => {
  test.each([
    [{ host: { state: 'down', failures: 2, reason: 'connection refused' } }, 'down: connection refused'],
    [{ host: { state: 'down', failures: 2 } }, 'down: no answer'],
    [pair({ absentUntil: 2_000 }), 'the model is not there any more'],
    [pair({ busyUntil: 2_001 }), 'busy for 2 s'],
    [pair({ refusedUntil: 2_000 }), 'it refuses the configured credentials'],
    [pair({ breaker: openBreaker(0) }), 'set aside for 4 s after 3 failures: the runner died'],
    [pair({ breaker: onStart(openBreaker(0)) }), 'being tried again after 3 failures: the runner died'],
    [pair({ breaker: onStart(halfOpenBreaker(0)) }), 'being tried again after 3 failures: the runner died'],
    [{ pair: pinnedPair, residency: cold }, 'the model did not fit into its memory: not tried for 599 s'],
    [{ host: pressed, residency: cold }, 'short of memory: it loads nothing new for a while'],
  ] as const)('%#: %s', (changes, text) => {
    expect(verdict(changes as Partial<Candidate>)).toEqual({ kind: 'unavailable', text });
  });

  test('when the time of its pin is over and its host has work to lose', () => {
    expect(verdict({ pair: pinnedPair, residency: cold, inflight: 1 }, {}, 600_000)).toEqual({
      kind: 'unavailable',
      text: 'the model did not fit into its memory: tried again when the host is idle',
    });
  });
});
