import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Bucket, emptyBucket, leaked, shrunk, used, waitFor } from '../../src/core/quota.ts';
import { propertyRuns } from '../property-runs.ts';

const minuteMs = 60_000;

const asks = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 20_000 }), cost: fc.integer({ min: 1, max: 60 }) }),
  { maxLength: 60 },
);

/** What was let through and when, by one that asks as drawn. */
const letThrough = (drawn: readonly { afterMs: number; cost: number }[], capacity: number) => {
  const passed: { readonly at: number; readonly cost: number }[] = [];
  let bucket: Bucket = emptyBucket;
  let now = 1000;
  for (const { afterMs, cost } of drawn) {
    now += afterMs;
    if (waitFor(bucket, cost, capacity, now) > 0) continue;
    bucket = used(bucket, cost, capacity, now);
    passed.push({ at: now, cost });
  }
  return passed;
};

describe('the limit of a key', () => {
  test('lets through no more in any time than a minute’s worth and what that time gives', () => {
    fc.assert(
      fc.property(asks, fc.integer({ min: 60, max: 200 }), (drawn, capacity) => {
        const passed = letThrough(drawn, capacity);
        for (const [first, { at: since }] of passed.entries()) {
          let sum = 0;
          for (const { at, cost } of passed.slice(first)) {
            sum += cost;
            expect(sum).toBeLessThanOrEqual(capacity + (capacity * (at - since)) / minuteMs + 1e-3);
          }
        }
      }),
      { numRuns: propertyRuns },
    );
  });

  test('never stands in the way of who keeps to it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 300 }), (capacity, times) => {
        let bucket: Bucket = emptyBucket;
        for (let turn = 0; turn < times; turn += 1) {
          const now = (turn * minuteMs) / capacity;
          expect(waitFor(bucket, 1, capacity, now)).toBe(0);
          bucket = used(bucket, 1, capacity, now);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('says to the moment how long to wait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 200 }),
        (level, capacity, cost) => {
          const bucket = used(emptyBucket, level, capacity, 5);
          const waitMs = waitFor(bucket, cost, capacity, 5);
          expect(waitFor(bucket, cost, capacity, 5 + waitMs + 0.01)).toBe(0);
          if (waitMs > 1) expect(waitFor(bucket, cost, capacity, 5 + waitMs - 0.1)).toBeGreaterThan(0);
        },
      ),
      { numRuns: propertyRuns },
    );
  });

  test('lets what is larger than a minute’s worth through when nothing else was used, and makes the next wait', () => {
    expect(waitFor(emptyBucket, 250, 100, 0)).toBe(0);
    expect(waitFor(used(emptyBucket, 1, 100, 0), 250, 100, 0)).toBeCloseTo(600);
    const inDebt = used(emptyBucket, 250, 100, 0);
    expect(waitFor(inDebt, 1, 100, 0)).toBeCloseTo((151 / 100) * minuteMs);
  });

  test('tells others a count that never falls, and what was given back only with the next use', () => {
    const spent = used(emptyBucket, 50, 100, 0);
    const given = used(spent, -30, 100, 0);
    expect(given).toMatchObject({ level: 20, own: 20, count: 50 });
    expect(used(given, 20, 100, 0)).toMatchObject({ level: 40, count: 50 });
    expect(used(given, 45, 100, 0)).toMatchObject({ level: 65, count: 65 });
  });

  test('forgets what was given back when that has run out for the others, too', () => {
    const given = used(used(emptyBucket, 50, 100, 0), -50, 100, 0);
    expect(used(given, 10, 100, minuteMs)).toMatchObject({ level: 10, count: 60 });
  });

  test('counts at least what was used, and no more than was ever held for used', () => {
    const steps = fc.array(
      fc.record({ afterMs: fc.nat(30_000), amount: fc.integer({ min: -40, max: 60 }) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (drawn) => {
        let [bucket, now, charged] = [emptyBucket as Bucket, 0, 0];
        for (const { afterMs, amount } of drawn) {
          now += afterMs;
          const before = leaked(bucket, 100, now);
          bucket = used(bucket, amount, 100, now);
          charged += Math.max(0, amount);
          expect(bucket.count).toBeGreaterThanOrEqual(before.count);
          expect(bucket.told).toBeGreaterThanOrEqual(bucket.level);
          expect(bucket.level).toBeGreaterThanOrEqual(0);
        }
        expect(bucket.count).toBeLessThanOrEqual(charged + 1e-6);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('is as full as it was when only a part of it is left', () => {
    const half = used(emptyBucket, 30, 60, 0);
    expect(shrunk(half, 60, 20, 0)).toMatchObject({ level: 10, own: 30, count: 30 });
  });

  test('does not run out faster when no time passes, or when time is told late', () => {
    const bucket = used(emptyBucket, 30, 60, 1000);
    expect(leaked(bucket, 60, 1000)).toBe(bucket);
    expect(leaked(bucket, 60, 500)).toBe(bucket);
  });
});
