import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { isResting } from '../../src/core/breaker.ts';
import type { PointsmanApp } from '../../src/http/app.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { ask, type FakeHost, startFakeHost, startInstance, until } from './two-instances.ts';

let redis: RedisServer;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const hostOf = (): FakeHost => {
  const host = startFakeHost();
  stops.push(() => host.stop());
  return host;
};

const proxyTo = async (port: number): Promise<FaultProxy> => {
  const proxy = await startFaultProxy(port);
  stops.push(() => proxy.stop());
  return proxy;
};

/** Each instance has its own way to the store. */
const instanceBehind = async (proxy: FaultProxy, hosts: Record<string, string>): Promise<PointsmanApp> => {
  const state = `{ driver: redis, url: "redis://127.0.0.1:${proxy.port}" }`;
  const app = await startInstance(hosts, state);
  stops.push(() => app.stop());
  return app;
};

const sees = (app: PointsmanApp, instances: number): boolean =>
  app.gateway.cluster.state()?.instances === instances;
const restsAt = (app: PointsmanApp, id: string): boolean => {
  const pair = app.gateway.fleet.host(id)?.pairs.get('m:latest');
  return pair !== undefined && isResting(pair.health.breaker);
};

describe('instances that are cut from each other', () => {
  test('lose no request, and agree within five seconds after they can hear each other again', async () => {
    const [sound, broken] = [hostOf(), hostOf()];
    const hosts = { sound: sound.url, broken: broken.url };
    const ways = [await proxyTo(redis.port), await proxyTo(redis.port)];
    const [left, right] = await Promise.all(ways.map((way) => instanceBehind(way, hosts)));
    if (left === undefined || right === undefined) throw new Error('two were wanted');
    await until('both', () => sees(left, 2) && sees(right, 2), 10_000);
    ways[0]?.set({ what: 'cut' });
    await until('cut off', () => left.gateway.cluster.state()?.attachment.state === 'detached', 8_000);
    broken.how = 'fails';
    for (let turn = 0; turn < 12; turn += 1) {
      expect((await ask(left)).status).toBe(200);
      expect((await ask(right)).status).toBe(200);
      if (restsAt(left, 'broken')) break;
    }
    // What happened on one side is known there only.
    const knows = [left, right].filter((app) => restsAt(app, 'broken'));
    expect(knows.length).toBeGreaterThan(0);
    ways[0]?.set({ what: 'pass' });
    const tookMs = await until('both know', () => restsAt(left, 'broken') && restsAt(right, 'broken'), 8_000);
    expect(tookMs).toBeLessThan(5_000);
  }, 40_000);

  test('use a host that only one of them can reach, each as it can', async () => {
    const [near, far] = [hostOf(), hostOf()];
    const store = await proxyTo(redis.port);
    const toFar = await proxyTo(Number(new URL(far.url).port));
    // The same host for both, as one reaches it.
    const left = await instanceBehind(store, { near: near.url, far: far.url });
    const right = await instanceBehind(store, { near: near.url, far: `http://127.0.0.1:${toFar.port}` });
    await until('both', () => sees(left, 2) && sees(right, 2), 10_000);
    toFar.set({ what: 'cut' });
    for (let turn = 0; turn < 20; turn += 1) {
      expect((await ask(left)).status).toBe(200);
      expect((await ask(right)).status).toBe(200);
    }
    expect(far.calls).toBeGreaterThan(5);
    toFar.set({ what: 'pass' });
    await until('both use it again', () => right.gateway.fleet.host('far')?.health.state === 'up', 10_000);
  }, 40_000);
});
