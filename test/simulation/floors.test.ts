import { describe, expect, test } from 'bun:test';
import { isPolicyName } from '../../src/core/policies.ts';
import { floors, type Measure, measure, measureOthers, measurePrefixes } from './floors.ts';

/** One short run per load in a test run; the ten seeds of the proof by environment. */
const seedCount = Number(process.env.FLOOR_SEEDS ?? 1);
const minutes = Number(process.env.FLOOR_MINUTES ?? 15);
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
          const most = floor[against];
          if (most === undefined) continue;
          const ratio = p95Ms / others[against];
          expect(ratio, `${name} against ${against}`).toBeLessThanOrEqual(most);
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
      const policies = ['expected_finish'].filter(isPolicyName);
      for (const name of policies) {
        const { hits, highestLoad } = await measurePrefixes(name, 1001, minutes);
        expect(hits, name).toBeGreaterThanOrEqual(0.85);
        expect(highestLoad, name).toBeLessThanOrEqual(1.5);
      }
      expect((await measurePrefixes('round_robin', 1001, minutes)).hits).toBeLessThan(0.85);
    },
    timeoutMs,
  );
});
