import { describe, expect, test } from 'bun:test';
import { floors, type Measure, measure, measureOthers, measurePrefixes } from './floors.ts';

/** One short run per load in a test run; the ten seeds of the proof by environment. */
const seedCount = Number(process.env.FLOOR_SEEDS ?? 1);
const minutes = Number(process.env.FLOOR_MINUTES ?? 5);
const shares = seedCount > 1 ? [0.5, 0.7, 0.85] : [0.7];

/** Not those that the defaults were tuned on. */
const seeds = Array.from({ length: seedCount }, (_, index) => 1001 + index);

const timeoutMs = 120_000 + seedCount * shares.length * minutes * 10_000;

describe('the time to the first token on an unequal fleet', () => {
  test.each(shares)(
    'at %p of capacity',
    async (share) => {
      const how: Measure = { share, seeds, minutes };
      const others = await measureOthers(how);
      for (const [name, floor] of floors) {
        const { p95Ms, diverged } = await measure(name, how);
        expect(diverged, `${name} diverges with these seeds`).toEqual([]);
        for (const against of ['direct', 'queued', 'clairvoyant'] as const) {
          // One short run is too few for a difference this small.
          if (seedCount === 1 && against === 'queued') continue;
          const ratio = p95Ms / others[against];
          expect(ratio, `${name} against ${against}`).toBeLessThanOrEqual(floor[against]);
        }
      }
    },
    timeoutMs,
  );
});

describe('conversations that come back', () => {
  test(
    'a policy that follows them finds them, and overloads nobody; one that does not, does not',
    async () => {
      // Four hosts of four slots remember sixteen; as many go on at once as leaves each its place.
      const how = { seeds, minutes: Math.max(15, minutes), perSecond: 0.3 };
      const { hits, highestLoad } = await measurePrefixes('expected_finish', how);
      expect(hits).toBeGreaterThanOrEqual(0.85);
      expect(highestLoad).toBeLessThanOrEqual(1.5);
      expect((await measurePrefixes('round_robin', how)).hits).toBeLessThan(0.85);
    },
    timeoutMs,
  );
});
