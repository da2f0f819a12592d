/** Several instances over one simulated fleet and one simulated store, in virtual time. */

import type { PointsmanApp } from '../../src/http/app.ts';
import { moment } from '../../src/simulation/play.ts';
import { createTrace } from '../../src/simulation/trace.ts';
import { createHosts, createSimulatedApp, type Hosts } from '../../src/simulation/world.ts';
import { createSeededRandom } from '../../src/simulator/seeded-random.ts';
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Json } from '../../src/spec/json.ts';
import { checkedFleet, fleetFrom } from './checked-fleet.ts';
import { createHostileStore, type HostileStore } from './hostile-store.ts';

export interface ClusterWorld {
  readonly apps: readonly PointsmanApp[];
  readonly hosts: Hosts;
  readonly store: HostileStore;
  readonly clock: VirtualClock;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
  /** Sends one chat to an instance; its status once it is over. */
  chat(instance: number, model: string, id: string): Promise<number>;
  /** Calls that are open on a host now, and the most that ever were, over all instances. */
  readonly open: ReadonlyMap<string, { now: number; most: number }>;
  stop(): void;
}

export interface ClusterWorldOptions {
  readonly instances: number;
  readonly fleet: Json;
  readonly seed?: number;
  readonly strategy?: string;
  /** From the beginning. */
  readonly store?: 'sound' | 'down';
}

/** Starts all of them and waits until they know each other. */
export const createClusterWorld = async ({
  instances,
  fleet,
  seed = 1,
  strategy = 'expected_finish',
  store: how = 'sound',
}: ClusterWorldOptions): Promise<ClusterWorld> => {
  const { members, config } = checkedFleet(fleetFrom(fleet), { seed, strategy, tokens: 'together' });
  const clock = createVirtualClock();
  const hosts = createHosts(members, clock, () => undefined);
  const store = createHostileStore(clock, createSeededRandom(seed));
  if (how === 'down') for (let index = 0; index < instances; index += 1) store.cut(index);
  const open = new Map(members.map(({ id }) => [id, { now: 0, most: 0 }]));
  const trace = createTrace();

  const watched: typeof hosts.fetch = async (url, init) => {
    const count = init.headers['x-request-id'] === undefined ? undefined : open.get(new URL(url).host);
    if (count === undefined) return await hosts.fetch(url, init);
    count.now += 1;
    count.most = Math.max(count.most, count.now);
    try {
      const reply = await hosts.fetch(url, init);
      const bytes = await reply.arrayBuffer();
      const headers = { 'content-type': reply.headers.get('content-type') ?? '' };
      return new Response(bytes, { status: reply.status, headers });
    } finally {
      count.now -= 1;
    }
  };

  const apps = Array.from({ length: instances }, (_, index) =>
    createSimulatedApp({
      config,
      clock,
      fetch: watched,
      seed: seed + index,
      trace,
      onSettled: () => undefined,
      shares: { store: store.way(index), name: `router${index}` },
    }),
  );
  const pass = (ms: number): Promise<void> => clock.until(moment(clock, clock.now() + ms), Infinity);
  await pass(6_000);
  return {
    apps,
    hosts,
    store,
    clock,
    pass,
    open,
    chat: async (instance, model, id) => {
      const response = await apps[instance]?.fetch(
        new Request('http://localhost/api/chat', {
          method: 'POST',
          headers: { host: 'localhost', 'content-type': 'application/json', 'x-request-id': id },
          body: JSON.stringify({
            model,
            stream: false,
            messages: [{ role: 'user', content: `hello #${id} [4]` }],
          }),
        }),
      );
      await response?.arrayBuffer();
      return response?.status ?? 0;
    },
    stop: () => {
      for (const app of apps) app.stop();
    },
  };
};
