import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type AdmissionFacts, admit, predictWaitMs, retryAfterSeconds } from '../../src/core/admission.ts';
import { propertyRuns } from '../property-runs.ts';

const facts = (changes: Partial<AdmissionFacts> = {}): AdmissionFacts => ({
  queueClass: 'interactive',
  maxWaitMs: { interactive: 30_000, batch: 300_000 },
  costAhead: 0,
  costPerSecond: 100,
  deadlineAt: undefined,
  ...changes,
});

describe('admission', () => {
  test.each([
    [0, 100, 0],
    [3000, 100, 30_000],
    [1, 0, Infinity],
    [0, 0, 0],
  ])('predicts for a cost of %d ahead at %d per second a wait of %d ms', (cost, rate, waitMs) => {
    expect(predictWaitMs(cost, rate)).toBe(waitMs);
  });

  test.each([
    ['interactive', 3000, true],
    ['interactive', 3001, false],
    ['batch', 30_000, true],
    ['batch', 30_001, false],
  ] as const)('lets %s work wait behind a cost of %d: %p', (queueClass, costAhead, admitted) => {
    expect(admit(facts({ queueClass, costAhead }), 0).admitted).toBe(admitted);
  });

  test('refuses what its client would not wait for, and what is late already', () => {
    expect(admit(facts({ costAhead: 500, deadlineAt: 14_999 }), 10_000)).toEqual({
      admitted: false,
      predictedMs: 5000,
      reason: 'deadline',
    });
    expect(admit(facts({ deadlineAt: 10_000 }), 10_000).admitted).toBe(false);
    expect(admit(facts({ costAhead: 500, deadlineAt: 15_000 }), 10_000)).toEqual({
      admitted: true,
      predictedMs: 5000,
      startBy: 15_000,
    });
  });

  test('refuses at once where nothing works on what is ahead', () => {
    expect(admit(facts({ costAhead: 1, costPerSecond: 0 }), 0)).toEqual({
      admitted: false,
      predictedMs: Infinity,
      reason: 'wait',
    });
  });

  test('never promises a start later than the class or the client allows', () => {
    const any = fc.record({
      queueClass: fc.constantFrom('interactive' as const, 'batch' as const),
      costAhead: fc.nat(100_000),
      costPerSecond: fc.nat(1000),
      deadlineAt: fc.option(fc.nat(1_000_000), { nil: undefined }),
    });
    fc.assert(
      fc.property(any, fc.nat(1_000_000), (asked, now) => {
        const admission = admit(facts(asked), now);
        if (!admission.admitted) return;
        expect(admission.startBy).toBeGreaterThan(now);
        expect(admission.startBy - now).toBeLessThanOrEqual(asked.queueClass === 'batch' ? 300_000 : 30_000);
        expect(admission.startBy).toBeLessThanOrEqual(asked.deadlineAt ?? Infinity);
        expect(now + admission.predictedMs).toBeLessThanOrEqual(admission.startBy);
      }),
      { numRuns: propertyRuns },
    );
  });
});

describe('Retry-After', () => {
  test.each([
    [0, 0.5, 1],
    [4000, 0, 4],
    [4001, 0, 5],
    [4000, 0.999, 5],
    [40_000, 0.5, 45],
    [58_000, 0.9, 60],
    [Infinity, 0, 60],
  ])('for a wait of %d ms and chance %d is %d s', (predictedMs, random, seconds) => {
    expect(retryAfterSeconds(predictedMs, random)).toBe(seconds);
  });
});
