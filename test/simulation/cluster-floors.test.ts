import { describe, expect, test } from 'bun:test';
import { onFailure } from '../../src/core/breaker.ts';
import { type ClusterWorld, createClusterWorld } from './cluster-world.ts';

const rates = {
  prefillTokensPerSecond: 2000,
  decodeTokensPerSecond: 60,
  loadBytesPerSecond: '1GiB',
  sharing: 0.2,
};
const host = {
  kind: 'ollama',
  slots: 4,
  vram: '24GiB',
  models: ['warm=2GiB', 'cold=5GiB'],
  preload: ['warm'],
  keepAliveSeconds: 86_400,
  contextTokens: 4096,
  rates,
};
const fleet = {
  hosts: { one: host, two: host, three: host, four: host },
  settings: {
    queue: { maxRequests: 2000, maxWaitMs: 600_000, keyShare: 1 },
    heartbeat: { afterMs: 0, everyMs: 5000 },
  },
};

const statsOf = ({ hosts }: ClusterWorld) => [...hosts.byId.values()].map(({ stats }) => stats());

/** Asks all at once, over the instances in turn; how many were answered well. */
const askAll = async (world: ClusterWorld, count: number, model: string): Promise<number> => {
  const answers = Array.from({ length: count }, (_, index) =>
    world.chat(index % world.apps.length, model, `${model}-${index}`),
  );
  let done: readonly number[] = [];
  void Promise.all(answers).then((all) => {
    done = all;
  });
  for (let minutes = 0; minutes < 30 && done.length === 0; minutes += 1) await world.pass(60_000);
  return done.filter((status) => status === 200).length;
};

describe('a thousand requests at once for a model that is nowhere in memory, over three instances', () => {
  test('load it once on a host', async () => {
    const world = await createClusterWorld({ instances: 3, fleet });
    const before = statsOf(world).map(({ loads }) => loads);
    expect(await askAll(world, 1000, 'cold')).toBe(1000);
    statsOf(world).forEach(({ loads, evictions, posts }, index) => {
      expect(loads - (before[index] ?? 0)).toBeLessThanOrEqual(1);
      // The calls that load, whatever the engine made of them.
      expect(posts['/api/generate'] ?? 0).toBeLessThanOrEqual(1);
      expect(evictions).toBe(0);
    });
    world.stop();
  }, 120_000);

  test('load it three times on a host at most while the store is down', async () => {
    const world = await createClusterWorld({ instances: 3, fleet, store: 'down' });
    expect(await askAll(world, 1000, 'cold')).toBe(1000);
    for (const { evictions, posts } of statsOf(world)) {
      expect(posts['/api/generate'] ?? 0).toBeLessThanOrEqual(3);
      expect(evictions).toBe(0);
    }
    world.stop();
  }, 120_000);
});

describe('three instances at full load without sidecars', () => {
  test('send a host no more than its slots beyond what they take in the second in which they cannot see each other', async () => {
    const world = await createClusterWorld({ instances: 3, fleet });
    const seconds = 60;
    const perSecond = 3;
    let answered = 0;
    for (let index = 0; index < seconds * perSecond * 3; index += 1) {
      world.clock.after(Math.floor(index / 3) * (1000 / perSecond), () => {
        void world.chat(index % 3, 'warm', `steady-${index}`).then((status) => {
          if (status === 200) answered += 1;
        });
      });
    }
    await world.pass(seconds * 1000 + 240_000);
    expect(answered).toBe(seconds * perSecond * 3);
    for (const { most } of world.open.values())
      expect(most).toBeLessThanOrEqual(4 + 2 * Math.ceil(perSecond));
    world.stop();
  }, 120_000);
});

describe('an instance that is gone for good', () => {
  test('stays so while what it wrote last still lies in the store', async () => {
    const world = await createClusterWorld({ instances: 2, fleet: { hosts: { one: host } } });
    const others = (): number => (world.apps[0]?.gateway.cluster.instances() ?? 0) - 1;
    expect(others()).toBe(1);
    world.store.cut(1);
    await world.pass(8_000);
    for (let seconds = 0; seconds < 11 * 60; seconds += 1) {
      await world.pass(1_000);
      expect(others()).toBe(0);
    }
    world.stop();
  }, 60_000);
});

describe('an instance that meets a model later than the others', () => {
  test('heeds what they said of it before', async () => {
    const world = await createClusterWorld({ instances: 2, fleet: { hosts: { one: host } } });
    const model = 'warm:latest';
    const [first, second] = world.apps.map(({ gateway }) => gateway.fleet.host('one'));
    const pair = first?.pairs.get(model);
    if (pair === undefined) throw new Error('the model is not listed');
    const failure = { ticket: 1, weight: 9, reason: 'it broke' };
    const settings = { failures: 1, openMs: 600_000, maxOpenMs: 600_000 };
    const breaker = onFailure(pair.health.breaker, failure, settings, world.clock.now(), 0.5);
    pair.health = { ...pair.health, breaker };
    await world.pass(15_000);
    expect(second?.pairs.get(model)?.health.breaker.state).toBe('open');
    // As for one that has just begun, it is only now listed.
    second?.pairs.delete(model);
    while (second?.pairs.get(model) === undefined) await world.pass(100);
    expect(second.pairs.get(model)?.health.breaker.state).toBe('open');
    world.stop();
  }, 60_000);
});
