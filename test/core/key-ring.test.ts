import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  createKeyRing,
  type KeyRing,
  keyAccepted,
  keyAnswered,
  keyLimited,
  keyListingRefused,
  keylessFor,
  keyRefused,
  keyReports,
  keyUsed,
  nextKey,
} from '../../src/core/key-ring.ts';
import { propertyRuns } from '../property-runs.ts';

const minute = 60_000;

const limited = (ring: KeyRing, key: number, now: number, retryAfterMs?: number, model = 'm'): KeyRing =>
  keyLimited(ring, key, { model, retryAfterMs }, now);

const answered = (ring: KeyRing, key: number, now: number, spentMs?: number): KeyRing =>
  keyAnswered(ring, key, { model: 'm', spentMs }, now);

/** The keys used one after another. */
const turns = (start: KeyRing, count: number, now: number): readonly (number | undefined)[] => {
  let ring = start;
  return Array.from({ length: count }, () => {
    const key = nextKey(ring, 'm', now);
    if (key !== undefined) ring = keyUsed(ring, key);
    return key;
  });
};

describe('keys of a backend', () => {
  test('are used in turn', () => {
    expect(turns(createKeyRing(3), 7, 0)).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(turns(createKeyRing(1), 2, 0)).toEqual([0, 0]);
  });

  test('rest as long as the provider says, and only for the model it said it of', () => {
    const ring = limited(createKeyRing(2), 0, 1000, 5000);
    expect(turns(ring, 2, 1001)).toEqual([1, 1]);
    expect(nextKey(ring, 'other', 1001)).toBe(0);
    expect(nextKey(ring, 'm', 6000)).toBe(0);
  });

  test('rest longer each time where the provider names no time, at most a minute', () => {
    let ring = createKeyRing(1);
    let now = 0;
    const rests: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      ring = limited(ring, 0, now);
      const until = keylessFor(ring, 'm', now)?.until ?? now;
      rests.push(until - now);
      now = until;
    }
    expect(rests).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, minute, minute]);
    expect(keylessFor(limited(answered(ring, 0, now), 0, now), 'm', now)?.until).toBe(now + 1000);
  });

  test('that met a limit together count it once', () => {
    const once = limited(createKeyRing(1), 0, 0);
    expect(keylessFor(limited(once, 0, 10), 'm', 10)?.until).toBe(1010);
  });

  test('rest before the limit is met, where nothing is left of it', () => {
    const ring = answered(createKeyRing(1), 0, 1000, 8640);
    expect(nextKey(ring, 'm', 1001)).toBeUndefined();
    expect(nextKey(ring, 'm', 9640)).toBe(0);
    // An answer that was under way does not take it back.
    expect(nextKey(answered(ring, 0, 2000), 'm', 2001)).toBeUndefined();
  });

  test('that are refused are out for four times as long each time, at most an hour', () => {
    let ring = createKeyRing(1);
    let now = 0;
    const outs: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      ring = keyRefused(ring, 0, 'unauthorized', now);
      ring = keyRefused(ring, 0, 'unauthorized', now + 10);
      const until = keylessFor(ring, 'any', now)?.until ?? now;
      outs.push((until - now) / minute);
      now = until;
    }
    expect(outs).toEqual([1, 4, 16, 60, 60]);
    ring = keyRefused(answered(ring, 0, now), 0, 'payment', now);
    expect(keylessFor(ring, 'any', now)?.until).toBe(now + minute);
  });

  test('come back with a listing only where a listing had shown that they were not good', () => {
    const ring = createKeyRing(1);
    const usable = (after: KeyRing): number | undefined => nextKey(keyAccepted(after, 0), 'm', 1);
    expect(usable(keyListingRefused(ring, 0, 0))).toBe(0);
    expect(usable(keyListingRefused(keyRefused(ring, 0, 'unauthorized', 0), 0, 0))).toBe(0);
    for (const fault of ['unauthorized', 'payment', 'forbidden'] as const) {
      expect(usable(keyRefused(ring, 0, fault, 0))).toBeUndefined();
    }
    expect(usable(keyListingRefused(keyRefused(ring, 0, 'payment', 0), 0, 0))).toBeUndefined();
    const refusedLater = keyRefused(keyListingRefused(ring, 0, -minute), 0, 'unauthorized', 0);
    expect(usable(refusedLater)).toBeUndefined();
  });

  test('say why none may be used and when the first is back', () => {
    const ring = limited(keyRefused(createKeyRing(2), 0, 'payment', 0), 1, 0, 5000);
    expect(keylessFor(ring, 'm', 0)).toEqual({
      until: 5000,
      reason: 'no usable key (out of credit, rate limited) for 5 s',
    });
    expect(keylessFor(ring, 'm', 5000)).toBeUndefined();
    expect(keyReports(ring, 0)).toEqual([
      { key: 1, state: 'out', fault: 'payment', forMs: minute },
      { key: 2, state: 'limited', forMs: 5000 },
    ]);
    expect(keyReports(ring, minute)).toEqual([
      { key: 1, state: 'usable' },
      { key: 2, state: 'usable' },
    ]);
  });

  test('hold what is known of a bounded number of models', () => {
    let ring = createKeyRing(1);
    for (let model = 0; model < 1000; model += 1) ring = limited(ring, 0, 0, minute, `m${model}`);
    expect(ring.keys[0]?.limits.size).toBeLessThanOrEqual(256);
    expect(nextKey(ring, 'm999', 1)).toBeUndefined();
  });

  test('whatever happens, a key that may be used is found, and every rest ends', () => {
    const step = fc.record({
      what: fc.constantFrom('answered', 'spent', 'limited', 'refused'),
      key: fc.nat({ max: 2 }),
      afterMs: fc.nat({ max: 100_000 }),
      waitMs: fc.option(fc.nat({ max: 10_000_000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let ring = createKeyRing(3);
        let now = 0;
        for (const { what, key, afterMs, waitMs } of steps) {
          now += afterMs;
          if (what === 'answered') ring = answered(ring, key, now);
          else if (what === 'spent') ring = answered(ring, key, now, waitMs);
          else if (what === 'limited') ring = limited(ring, key, now, waitMs);
          else ring = keyRefused(ring, key, 'forbidden', now);
          const keyless = keylessFor(ring, 'm', now);
          expect(keyless === undefined).toBe(nextKey(ring, 'm', now) !== undefined);
          expect(keyless?.until ?? now).toBeLessThanOrEqual(now + 3_600_000);
          if (keyless !== undefined) expect(nextKey(ring, 'm', keyless.until)).toBeDefined();
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
