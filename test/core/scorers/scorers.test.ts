import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Ask, Candidate } from '../../../src/core/candidate.ts';
import { policies, policyNames } from '../../../src/core/policies.ts';
import type { Policy, Scorer } from '../../../src/core/policy.ts';
import { cheapest } from '../../../src/core/scorers/cheapest.ts';
import { leastInflight } from '../../../src/core/scorers/least-inflight.ts';
import { native } from '../../../src/core/scorers/native.ts';
import { near } from '../../../src/core/scorers/near.ts';
import { region } from '../../../src/core/scorers/region.ts';
import { share } from '../../../src/core/scorers/share.ts';
import { soonest } from '../../../src/core/scorers/soonest.ts';
import { speed } from '../../../src/core/scorers/speed.ts';
import { warm } from '../../../src/core/scorers/warm.ts';
import { propertyRuns } from '../../property-runs.ts';
import { ask, candidate, rates } from '../candidates.ts';
import { drawnAsk, drawnSnapshot } from '../drawn-fleets.ts';

type Row = readonly [
  what: string,
  scorer: Scorer,
  hosts: readonly Partial<Candidate>[],
  scores: readonly number[],
  request?: Partial<Ask>,
];

const dear = { inputPerMillion: 10, outputPerMillion: 10 };
const dearer = { inputPerMillion: 20, outputPerMillion: 20 };

const rows: readonly Row[] = [
  [
    'least in flight counts per slot',
    leastInflight,
    [{ slots: 4 }, { slots: 4, inflight: 2 }, { slots: 1, inflight: 1 }],
    [1, 1 / 1.5, 0.5],
  ],
  [
    'a host that fails all it is given is as loaded as a full one',
    leastInflight,
    [{ reliability: 0 }, { inflight: 1 }, { inflight: 3, slots: 4 }],
    [0.5, 0.5, 1 / 1.75],
  ],
  [
    'warm tells what is in memory',
    warm,
    [
      { residency: { state: 'hot' } },
      { residency: { state: 'unknown' } },
      { residency: { state: 'loading', remainingMs: 1 } },
      { residency: { state: 'cold' } },
    ],
    [1, 0.8, 0.6, 0],
  ],
  ['native is who speaks the dialect', native, [{ speaks: ['openai-chat'] }, {}], [0, 1]],
  [
    'a region is here, elsewhere or unknown',
    region,
    [{ region: 'eu' }, { region: 'us' }, {}],
    [1, 0, 0.5],
    { region: 'eu' },
  ],
  ['without a region of the caller none is better', region, [{ region: 'eu' }, {}], [0.5, 0.5]],
  ['near goes by the round trip', near, [{ roundTripMs: 0 }, { roundTripMs: 50 }, {}], [1, 0.5, 0.5]],
  [
    'cheapest compares prices',
    cheapest,
    [{ price: dear }, { price: dearer }],
    [1, (0.011 + 1e-5) / (0.022 + 1e-5)],
  ],
  ['own hardware costs nothing', cheapest, [{}, { price: dear }], [1, 1e-5 / (0.011 + 1e-5)]],
  [
    'a held prompt is not paid for',
    cheapest,
    [{ price: dearer, prefixHitTokens: 1000 }, { price: dear }],
    [1, (0.002 + 1e-5) / (0.011 + 1e-5)],
  ],
  ['a share is the weight, or the slots', share, [{ weight: 2 }, { slots: 4 }, { weight: 0 }], [0.5, 1, 0]],
  ['weights that are all nothing are equal', share, [{ weight: 0 }, { weight: 0 }], [1, 1]],
  ['soonest is a half at ten seconds', soonest, [{ rates: rates({ firstTokenRatio: 6.25 }) }], [0.5]],
  [
    'speed is half decoding and half the first token',
    speed,
    [{}, { rates: rates({ prefillTokensPerSecond: 500, decodeTokensPerSecond: 25 }) }],
    [1, 2050 / 4050 / 2 + 1050 / 2050 / 2],
  ],
];

describe('a host nobody has asked yet', () => {
  const fast = rates({ prefillTokensPerSecond: 7000, decodeTokensPerSecond: 200, samples: 3 });
  const stranger = rates({ prefillTokensPerSecond: 1000, decodeTokensPerSecond: 50, samples: 0 });
  const scored = (hosts: readonly Partial<Candidate>[]): readonly number[] =>
    soonest(
      ask(),
      hosts.map((host, index) => candidate({ backend: `host-${index}`, ...host })),
      { now: 0, candidates: [] },
    );

  test('is held to be as fast as the fastest known one of its lane, so that equals all get their turn', () => {
    const [known, unknown] = scored([
      { lane: 'gpu', rates: fast },
      { lane: 'gpu', rates: stranger },
    ]);
    expect(unknown).toBe(known ?? -1);
  });

  test('is not compared with hosts of another lane, nor with others that nobody has asked', () => {
    const [known, unknown] = scored([
      { lane: 'gpu', rates: fast },
      { lane: 'container', rates: stranger },
    ]);
    expect(unknown).toBeLessThan(known ?? 0);
    const unasked = { ...fast, samples: 0 };
    const [quick, slow] = scored([
      { lane: 'gpu', rates: unasked },
      { lane: 'gpu', rates: stranger },
    ]);
    expect(slow).toBeLessThan(quick ?? 0);
  });
});

describe('scorers', () => {
  for (const [what, scorer, hosts, scores, request] of rows) {
    test(what, () => {
      const candidates = hosts.map((host, index) => candidate({ backend: `b${index}`, ...host }));
      const seen = scorer(ask(request), candidates, { now: 1000, candidates });
      expect(seen).toEqual(scores.map((score) => expect.closeTo(score, 10)));
    });
  }

  test('each gives one number in 0..1 per candidate, whatever it sees', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, fc.constantFrom(...policyNames), (snapshot, request, name) => {
        const policy: Policy = policies[name];
        for (const { score } of policy.scorers) {
          const scores = score(request, snapshot.candidates, snapshot);
          expect(scores).toHaveLength(snapshot.candidates.length);
          for (const value of scores) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
