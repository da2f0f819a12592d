import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Ask, Candidate } from '../../src/core/candidate.ts';
import { type Estimate, expectedFinish } from '../../src/core/estimate.ts';
import { propertyRuns } from '../property-runs.ts';
import { ask, candidate, rates } from './candidates.ts';
import { drawnAsk, drawnSnapshot } from './drawn-fleets.ts';

/** A prompt of 1000 tokens at 1000/s and an answer of 100 at 50/s. */
const plain: Estimate = {
  waitMs: 0,
  loadMs: 0,
  prefillMs: 1000,
  decodeMs: 2000,
  firstTokenMs: 1000,
  totalMs: 3000,
  costMs: 0,
  weighedMs: 1600,
};

type Row = readonly [
  what: string,
  host: Partial<Candidate>,
  request: Partial<Ask>,
  expected: Partial<Estimate>,
];

const price = { inputPerMillion: 5, outputPerMillion: 10 };
const unpriced = { lane: 'gpu' } as const;

const rows: readonly Row[] = [
  ['an idle host that has the model', {}, {}, plain],
  ['a whole answer, waited for to its end', {}, { stream: false }, { weighedMs: 3000 }],
  ['an embedding, which decodes nothing', {}, { operation: 'embed' }, { decodeMs: 0, weighedMs: 1000 }],
  ['a cold model', { residency: { state: 'cold' } }, {}, { loadMs: 10_000, firstTokenMs: 11_000, costMs: 0 }],
  ['a load that runs', { residency: { state: 'loading', remainingMs: 400 } }, {}, { loadMs: 400 }],
  ['a load that should be over', { residency: { state: 'loading', remainingMs: -5 } }, {}, { loadMs: 0 }],
  ['an engine that does not tell', { residency: { state: 'unknown' } }, {}, { loadMs: 0 }],
  ['a prompt held in part', { prefixHitTokens: 900 }, {}, { prefillMs: 100, firstTokenMs: 100 }],
  ['more held than asked', { prefixHitTokens: 5000 }, {}, { prefillMs: 0 }],
  ['one before it on the only slot', { inflight: 1 }, {}, { waitMs: 3000 }],
  ['three before it on two slots', { inflight: 3, slots: 2 }, {}, { waitMs: 3000 }],
  ['a free slot beside a taken one', { inflight: 1, slots: 2 }, {}, { waitMs: 0 }],
  [
    'decoding beside another',
    { inflight: 1, slots: 2, rates: rates({ decodeSlope: 0.5 }) },
    {},
    { decodeMs: 3000 },
  ],
  [
    'first tokens that come twice as late as thought',
    { rates: rates({ firstTokenRatio: 2 }) },
    {},
    { prefillMs: 1000, firstTokenMs: 2000, totalMs: 6000, weighedMs: 3200 },
  ],
  ['a long line', { roundTripMs: 150 }, {}, { firstTokenMs: 1150, totalMs: 3150, weighedMs: 1750 }],
  ['a price', { ...unpriced, price }, {}, { costMs: 3600, weighedMs: 5200 }],
  ['the processor for a quick caller', { lane: 'cpu' }, {}, { costMs: 1000 }],
  ['the processor for heavy work', { lane: 'cpu' }, { intent: 'heavy' }, { costMs: 0 }],
  ['the GPU for heavy work', {}, { intent: 'heavy' }, { costMs: 120_000 }],
  ['a second rank', { priority: 1 }, {}, { costMs: 2000 }],
  ['a rank beyond reason', { priority: 1e9 }, {}, { costMs: 60_000 }],
  ['not what the model prefers', {}, { preferred: 'docker-model-runner' }, { costMs: 2000 }],
  ['the kind the model prefers', {}, { preferred: 'ollama' }, { costMs: 0 }],
  ['the backend the model prefers', {}, { preferred: 'host' }, { costMs: 0 }],
  ['the host of the conversation', { affinity: 1 }, {}, { weighedMs: 1280, totalMs: 3000 }],
  [
    'heavy work, which belongs nowhere',
    { affinity: 1, lane: 'cpu' },
    { intent: 'heavy' },
    { weighedMs: 1600 },
  ],
  [
    'a load that drives out an idle model',
    { residency: { state: 'cold' }, freeVramBytes: 5e9 },
    {},
    { loadMs: 10_000, costMs: 5000 },
  ],
  [
    'a load that waits until others are done',
    { residency: { state: 'cold' }, freeVramBytes: 5e9, inflight: 1, slots: 2 },
    {},
    { loadMs: 13_000, costMs: 5000 },
  ],
  [
    'a load with room',
    { residency: { state: 'cold' }, freeVramBytes: 6e9, inflight: 1, slots: 2 },
    {},
    { loadMs: 10_000, costMs: 0 },
  ],
];

describe('when a host is expected to be done', () => {
  for (const [what, host, request, expected] of rows) {
    test(what, () => {
      const estimate = expectedFinish(ask(request), candidate({ backend: 'host', ...host }), 1000);
      for (const [part, value] of Object.entries(expected)) {
        expect({ part, value: estimate[part as keyof Estimate] }).toEqual({
          part,
          value: expect.closeTo(value, 6),
        });
      }
    });
  }

  test('old measurements count as much as is left of them', () => {
    const slow = candidate({ backend: 'slow', rates: rates({ prefillTokensPerSecond: 10, updatedAt: 0 }) });
    const [now, later] = [0, 100 * 3_600_000].map((at) => expectedFinish(ask(), slow, at).prefillMs);
    expect(now).toBe(100_000);
    expect(later).toBeCloseTo(1e6 / 1500, 3);
  });

  test('every part of every estimate is a number from 0 on', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, ({ candidates, now }, drawn) => {
        for (const each of candidates) {
          for (const value of Object.values(expectedFinish(drawn, each, now))) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThan(Infinity);
          }
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
