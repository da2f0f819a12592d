/** Plays a hostile plan against several instances that share a store, and says which invariants were broken. */

import type { PointsmanApp } from '../../src/http/app.ts';
import type { Handler } from '../../src/simulation/caller.ts';
import { configOf, membersOf } from '../../src/simulation/members.ts';
import { moment, playLoad } from '../../src/simulation/play.ts';
import { createTrace } from '../../src/simulation/trace.ts';
import { createHosts, createSimulatedApp } from '../../src/simulation/world.ts';
import { createSeededRandom, hashText } from '../../src/simulator/seeded-random.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Fetch } from '../../src/spec/ports.ts';
import { type GatewayFacts, gatewayFacts } from './gateway-facts.ts';
import type { HostilePlan } from './hostile-plan.ts';
import { type HostileResult, strike } from './hostile-run.ts';
import { createHostileStore, soundStore } from './hostile-store.ts';
import { createInvariants, type Invariants } from './invariants.ts';
import { createStoppableClock, type StoppableClock } from './stoppable-clock.ts';
import { type Attempt, type WatchedNetwork, watchNetwork } from './watched-network.ts';

export interface ClusterPlan extends HostilePlan {
  readonly routers: number;
  /** Whether the store is as bad as stores get, or only the hosts are. */
  readonly store: 'sound' | 'hostile';
}

/** From one to eight instances; every other cluster has a sound store. */
export const clusterPlan = (plan: HostilePlan): ClusterPlan => ({
  ...plan,
  routers: 1 + (plan.seed % 8),
  store: plan.seed % 2 === 0 ? 'sound' : 'hostile',
  // A load that another instance is waited for begins later; a pause that eats the rest of its time is no loss by the cluster.
  pauses: plan.pauses.map(({ at, forMs }) => ({ at, forMs: Math.min(forMs, 3_000) })),
});

interface Router {
  readonly app: PointsmanApp;
  readonly clock: StoppableClock;
  readonly network: WatchedNetwork;
  readonly facts: GatewayFacts;
  readonly invariants: Invariants;
}

const quietMs = 5_000;
const limitMs = 3_600_000;

/** Calls of one instance to a host that it is cut from come to nothing. */
const cuttable = (fetch: Fetch, cutFrom: ReadonlySet<string>): Fetch => {
  return async (url, init) => {
    if (cutFrom.has(new URL(url).host)) throw new TypeError('fetch failed');
    return await fetch(url, init);
  };
};

/** One world from its first event to the quiet after its last. */
export const runHostileCluster = async (
  plan: ClusterPlan,
  keep?: (line: string) => void,
): Promise<HostileResult> => {
  const { fleet, load, seed, strategy, routers: count } = plan;
  const trace = createTrace(keep);
  const random = createSeededRandom(Math.imul(seed + 77, 0x85ebca77));
  const members = membersOf(fleet, seed).map((member) => ({
    ...member,
    options: { ...member.options, chunkMs: 0 },
  }));
  const checked = configOf(fleet, members, { strategy, dispatch: 'queue' });
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  const { config } = checked;
  const routers: Router[] = [];
  const breaches: string[] = [];
  const world = createVirtualClock(undefined, () => {
    for (const { invariants } of routers) invariants.turn();
  });
  const hosts = createHosts(members, world, () => undefined);
  const store = createHostileStore(world, createSeededRandom(seed + 5));
  const trials = new Map<string, { attempt: Attempt; router: number }>();
  /** Within this time one instance cannot know what another began. */
  const visibleMs = 1_000;

  /** With a sound store the trials of all instances together are one at a time. */
  const checkTrial = (router: number, attempt: Attempt): void => {
    const { host, model } = attempt;
    if (plan.store !== 'sound' || plan.pauses.length > 0 || !routers[router]?.facts.isTrial(host, model))
      return;
    const pair = `${host} ${model}`;
    const before = trials.get(pair);
    const runs =
      before !== undefined && before.attempt.endedAt === undefined && before.attempt.status === undefined;
    const isSeen = before !== undefined && attempt.startedAt - before.attempt.startedAt > visibleMs;
    if (runs && isSeen && before.router !== router) {
      breaches.push(
        `I4 at ${Math.round(world.now())} ms: instances ${before.router} and ${router} both try ${pair}`,
      );
    }
    trials.set(pair, { attempt, router });
  };

  for (let index = 0; index < count; index += 1) {
    const clock = createStoppableClock(world);
    const cutFrom = new Set<string>();
    const invariants: Invariants = createInvariants({
      clock,
      facts: () => {
        if (router === undefined) throw new Error('the application is not built yet');
        return router.facts;
      },
      network: () => network,
      limits: { maxAttempts: config.maxAttempts, maxWaitMs: config.queue.maxWaitMs },
      guarded: plan.guardian !== undefined,
    });
    const network = watchNetwork({
      network: cuttable(hosts.fetch, cutFrom),
      clock,
      onAttempt: (attempt) => {
        checkTrial(index, attempt);
        invariants.attempt(attempt);
      },
    });
    let router: Router | undefined;
    const app = createSimulatedApp({
      config,
      clock,
      fetch: network.fetch,
      seed: seed + index,
      trace,
      onSettled: invariants.settled,
      shares: { store: store.way(index), name: `router${index}` },
    });
    router = { app, clock, network, facts: gatewayFacts(app), invariants };
    routers.push(router);
    if (plan.store === 'hostile') {
      // A host may be out of reach of one instance while the others reach it.
      for (const { id } of members) {
        if (id === plan.guardian || random() < 0.6) continue;
        const at = random() * load.durationMs;
        world.after(at, () => cutFrom.add(id));
        world.after(at + random() * 30_000, () => cutFrom.delete(id));
      }
      const at = random() * load.durationMs;
      world.after(at, () => store.cut(index));
      world.after(at + random() * 30_000, () => store.heal(index));
    }
  }

  for (const mishap of plan.mishaps) {
    world.after(mishap.at, () =>
      strike(mishap, hosts, {
        lie: (host, tells) => {
          for (const { network } of routers) network.lie(host, tells);
        },
        after: (ms, run) => world.after(ms, run),
      }),
    );
  }
  const one = (at: number): Router | undefined => routers[Math.floor(at) % count];
  for (const { at, forMs } of plan.pauses) world.after(at, () => one(at)?.clock.pause(forMs));
  for (const { at, byMs } of plan.steps) world.after(at, () => one(at)?.clock.step(byMs));
  if (plan.store === 'hostile') {
    store.faults({ refused: 0.05, late: 0.05, lost: 0.05, stale: 0.1, torn: 0.02 });
    world.after(random() * load.durationMs, store.wipe);
    const at = random() * load.durationMs;
    world.after(at, () => store.faults({ ...soundStore, refused: 1 }));
    world.after(at + 15_000, () => store.faults({ ...soundStore, late: 0.2, stale: 0.2 }));
  }

  const ends = { done: 0, refused: 0, cut: 0, left: 0 };
  const routerOf = (id: string): Router => {
    const router = routers[hashText(id) % count];
    if (router === undefined) throw new RangeError('no such instance');
    return router;
  };
  const handler: Handler = async (request) => {
    const { app, clock } = routerOf(request.headers.get('x-request-id') ?? '');
    await clock.running();
    return app.fetch(request);
  };
  const playing = playLoad(load, {
    handler,
    clock: world,
    asked: (id) => routerOf(id).invariants.asked(id),
    heard: (id, what) => {
      const { invariants } = routerOf(id);
      if (what === 'content') invariants.content(id);
      else invariants.left(id);
    },
    ended: (id, result) => {
      ends[result.end] += 1;
      trace.add(world.now(), 'end', id, result.end, result.status, result.firstContentAt, result.text.length);
      routerOf(id).invariants.ended(id, result);
    },
  });
  await world.until(Promise.race([playing, moment(world, limitMs)]), 2 * limitMs);
  await world.until(moment(world, world.now() + quietMs));
  for (const { invariants, app } of routers) {
    invariants.quiet();
    app.stop();
  }
  return {
    breaches: [
      ...breaches,
      ...routers.flatMap(({ invariants }, index) =>
        invariants.breaches.map((line) => `instance ${index}: ${line}`),
      ),
    ],
    traceHash: trace.hash(),
    requests: Object.values(ends).reduce((sum, each) => sum + each, 0),
    ends,
    attempts: routers.reduce((sum, { network }) => sum + network.attempts.length, 0),
    virtualMs: world.now(),
  };
};
