import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { onFailure, onStart, onSuccess, reopensAt } from '../../src/core/breaker.ts';
import type { Candidate, PairHealth } from '../../src/core/candidate.ts';
import { healthy } from '../../src/core/filters/healthy.ts';
import { healthyPair, pairPinned } from '../../src/core/health.ts';
import { type LastResort, lastResort, noTrials } from '../../src/core/last-resort.ts';
import { propertyRuns } from '../property-runs.ts';
import {
  breakerSettings,
  halfOpenBreaker,
  openBreaker,
  plainAsk,
  wellCandidate,
} from './health-candidates.ts';

const now = 1_000;

const resting = (backend: string, changes: Partial<PairHealth> = {}): Candidate =>
  wellCandidate({ backend, pair: { ...healthyPair, breaker: openBreaker(0), ...changes } });

const chosen = (candidates: readonly Candidate[], state: LastResort = noTrials, at = now) =>
  lastResort(state, plainAsk(), candidates, at)?.candidate.backend;

const cold = { state: 'cold' } as const;
const pinnedPair = pairPinned({ ...healthyPair, breaker: openBreaker(0) }, {}, 0);

interface Fleet {
  candidates: readonly Candidate[];
  state: LastResort;
  readonly trials: number[];
}

const newFleet = (hosts: number): Fleet => ({
  candidates: Array.from({ length: hosts }, (_, index) => wellCandidate({ backend: `${index}` })),
  state: noTrials,
  trials: [],
});

const tryLastResort = (fleet: Fleet, at: number): Candidate | undefined => {
  const trial = lastResort(fleet.state, plainAsk(), fleet.candidates, at);
  if (trial === undefined) return undefined;
  fleet.state = trial.state;
  fleet.trials.push(at);
  return trial.candidate;
};

/** Sends one request as a shell does; a host is up, or fails with a roll of the dice. Tells who was asked. */
const send = (
  fleet: Fleet,
  at: number,
  outcomeOf: (backend: string) => 'up' | number,
): string | undefined => {
  const { candidates } = fleet;
  const chosen =
    candidates.find((each) => healthy(plainAsk(), each, { now: at, candidates }) === true) ??
    tryLastResort(fleet, at);
  if (chosen === undefined) return undefined;
  const outcome = outcomeOf(chosen.backend);
  const started = onStart(chosen.pair.breaker);
  const { epoch: ticket } = started;
  const breaker =
    outcome === 'up'
      ? onSuccess(started, ticket, at)
      : onFailure(started, { ticket, weight: 1, reason: 'reset' }, breakerSettings, at, outcome);
  fleet.candidates = candidates.map((each) =>
    each === chosen ? { ...each, pair: { ...each.pair, breaker } } : each,
  );
  return chosen.backend;
};

describe('the last resort', () => {
  test('is the host that reopens first', () => {
    const later = resting('later', { breaker: openBreaker(500) });
    expect(chosen([later, resting('first'), later])).toBe('first');
  });

  test('comes once a second, whichever host it was', () => {
    const candidates = [resting('host')];
    const { state } = lastResort(noTrials, plainAsk(), candidates, now) ?? {};
    expect(state).toEqual({ triedAt: now });
    expect(chosen(candidates, state, now + 999)).toBeUndefined();
    expect(chosen(candidates, state, now + 1_000)).toBe('host');
  });

  test.each([
    ['is well', wellCandidate()],
    ['is only full', wellCandidate({ inflight: 2 })],
    ['is only busy for a moment', wellCandidate({ pair: { ...healthyPair, busyUntil: 2_000 } })],
    ['may be tried as usual', resting('due', { breaker: openBreaker(-4_000) })],
    ['was tried well once', resting('half', { breaker: halfOpenBreaker(-4_500) })],
  ])('is not needed while another host %s', (_what, other) => {
    expect(chosen([resting('host'), other])).toBeUndefined();
  });

  test.each([
    ['is down', wellCandidate({ host: { state: 'down', failures: 2 } })],
    ['has no such model', wellCandidate({ pair: { ...healthyPair, absentUntil: 2_000 } })],
    ['refuses the credentials', wellCandidate({ pair: { ...healthyPair, refusedUntil: 2_000 } })],
    ['had no room for the model', wellCandidate({ pair: pinnedPair, residency: cold })],
    ['is being tried', resting('tried', { breaker: onStart(openBreaker(-9_000)) })],
    ['rests and is busy', resting('busy', { breaker: openBreaker(-3_000), busyUntil: 2_000 })],
    ['rests and is full', { ...resting('full', { breaker: openBreaker(-3_000) }), inflight: 2 }],
  ])('is never a host that %s, and such a host does not stand in the way', (_what, other) => {
    expect(chosen([other])).toBeUndefined();
    expect(chosen([other, resting('host')])).toBe('host');
  });

  test('is nobody where there is nobody', () => {
    expect(chosen([])).toBeUndefined();
  });

  test('finds a returned host as soon as it may be asked, with at most one trial a second before', () => {
    const run = fc.record({
      hosts: fc.integer({ min: 1, max: 4 }),
      deadMs: fc.integer({ min: 0, max: 300_000 }),
      returns: fc.nat(3),
      everyMs: fc.integer({ min: 100, max: 900 }),
      dice: fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    });
    fc.assert(
      fc.property(run, ({ hosts, deadMs, returns, everyMs, dice }) => {
        const fleet = newFleet(hosts);
        const back = `${returns % hosts}`;
        const dead = () => dice.next().value ?? 0;
        let at = 0;
        for (; at < deadMs; at += everyMs) send(fleet, at, () => dead());
        const { breaker } = fleet.candidates[returns % hosts]?.pair ?? healthyPair;
        const dueAt = Math.max(at, reopensAt(breaker));
        // Others whose time comes first are asked first, three times each while they are still trusted.
        const latest = dueAt + (3 * hosts + 1) * everyMs + 1_000;
        let asked: string | undefined;
        for (; asked !== back && at <= latest; at += everyMs) {
          asked = send(fleet, at, (backend) => (backend === back ? 'up' : dead()));
        }
        expect(asked).toBe(back);
        const trials = fleet.trials.map((each, index) => each - (fleet.trials[index - 1] ?? -1_000));
        expect(Math.min(...trials, 1_000)).toBe(1_000);
      }),
      { numRuns: Math.min(300, propertyRuns) },
    );
  });
});
