import { describe, expect, test } from 'bun:test';
import { drawHostilePlan } from './hostile-plan.ts';
import { runHostile } from './hostile-run.ts';

/** How many worlds, and the first of them; a failing one prints the two that play it again. */
const count = Number(process.env.HOSTILE_COUNT ?? 100);
const first = Number(process.env.HOSTILE_SEED ?? 1);

/** Worlds played twice, which is enough to see what depends on anything but the seed. */
const twice = Math.min(count, 20);

/** Worlds that once broke an invariant. */
const kept = [34_100] as const;

const replay = (seed: number): string =>
  `HOSTILE_SEED=${seed} HOSTILE_COUNT=1 bun test test/simulation/hostile.test.ts`;

const secondsPerWorld = 2;

describe('hostile worlds', () => {
  test(
    `none of ${count} breaks an invariant`,
    async () => {
      for (let seed = first; seed < first + count; seed += 1) {
        const { breaches, requests } = await runHostile(drawHostilePlan(seed));
        if (breaches.length > 0) throw new Error(`${breaches.join('\n')}\n\n  ${replay(seed)}\n`);
        expect(requests).toBeGreaterThan(0);
      }
    },
    60_000 + count * secondsPerWorld * 1000,
  );

  test('none of those that once did breaks one', async () => {
    for (const seed of kept) {
      const { breaches } = await runHostile(drawHostilePlan(seed));
      if (breaches.length > 0) throw new Error(`${breaches.join('\n')}\n\n  ${replay(seed)}\n`);
    }
  }, 60_000);

  test(
    'a world played twice goes the same way, also when nobody sets the wall clock',
    async () => {
      for (let seed = first; seed < first + twice; seed += 1) {
        const plan = drawHostilePlan(seed);
        const once = await runHostile(plan);
        const again = await runHostile({ ...plan, steps: [] });
        if (once.traceHash !== again.traceHash) throw new Error(`two runs differ\n\n  ${replay(seed)}\n`);
        expect(again.ends).toEqual(once.ends);
      }
    },
    60_000 + twice * 2 * secondsPerWorld * 1000,
  );
});
