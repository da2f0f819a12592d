import { describe, expect, test } from 'bun:test';
import { clusterPlan } from './cluster-plan.ts';
import { runHostileCluster } from './hostile-cluster.ts';
import { drawHostilePlan } from './hostile-plan.ts';

/** How many worlds, and the first of them; a failing one prints the two that play it again. */
const count = Number(process.env.CLUSTER_COUNT ?? 24);
const first = Number(process.env.CLUSTER_SEED ?? 1);
const twice = 1;
const secondsPerWorld = 15;

const replay = (seed: number): string =>
  `CLUSTER_SEED=${seed} CLUSTER_COUNT=1 bun test test/simulation/hostile-cluster.test.ts`;

describe('hostile worlds of one to eight instances', () => {
  test(
    `none of ${count} breaks an invariant`,
    async () => {
      for (let seed = first; seed < first + count; seed += 1) {
        const { breaches, requests } = await runHostileCluster(clusterPlan(drawHostilePlan(seed)));
        if (breaches.length > 0) throw new Error(`${breaches.join('\n')}\n\n  ${replay(seed)}\n`);
        expect(requests).toBeGreaterThan(0);
      }
    },
    60_000 + count * secondsPerWorld * 1000,
  );

  test(
    'a world played twice goes the same way, also when nobody sets a wall clock',
    async () => {
      for (let seed = first; seed < first + twice; seed += 1) {
        const plan = clusterPlan(drawHostilePlan(seed));
        const once = await runHostileCluster(plan);
        const routerMishaps = plan.routerMishaps.filter(({ what }) => what !== 'step');
        const again = await runHostileCluster({ ...plan, routerMishaps });
        if (once.traceHash !== again.traceHash) throw new Error(`two runs differ\n\n  ${replay(seed)}\n`);
        expect(again.ends).toEqual(once.ends);
      }
    },
    60_000 + twice * 2 * secondsPerWorld * 1000,
  );
});
