import { describe, expect, test } from 'bun:test';
import { type Cluster, createCluster } from '../../../src/gateway/cluster/cluster.ts';
import { createMemory } from '../../../src/gateway/learning.ts';
import { createQuotas } from '../../../src/gateway/quotas.ts';
import { createVirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { createMemoryStore } from '../../../src/state/memory-store.ts';
import type { StateStore } from '../../../src/state/store.ts';
import { createWay, type TestStore } from '../../state/lone-replica.ts';
import { idleSlots, someHosts } from './neighbours.ts';

type Hosts = Awaited<ReturnType<typeof someHosts>>;

interface Instance extends Hosts {
  readonly cluster: Cluster;
  readonly way: TestStore;
}

const unused = (): never => {
  throw new Error('nothing is asked here');
};

/** Two instances before the same hosts, each with its own way to one store. */
const two = async () => {
  const clock = createVirtualClock();
  const shared: StateStore = createMemoryStore();
  const begin = async (name: string): Promise<Instance> => {
    const hosts = await someHosts('a', 'b', 'c', 'd');
    const way = createWay(shared);
    const cluster = createCluster({
      ...{ fleet: hosts.fleet, slots: idleSlots(), memory: createMemory(), hostname: 'box' },
      quotas: createQuotas(),
      discovery: { start: unused, look: async () => undefined, settled: unused, stop: unused },
      ports: { clock, random: () => 0.5, ids: () => `id-of-${name}`, fetch: unused },
      report: () => undefined,
      settings: { driver: 'memory', findPeers: false, instance: name },
      loadsChanged: () => undefined,
      heard: () => undefined,
    });
    cluster.join(Promise.resolve(way));
    return { ...hosts, cluster, way };
  };
  const [left, right] = [await begin('left'), await begin('right')];
  await clock.advance(3_000);
  return { clock, left, right };
};

const names = ['a', 'b', 'c', 'd'];

describe('looks at hosts', () => {
  /** Each looked at all of its hosts just now, and the one told the other. */
  const looking = async () => {
    const { clock, left, right } = await two();
    const lookedNow = (): void => {
      for (const { hostOf } of [left, right]) {
        for (const host of names.map(hostOf)) {
          host.tellsLoaded = true;
          host.health = { state: 'up', failures: 0 };
          host.lookedAt = clock.now();
          host.probedAt = clock.now();
        }
      }
    };
    // Who looks later than the other did is believed by that one.
    lookedNow();
    await clock.advance(4_000);
    for (const { hostOf, cluster } of [left, right]) {
      for (const host of names.map(hostOf)) {
        const key = cluster.keys.host(host);
        if (cluster.firstFor(`look ${key}`, key) === cluster.own()) host.lookedAt = clock.now();
      }
    }
    await clock.advance(11_000);
    return { clock, left, right };
  };

  const spared = ({ cluster, hostOf }: Instance): readonly string[] =>
    names.filter((name) => cluster.spares(hostOf(name)));

  test('are shared: for each host one of two is spared', async () => {
    const { left, right } = await looking();
    expect([...spared(left), ...spared(right)].sort()).toEqual(names);
  });

  test('are everybody’s own where the host is down or fails here, or none came for long', async () => {
    const { clock, left, right } = await looking();
    for (const instance of [left, right]) {
      for (const name of spared(instance)) {
        const host = instance.hostOf(name);
        host.health = { state: 'up', failures: 1 };
        expect(instance.cluster.spares(host)).toBe(false);
        host.health = { state: 'down', failures: 2 };
        expect(instance.cluster.spares(host)).toBe(false);
        host.health = { state: 'up', failures: 0 };
        expect(instance.cluster.spares(host)).toBe(true);
        const { lookedAt } = host;
        host.lookedAt = clock.now() - 15_001;
        expect(instance.cluster.spares(host)).toBe(false);
        host.lookedAt = lookedAt;
        host.probedAt = clock.now() - 30_001;
        expect(instance.cluster.spares(host)).toBe(false);
      }
    }
  });
});

describe('an instance whose store is away', () => {
  test('decides alone, and takes of each host its part of as many as there were', async () => {
    const { clock, left } = await two();
    expect(left.cluster.instances()).toBe(2);
    left.hostOf('a').elsewhere = 3;
    left.way.down = true;
    await clock.advance(6_500);
    expect(left.cluster.state()?.attachment.state).toBe('detached');
    expect(left.cluster.instances()).toBe(1);
    expect([left.hostOf('a').elsewhere, left.hostOf('a').ownLimit]).toEqual([0, 2]);
    left.way.down = false;
    await clock.advance(5_000);
    expect(left.cluster.instances()).toBe(2);
    expect(left.hostOf('a').ownLimit).toBe(Infinity);
  });

  test('takes all of a host again when the store is back and nobody else is', async () => {
    const { clock, left, right } = await two();
    // Its last word was heard.
    right.way.down = true;
    await clock.advance(700);
    left.way.down = true;
    await clock.advance(6_500);
    expect(left.hostOf('a').ownLimit).toBe(2);
    left.way.down = false;
    await clock.advance(5_000);
    expect(left.cluster.state()?.attachment.state).toBe('attached');
    expect(left.cluster.instances()).toBe(1);
    expect(left.hostOf('a').ownLimit).toBe(Infinity);
  });

  test('is alone from when the store is given up, though the others may still be there', async () => {
    const { clock, left } = await two();
    left.way.down = true;
    while (left.cluster.state()?.attachment.state === 'attached') await clock.advance(50);
    expect(left.cluster.members().some(({ alive }) => alive)).toBe(true);
    expect(left.cluster.instances()).toBe(1);
  });
});

test('who says goodbye is known to have left, and who is silent is not', async () => {
  const { clock, left, right } = await two();
  expect(left.cluster.hasLeft('right')).toBe(false);
  right.way.down = true;
  await clock.advance(6_500);
  expect(left.cluster.instances()).toBe(1);
  expect(left.cluster.hasLeft('right')).toBe(false);
  right.way.down = false;
  await clock.advance(4_000);
  await right.cluster.leave();
  await clock.advance(1_000);
  expect(left.cluster.hasLeft('right')).toBe(true);
});
