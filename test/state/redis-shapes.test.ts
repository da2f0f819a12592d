import { afterEach, describe, expect, test } from 'bun:test';
import { createRedisStore } from '../../src/state/redis-store.ts';
import type { StateStore } from '../../src/state/store.ts';
import {
  type RedisShape,
  startRedisCluster,
  startRedisClusterWithTls,
  startRedisWithTls,
} from './redis-shapes.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const storeOf = ({ url, ca }: Pick<RedisShape, 'url' | 'ca'>): StateStore => {
  const store = createRedisStore({ url, ...(ca === '' ? {} : { ca }) });
  stops.push(() => store.close().catch(() => undefined));
  return store;
};

/** The first calls come before the connection does. */
const connected = async (store: StateStore): Promise<StateStore> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await store.keys();
      return store;
    } catch (error) {
      if (attempt === 100) throw error;
      await Bun.sleep(25);
    }
  }
};

const started = async (shape: Promise<RedisShape>): Promise<RedisShape> => {
  const running = await shape;
  stops.push(running.stop);
  return running;
};

const keepsTexts = async (shape: RedisShape): Promise<void> => {
  const [one, other] = [await connected(storeOf(shape)), await connected(storeOf(shape))];
  const keys = Array.from({ length: 30 }, (_, index) => `v1:head:${index}`);
  for (const key of keys) await one.write(key, `text of ${key}`, 60_000);
  // Asked several times, for a node of a cluster may be chosen anew each time.
  for (let turn = 0; turn < 10; turn += 1) expect([...(await other.keys())].sort()).toEqual([...keys].sort());
  const texts = await other.read([...keys, 'v1:head:none']);
  expect(texts.size).toBe(keys.length);
  expect(texts.get('v1:head:7')).toBe('text of v1:head:7');
  await other.remove('v1:head:7');
  expect((await one.read(['v1:head:7'])).size).toBe(0);
};

describe('Redis', () => {
  test('behind TLS keeps texts, where the certificate of its signer is given', async () => {
    await keepsTexts(await started(startRedisWithTls()));
  }, 20_000);

  test('behind TLS is not believed without it, nor with that of another', async () => {
    const [shape, foreign] = [await started(startRedisWithTls()), await started(startRedisWithTls())];
    for (const ca of ['', foreign.ca]) {
      const store = storeOf({ ...shape, ca });
      for (let attempt = 0; attempt < 8; attempt += 1) {
        await expect(store.keys()).rejects.toThrow();
        await Bun.sleep(50);
      }
    }
  }, 20_000);

  test('as a cluster of one node keeps texts', async () => {
    await keepsTexts(await started(startRedisCluster(1)));
  }, 20_000);

  test('as a cluster of three nodes keeps texts, whichever node is named', async () => {
    const shape = await started(startRedisCluster(3));
    await keepsTexts(shape);
    for (const { port } of shape.servers) {
      const store = await connected(storeOf({ url: `redis+cluster://127.0.0.1:${port}`, ca: '' }));
      expect(await store.keys()).toHaveLength(29);
    }
  }, 30_000);

  test('as a cluster lists its keys while another node than theirs is lost', async () => {
    const shape = await started(startRedisCluster(3));
    const store = await connected(storeOf(shape));
    await store.write('v1:head:one', 'text', 60_000);
    const sizes = await Promise.all(shape.servers.map((server) => server.command('DBSIZE')));
    await shape.servers[sizes.indexOf(':0\r\n')]?.kill();
    // The cluster as a whole is not down yet, and says where its slots are.
    expect(await store.keys()).toEqual(['v1:head:one']);
  }, 30_000);

  test('as a cluster behind TLS keeps texts', async () => {
    await keepsTexts(await started(startRedisClusterWithTls()));
  }, 20_000);

  test('that holds much of others lists its own in time', async () => {
    const shape = await started(startRedisCluster(1));
    const [server] = shape.servers;
    await server?.command('EVAL', "for i=1,20000 do redis.call('SET','{x}'..i,'y') end", '1', '{x}');
    const store = await connected(storeOf(shape));
    await store.write('v1:head:one', 'text', 60_000);
    const since = performance.now();
    expect(await store.keys()).toEqual(['v1:head:one']);
    expect(performance.now() - since).toBeLessThan(250);
  }, 20_000);
});
