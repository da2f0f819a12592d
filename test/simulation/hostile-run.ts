/** Plays a hostile plan against the whole application and says which invariants it broke. */

import type { CallResult, Handler } from '../../src/simulation/caller.ts';
import { moment, playLoad } from '../../src/simulation/play.ts';
import { createTrace } from '../../src/simulation/trace.ts';
import { createHosts, type Hosts } from '../../src/simulation/world.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import { checkedFleet } from './checked-fleet.ts';
import type { HostilePlan, Mishap } from './hostile-plan.ts';
import { createWatchedApp } from './watched-app.ts';
import type { WatchedNetwork } from './watched-network.ts';

export interface HostileResult {
  readonly breaches: readonly string[];
  readonly traceHash: string;
  readonly requests: number;
  readonly ends: Readonly<Record<CallResult['end'], number>>;
  readonly attempts: number;
  readonly virtualMs: number;
}

/** After this much of quiet nothing may be left over; longer than what a finished connection may linger. */
const quietMs = 5_000;

const limitMs = 3_600_000;

/** Lets a mishap happen. */
export const strike = (
  mishap: Mishap,
  hosts: Hosts,
  { lie, after }: Pick<WatchedNetwork, 'lie'> & { after: (ms: number, run: () => void) => void },
): void => {
  const host = hosts.byId.get(mishap.host);
  if (host === undefined) return;
  switch (mishap.what) {
    case 'fault':
      host.setFault(mishap.fault);
      return;
    case 'kill':
      host.kill(mishap.forMs);
      return;
    case 'slow':
      host.slowDown(mishap.factor);
      after(mishap.forMs, () => host.slowDown(1));
      return;
    case 'lie':
      lie(mishap.host, mishap.tells);
      after(mishap.forMs, () => lie(mishap.host, undefined));
  }
};

/** One world from its first event to the quiet after its last; `keep` hears every line of its trace. */
export const runHostile = async (
  plan: HostilePlan,
  keep?: (line: string) => void,
): Promise<HostileResult> => {
  const { fleet, load, seed, strategy } = plan;
  const trace = createTrace(keep);
  const { members, config } = checkedFleet(fleet, { seed, strategy, tokens: 'single' });
  let turn = (): void => undefined;
  const world = createVirtualClock(undefined, () => turn());
  const hosts = createHosts(members, world, () => undefined);
  const { app, clock, network, invariants } = createWatchedApp({
    config,
    world,
    seed,
    trace,
    network: hosts.fetch,
    guarded: plan.guardian !== undefined,
  });
  turn = invariants.turn;

  for (const mishap of plan.mishaps) {
    world.after(mishap.at, () =>
      strike(mishap, hosts, { lie: network.lie, after: (ms, run) => world.after(ms, run) }),
    );
  }
  for (const { at, forMs } of plan.pauses) world.after(at, () => clock.pause(forMs));
  for (const { at, byMs } of plan.steps) world.after(at, () => clock.step(byMs));

  const ends = { done: 0, refused: 0, cut: 0, left: 0 };
  const handler: Handler = async (request) => {
    await clock.running();
    return app.fetch(request);
  };
  const playing = playLoad(load, {
    handler,
    clock: world,
    asked: invariants.asked,
    heard: (id, what) => (what === 'content' ? invariants.content(id) : invariants.left(id)),
    ended: (id, result) => {
      ends[result.end] += 1;
      trace.add(world.now(), 'end', id, result.end, result.status, result.firstContentAt, result.text.length);
      invariants.ended(id, result);
    },
  });
  await world.until(Promise.race([playing, moment(world, limitMs)]), 2 * limitMs);
  await world.until(moment(world, world.now() + quietMs));
  invariants.quiet();
  app.stop();
  return {
    breaches: invariants.breaches,
    traceHash: trace.hash(),
    requests: Object.values(ends).reduce((sum, count) => sum + count, 0),
    ends,
    attempts: network.attempts.length,
    virtualMs: world.now(),
  };
};
