import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Ask, Snapshot } from '../../src/core/candidate.ts';
import {
  type DecisionRecord,
  decisionOf,
  endRecord,
  noteAttempt,
  noteRound,
  openRecord,
  type Round,
} from '../../src/core/decision.ts';
import { createDecisionRing } from '../../src/core/decision-ring.ts';
import { healthyPair, pairPinned } from '../../src/core/health.ts';
import { plan } from '../../src/core/plan.ts';
import { type PolicyName, policies, policyNames } from '../../src/core/policies.ts';
import { readDecision } from '../../src/core/read-decision.ts';
import type { Json } from '../../src/spec/json.ts';
import { propertyRuns } from '../property-runs.ts';
import { ask, candidate } from './candidates.ts';
import { drawnAsk, drawnSnapshot } from './drawn-fleets.ts';

const record = (requestId = 'r1'): DecisionRecord =>
  openRecord({ requestId, principal: 'laptop', model: 'm:fast', atUnixMs: 1_700_000_000_000 });

const roundFrom = (
  asked: Ask,
  snapshot: Snapshot,
  name: PolicyName,
  changes: Partial<Round> = {},
): Round => ({
  ask: asked,
  snapshot,
  plan: plan(asked, snapshot, policies[name], 5),
  policy: name,
  seed: 5,
  ...changes,
});

const snapshot: Snapshot = {
  now: 1000,
  candidates: [
    candidate({ backend: 'a' }),
    candidate({ backend: 'b', inflight: 1 }),
    candidate({ backend: 'c', zone: 'cloud', lane: 'cloud' }),
  ],
};

const throughJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

describe('the record of a request', () => {
  test('shows what was asked, who could have served it and who not, and what became of it', () => {
    const kept = record();
    noteRound(
      kept,
      roundFrom(ask({ localOnly: true, sessionKey: 'private-session' }), snapshot, 'expected_finish', {
        chosen: 'a',
      }),
    );
    noteAttempt(kept, { backend: 'a', outcome: 'served', afterMs: 70 });
    const running = decisionOf(kept);
    expect(running.end).toBeUndefined();
    endRecord(kept, { outcome: 'done', code: '200', queueMs: 1, firstContentMs: 70, durationMs: 900 });
    endRecord(kept, { outcome: 'failed', code: '500', queueMs: 0, durationMs: 0 });
    const whole = decisionOf(kept);
    expect(whole).toMatchObject({
      version: 1,
      requestId: 'r1',
      principal: 'laptop',
      model: 'm:fast',
      attempts: [{ backend: 'a', outcome: 'served', afterMs: 70 }],
      end: { outcome: 'done', firstContentMs: 70 },
    });
    const [round] = whole.rounds;
    expect(round).toMatchObject({
      now: 1000,
      chosen: 'a',
      policy: 'expected_finish',
      decidedBy: 'expected_finish',
    });
    expect(round?.ranked.map(({ backend, place }) => `${backend} ${place}`)).toEqual(['a free', 'b full']);
    expect(round?.ranked[0]?.estimate).toMatchObject({ prefillMs: 1000, decodeMs: 2000, firstTokenMs: 1000 });
    expect(round?.rejected).toEqual([
      { backend: 'c', kind: 'forbidden', reason: 'the request may not leave the local zone' },
    ]);
    expect(JSON.stringify(whole)).not.toContain('private-session');
  });

  test('names the policy that chose and the one that decided', () => {
    const kept = record();
    noteRound(kept, roundFrom(ask(), snapshot, 'auto_optimal'));
    expect(decisionOf(kept).rounds[0]).toMatchObject({
      policy: 'auto_optimal',
      decidedBy: 'expected_finish',
    });
  });

  test('keeps the look at arrival and those that led somewhere, and never more than four', () => {
    const kept = record();
    const look = (now: number, chosen?: string) =>
      noteRound(kept, roundFrom(ask(), { ...snapshot, now }, 'random', { chosen }));
    for (let now = 1; now <= 50; now += 1) look(now);
    look(51, 'a');
    for (let now = 52; now <= 60; now += 1) look(now);
    look(61, 'b');
    expect(kept.rounds.map(({ snapshot: { now } }) => now)).toEqual([1, 51, 61]);
    for (let now = 62; now <= 70; now += 1) look(now, 'a');
    expect(kept.rounds.map(({ snapshot: { now } }) => now)).toEqual([1, 51, 61, 70]);
  });

  test('holds what was at hand and copies nothing until it is asked for', () => {
    const kept = record();
    const round = roundFrom(ask(), snapshot, 'random');
    noteRound(kept, round);
    expect(kept.rounds[0]).toBe(round);
    expect(kept.rounds[0]?.snapshot.candidates).toBe(snapshot.candidates);
  });
});

describe('a decision read back from JSON', () => {
  test('is planned again to the same order', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, fc.constantFrom(...policyNames), (fleet, asked, name) => {
        const kept = record();
        const round = roundFrom(asked, fleet, name, { chosen: fleet.candidates[0]?.backend });
        noteRound(kept, round);
        const read = readDecision(throughJson(decisionOf(kept)));
        if (typeof read === 'string') throw new Error(read);
        const [again] = read.rounds;
        if (again === undefined) throw new Error('no round');
        const { attempts, full, rejected, why } = plan(again.ask, again.snapshot, policies[name], again.seed);
        const names = (list: readonly { readonly candidate: { readonly backend: string } }[]) =>
          list.map((each) => each.candidate.backend);
        expect([names(attempts), names(full), names(rejected), why]).toEqual([
          names(round.plan.attempts),
          names(round.plan.full),
          names(round.plan.rejected),
          round.plan.why,
        ]);
        expect(again.chosen).toBe(round.chosen);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('keeps a pin and the pressure on a host', () => {
    const pinned = candidate({
      backend: 'a',
      pair: pairPinned(healthyPair, { contextTokens: 4096 }, 500),
      host: {
        state: 'up',
        failures: 1,
        failedAt: 3,
        pressure: { recent: [{ upstream: 'm', at: 1 }], until: 9000 },
      },
    });
    const kept = record();
    noteRound(kept, roundFrom(ask(), { now: 1000, candidates: [pinned] }, 'random'));
    const read = readDecision(throughJson(decisionOf(kept)));
    if (typeof read === 'string') throw new Error(read);
    const back = read.rounds[0]?.snapshot.candidates[0];
    expect(throughJson(back?.pair)).toEqual(throughJson(pinned.pair));
    expect(back?.host).toEqual(pinned.host);
  });

  test('may stand in a line of the log', () => {
    const line = {
      time: '2026-01-01T00:00:00Z',
      level: 'info',
      type: 'decision',
      decision: decisionOf(record()),
    };
    expect(readDecision(throughJson(line))).toMatchObject({ requestId: 'r1', rounds: [] });
  });

  const whole = (): Record<string, Json> => {
    const kept = record();
    noteRound(kept, roundFrom(ask(), snapshot, 'random'));
    return throughJson(decisionOf(kept)) as Record<string, Json>;
  };
  const changed = (path: readonly (string | number)[], value: Json): Json => {
    const root = whole();
    let node = root as Record<string | number, unknown>;
    for (const part of path.slice(0, -1)) node = node[part] as Record<string | number, unknown>;
    node[path.at(-1) ?? ''] = value;
    return root;
  };
  const inCandidate = (...path: (string | number)[]) => ['rounds', 0, 'candidates', 0, ...path];
  test.each([
    ['a text', 'it must be an object'],
    [{}, 'version must be 1, the one version there is'],
    [changed(['version'], 2), 'version must be 1, the one version there is'],
    [changed(['rounds'], {}), 'rounds must be a list of at most 1024'],
    [changed(['rounds', 0, 'now'], '1'), 'rounds[0].now must be a number'],
    [
      changed(['rounds', 0, 'ask', 'mode'], 'x'),
      'rounds[0].ask.mode must be one of hybrid, single, fallback_only, local_only',
    ],
    [
      changed(['rounds', 0, 'ask', 'needs'], ['flight']),
      /^rounds\[0\]\.ask\.needs\[0\] must be one of completion/,
    ],
    [changed(inCandidate('slots'), 0), 'rounds[0].candidates[0].slots must be a number from 1 on'],
    [changed(inCandidate('zone'), 'moon'), 'rounds[0].candidates[0].zone must be one of local, cloud'],
    [
      changed(inCandidate('pair', 'breaker', 'state'), 'ajar'),
      /breaker\.state must be one of closed, ramp, open, half-open$/,
    ],
    [changed(inCandidate('rates', 'loadMs'), 0), /rates\.loadMs must be a number from/],
    [
      changed(inCandidate('residency'), { state: 'loading' }),
      /residency\.remainingMs must be a number from 0 on$/,
    ],
    [changed(['end'], { outcome: 'odd' }), /^end\.outcome must be one of/],
  ])('%j is refused with the place: %s', (value, message) => {
    const read = readDecision(value as Json);
    if (typeof read !== 'string') throw new Error('it was read');
    expect(read).toMatch(message);
  });

  test('is a value or a sentence whatever stands there', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.nat(20), { maxLength: 6 }), (value, route) => {
        const root = whole() as Json;
        let node = root as Record<string, Json>;
        let key = 'rounds';
        for (const step of route) {
          const next = node[key];
          if (typeof next !== 'object' || next === null) break;
          node = next as Record<string, Json>;
          const keys = Object.keys(node);
          key = keys[step % Math.max(1, keys.length)] ?? 'none';
        }
        node[key] = value as Json;
        const read = readDecision(root);
        if (typeof read === 'string') expect(read).toContain(' must be ');
      }),
      { numRuns: propertyRuns },
    );
  });
});

describe('the last decisions', () => {
  const ids = (...names: string[]): DecisionRecord[] => names.map((name) => record(name));

  test('are found by id until as many newer ones came', () => {
    const ring = createDecisionRing(2);
    const [a, b, c] = ids('a', 'b', 'c');
    for (const each of [a, b, c]) if (each) ring.add(each);
    expect([ring.get('a'), ring.get('b'), ring.get('c'), ring.size]).toEqual([undefined, b, c, 2]);
  });

  test('hold the later of two with one id, and do not lose it with the earlier', () => {
    const ring = createDecisionRing(2);
    const [first, second, other] = ids('a', 'a', 'b');
    for (const each of [first, second, other]) if (each) ring.add(each);
    expect(ring.get('a')).toBe(second);
    expect(ring.size).toBe(2);
  });

  test('change in number, and keep the newest', () => {
    const ring = createDecisionRing(4);
    for (const each of ids('a', 'b', 'c', 'd', 'e')) ring.add(each);
    ring.resize(2);
    expect(['c', 'd', 'e'].map((id) => ring.get(id)?.requestId)).toEqual([undefined, 'd', 'e']);
    ring.resize(3);
    for (const each of ids('f', 'g')) ring.add(each);
    expect(['d', 'e', 'f', 'g'].map((id) => ring.get(id)?.requestId)).toEqual([undefined, 'e', 'f', 'g']);
    ring.resize(0);
    for (const each of ids('h')) ring.add(each);
    expect(ring.size).toBe(0);
    ring.resize(1);
    for (const each of ids('i')) ring.add(each);
    expect(ring.get('i')?.requestId).toBe('i');
  });
});
