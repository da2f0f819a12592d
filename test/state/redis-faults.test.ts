import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import type { PointsmanApp } from '../../src/http/app.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { ask, type FakeHost, startFakeHost, startInstance, until } from './two-instances.ts';

/** Requests under each fault; the proof asks for ten thousand. */
const requests = Number(process.env.STATE_REQUESTS ?? 500);
const together = 10;
const patienceMs = 60_000 + requests * 20;

let redis: RedisServer;
let proxy: FaultProxy;
let hosts: readonly FakeHost[] = [];
let apps: readonly PointsmanApp[] = [];

const statusOf = (app: PointsmanApp) => app.gateway.cluster.state()?.attachment.state;
const each = (holds: (app: PointsmanApp) => boolean): boolean => apps.every(holds);
const attached = (app: PointsmanApp): boolean => statusOf(app) === 'attached';
const together3 = (app: PointsmanApp): boolean => app.gateway.cluster.state()?.instances === 3;

/** Sends all of them, some at once over all instances in turn; those that did not go well, and the slowest. */
const load = async (): Promise<{ failed: number; slowestMs: number }> => {
  let [sent, failed, slowestMs] = [0, 0, 0];
  const worker = async (): Promise<void> => {
    while (sent < requests) {
      const app = apps[sent % apps.length];
      sent += 1;
      if (app === undefined) return;
      const since = performance.now();
      const { status } = await ask(app);
      slowestMs = Math.max(slowestMs, performance.now() - since);
      if (status !== 200) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: together }, worker));
  return { failed, slowestMs };
};

/** A request that waited for the store would take as long as a call on it may. */
const expectUnharmed = ({ failed, slowestMs }: { failed: number; slowestMs: number }): void => {
  expect(failed).toBe(0);
  expect(slowestMs).toBeLessThan(240);
};

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

beforeEach(async () => {
  await redis.restart();
  proxy = await startFaultProxy(redis.port);
  hosts = [startFakeHost(), startFakeHost()];
  const urls = Object.fromEntries(hosts.map(({ url }, index) => [`host-${index}`, url]));
  const state = `{ driver: redis, url: "redis://127.0.0.1:${proxy.port}" }`;
  const backend = 'kind: ollama, slots: 32';
  apps = await Promise.all([1, 2, 3].map(() => startInstance(urls, state, { backend })));
  await until('all see each other', () => each(together3), 10_000);
});

afterEach(async () => {
  for (const app of apps) app.stop();
  await proxy.stop();
  for (const host of hosts) await host.stop();
});

describe('no request is lost, and none waits, while the store', () => {
  test(
    'is as it should be',
    async () => {
      expectUnharmed(await load());
      expect(each(attached)).toBe(true);
    },
    patienceMs,
  );

  test(
    'is killed, and all are attached again when it comes back empty',
    async () => {
      await redis.kill();
      const [result] = await Promise.all([
        load(),
        until('detached', () => each((app) => statusOf(app) === 'detached'), 8_000),
      ]);
      expectUnharmed(result);
      await redis.restart();
      await until('attached', () => each(attached) && each(together3), 15_000);
      expectUnharmed(await load());
    },
    patienceMs,
  );

  test(
    'is frozen, and again when it goes on',
    async () => {
      redis.freeze();
      const [result] = await Promise.all([
        load(),
        until('detached', () => each((app) => statusOf(app) === 'detached'), 8_000),
      ]);
      expectUnharmed(result);
      const reasons = apps.map((app) => app.gateway.cluster.state()?.attachment.reason);
      expect(reasons).toEqual(Array(3).fill('no answer in time'));
      redis.thaw();
      await until('attached', () => each(attached) && each(together3), 15_000);
    },
    patienceMs,
  );

  test(
    'takes two seconds for everything',
    async () => {
      proxy.set({ what: 'delay', byMs: 1_000 });
      const [result] = await Promise.all([
        load(),
        until('detached', () => each((app) => statusOf(app) === 'detached'), 8_000),
      ]);
      expectUnharmed(result);
      proxy.set({ what: 'pass' });
      await until('attached', () => each(attached) && each(together3), 15_000);
    },
    patienceMs,
  );

  test(
    'is restarted empty under load',
    async () => {
      const [result] = await Promise.all([load(), redis.restart()]);
      expectUnharmed(result);
      await until('attached', () => each(attached) && each(together3), 15_000);
    },
    patienceMs,
  );

  test(
    'answers with bytes that mean nothing',
    async () => {
      proxy.set({ what: 'garbage' });
      expectUnharmed(await load());
      proxy.set({ what: 'cut' });
      proxy.set({ what: 'pass' });
      await until('attached', () => each(attached) && each(together3), 15_000);
    },
    patienceMs,
  );

  test(
    'holds garbage where documents should be',
    async () => {
      const keys =
        (await redis.command('KEYS', '*')).match(/\{pointsman\}:v1:(?:head|body):[a-z2-7]{26}/g) ?? [];
      expect(keys.length).toBeGreaterThanOrEqual(3);
      const stop = setInterval(() => {
        for (const key of keys) void redis.command('SET', key, `pointsman/1 ${'x'.repeat(2_000)}`);
      }, 50);
      const result = await load();
      await until('passed over', () =>
        each((app) => (app.gateway.cluster.state()?.ignored.get('garbage') ?? 0) > 0),
      );
      clearInterval(stop);
      expectUnharmed(result);
      await until('all see each other', () => each(together3), 10_000);
    },
    patienceMs,
  );

  test(
    'is full and takes nothing more',
    async () => {
      await redis.command('CONFIG', 'SET', 'maxmemory', '1');
      await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      const [result] = await Promise.all([
        load(),
        until('detached', () => each((app) => statusOf(app) === 'detached'), 8_000),
      ]);
      expectUnharmed(result);
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
      await until('attached', () => each(attached) && each(together3), 15_000);
    },
    patienceMs,
  );
});
