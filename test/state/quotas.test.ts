import { describe, expect, test } from 'bun:test';
import type { PointsmanApp } from '../../src/http/app.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import type { StateStore } from '../../src/state/store.ts';
import { redisAndHost } from './redis-and-host.ts';
import { startInstance, until } from './two-instances.ts';

const key = 'a-key-of-some-length';
const between = 'the-key-between-them';

const keys = (limits: string): string =>
  [
    'auth:',
    '  keys:',
    `    - { name: laptop, key: ${key}, limits: ${limits} }`,
    `    - { name: others, key: ${between}, scopes: [cluster, metrics] }`,
  ].join('\n');

const { redis, host, atEnd } = redisAndHost();

const join = async (limits: string, state: string, store?: StateStore): Promise<PointsmanApp> => {
  const app = await startInstance({ host: host().url }, state, {
    more: keys(limits),
    backend: 'kind: ollama, slots: 1000',
    ...(store === undefined ? {} : { store }),
  });
  atEnd(() => app.stop());
  return app;
};

const meet = (instances: readonly PointsmanApp[]): Promise<unknown> =>
  until('all know each other', () =>
    instances.every(({ gateway }) => gateway.cluster.state()?.instances === instances.length),
  );

const ask = async (app: PointsmanApp): Promise<number> => {
  const response = await app.fetch(
    new Request('http://127.0.0.1/api/chat', {
      method: 'POST',
      headers: { host: '127.0.0.1', 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify({ model: 'm', stream: false, messages: [{ role: 'user', content: 'hi' }] }),
    }),
  );
  await response.arrayBuffer();
  return response.status;
};

/** How many of so many at once were served; the rest was turned away. */
const askAtOnce = async (app: PointsmanApp, times: number): Promise<number> => {
  const statuses = await Promise.all(Array.from({ length: times }, () => ask(app)));
  expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
  return statuses.filter((status) => status === 200).length;
};

const meterOf = ({ gateway }: PointsmanApp) => {
  const meter = gateway.quotas.of('laptop')?.requests;
  if (meter === undefined) throw new Error('the key has no such limit');
  return meter;
};

/** A bucket that runs out while a test goes on would make it depend on the machine. */
const slow = '{ requestsPerMinute: 30 }';
const spareMs = 5_000;

const sharedStore = (): StateStore => ({ ...createMemoryStore(), close: async () => undefined });

const clusters: Readonly<Record<string, () => Promise<readonly PointsmanApp[]>>> = {
  'one map': async () => {
    const store = sharedStore();
    return [await join(slow, '{}', store), await join(slow, '{}', store), await join(slow, '{}', store)];
  },
  Redis: async () => {
    const state = `{ driver: redis, url: "${redis().url}", secret: ${crypto.randomUUID()} }`;
    return [await join(slow, state), await join(slow, state), await join(slow, state)];
  },
  'the instance that keeps the state': async () => {
    const secret = crypto.randomUUID();
    const keeper = await join(slow, `{ secret: ${secret} }`);
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => keeper.fetch(request) });
    atEnd(() => server.stop(true));
    const state = `{ driver: http, url: "${server.url}state", key: ${between}, secret: ${secret} }`;
    return [keeper, await join(slow, state), await join(slow, state)];
  },
};

describe('three instances with one limit', () => {
  test.each(Object.keys(clusters))(
    'count together what a key uses, through %s',
    async (through) => {
      const [one, two, three] = (await clusters[through]?.()) ?? [];
      if (one === undefined || two === undefined || three === undefined) throw new Error('no cluster');
      await meet([one, two, three]);
      const since = performance.now();
      const most = (): number => 30 + Math.ceil((30 * (performance.now() - since)) / 60_000);
      expect(await askAtOnce(one, 12)).toBe(12);
      await until('two heard of it', () => meterOf(two).bucket.level > 0, spareMs);
      expect(await askAtOnce(two, 12)).toBe(12);
      await until('three heard of both', () => meterOf(three).bucket.level > 12, spareMs);
      const threeServed = await askAtOnce(three, 100);
      expect(24 + threeServed).toBeGreaterThanOrEqual(30);
      expect(24 + threeServed).toBeLessThanOrEqual(most());
      await until('one heard of that', () => meterOf(one).bucket.level > 24, spareMs);
      expect(24 + threeServed + (await askAtOnce(one, 100))).toBeLessThanOrEqual(most());
    },
    20_000,
  );

  test('let through at most a bucket each before they hear of each other, and make up for it', async () => {
    const instances = (await clusters['one map']?.()) ?? [];
    await meet(instances);
    const served = await Promise.all(instances.map((app) => askAtOnce(app, 333)));
    const all = served.reduce((sum, each) => sum + each, 0);
    expect(all).toBeGreaterThanOrEqual(30);
    expect(all).toBeLessThanOrEqual(3 * 30 + 3);
    await until(
      'all heard of all',
      () => instances.every((app) => meterOf(app).bucket.level > all - 10),
      spareMs,
    );
    expect(await Promise.all(instances.map((app) => askAtOnce(app, 100)))).toEqual([0, 0, 0]);
  }, 20_000);

  test('give a part each while the store is away, and hear of it when it is back', async () => {
    const store = sharedStore();
    let away = false;
    const fails = <Answer>(answer: () => Promise<Answer>): Promise<Answer> =>
      away ? Promise.reject(new Error('the store is away')) : answer();
    const flaky: StateStore = {
      keys: () => fails(() => store.keys()),
      read: (wanted) => fails(() => store.read(wanted)),
      write: (at, text, lifeMs) => fails(() => store.write(at, text, lifeMs)),
      remove: (at) => fails(() => store.remove(at)),
      close: async () => undefined,
    };
    const limits = '{ requestsPerMinute: 10 }';
    const instances = [
      await join(limits, '{}', flaky),
      await join(limits, '{}', flaky),
      await join(limits, '{}', flaky),
    ];
    await meet(instances);
    away = true;
    await until('all are cut off', () =>
      instances.every(({ gateway }) => gateway.cluster.state()?.attachment.state === 'detached'),
    );
    expect(instances.map((app) => meterOf(app).capacity)).toEqual([4, 4, 4]);
    const served = await Promise.all(instances.map((app) => askAtOnce(app, 333)));
    expect(served).toEqual([4, 4, 4]);
    away = false;
    await until('all are back', () =>
      instances.every(({ gateway }) => gateway.cluster.state()?.attachment.state === 'attached'),
    );
    expect(instances.map((app) => meterOf(app).capacity)).toEqual([10, 10, 10]);
    await until('all heard of all', () => instances.every((app) => meterOf(app).bucket.level > 10), spareMs);
    expect(await Promise.all(instances.map((app) => askAtOnce(app, 50)))).toEqual([0, 0, 0]);
  }, 20_000);
});
