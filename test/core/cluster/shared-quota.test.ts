import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { bucketHearing, type HeardUse, type HearingTerms } from '../../../src/core/cluster/shared-quota.ts';
import { emptyBucket, used } from '../../../src/core/quota.ts';
import { propertyRuns } from '../../property-runs.ts';

const terms: HearingTerms = { capacity: 100, parties: 3, reader: 'following', now: 0 };
const inTime = (count: number, known = 0): HeardUse => ({
  count,
  level: count,
  own: count,
  known,
  when: 'in time',
});
const late = (count: number, { known = 0, level = count, own = count } = {}): HeardUse => ({
  count,
  level,
  own,
  known,
  when: 'late',
});
const holding = (level: number) => used(emptyBucket, level, 100, 0);

describe('what others used', () => {
  test('is added once, whatever is heard twice, late or in another order', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 50 }), (heard, own) => {
        let bucket = used(emptyBucket, own, terms.capacity, 0);
        let known = 0;
        for (const count of heard) {
          bucket = bucketHearing(bucket, [inTime(count, known)], terms);
          known = Math.max(known, count);
        }
        expect(bucket.level).toBeCloseTo(own + Math.max(...heard));
        expect(bucket.count).toBe(own);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('is counted in full where all began at once', () => {
    expect(bucketHearing(holding(40), [late(50), late(20)], terms).level).toBe(110);
  });

  test('counts as far as it has not run out where it was not heard at its time', () => {
    expect(bucketHearing(holding(10), [late(900, { own: 30 })], terms).level).toBe(40);
    expect(bucketHearing(holding(10), [late(900, { own: 30, known: 895 })], terms).level).toBe(15);
  });

  test('is believed of those who know more by one that is new, and added up by one that is not', () => {
    const uses = [late(10, { level: 70 }), late(20, { level: 70 })];
    expect(bucketHearing(emptyBucket, uses, { ...terms, reader: 'new' }).level).toBe(70);
    expect(bucketHearing(holding(60), uses, { ...terms, reader: 'new' }).level).toBe(90);
    expect(bucketHearing(emptyBucket, uses, terms).level).toBe(30);
  });

  test('of which a number is not true locks nobody out for long', () => {
    const anything = fc.double({ min: 0, max: 2 ** 48, noNaN: true });
    const facts = fc.array(
      fc.tuple(
        fc.record({
          count: anything,
          level: anything,
          own: anything,
          known: anything,
          when: fc.constantFrom<HeardUse['when']>('in time', 'late'),
        }),
        fc.constantFrom<HearingTerms['reader']>('following', 'new'),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(facts, (drawn) => {
        let bucket = used(emptyBucket, 5, terms.capacity, 0);
        for (const [told, reader] of drawn) {
          const before = bucket.level;
          bucket = bucketHearing(bucket, [told], { ...terms, reader });
          expect(bucket.level).toBeGreaterThanOrEqual(before);
          expect(bucket.level - before).toBeLessThanOrEqual(terms.capacity + 1e-6);
        }
        expect(bucket.level).toBeLessThanOrEqual(terms.parties * terms.capacity + 1e-6);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('takes nothing back', () => {
    const before = holding(50);
    expect(bucketHearing(before, [inTime(5, 80)], terms)).toBe(before);
  });
});
