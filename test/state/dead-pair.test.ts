import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { isResting } from '../../src/core/breaker.ts';
import type { PointsmanApp } from '../../src/http/app.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { ask, type FakeHost, startFakeHost, startInstance, until } from './two-instances.ts';

let redis: RedisServer;
let hosts: readonly FakeHost[] = [];
let apps: readonly PointsmanApp[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  for (const app of apps) app.stop();
  for (const host of hosts) await host.stop();
});

const idOf = (index: number): string => `host-${index}`;

const restsAt = (app: PointsmanApp, index: number): boolean => {
  const pair = app.gateway.fleet.host(idOf(index))?.pairs.get('m:latest');
  return pair !== undefined && isResting(pair.health.breaker);
};

describe('three instances before four hosts, through Redis', () => {
  test('avoid within a second what one of them found dead, whoever found it', async () => {
    hosts = [0, 1, 2, 3].map(startFakeHost);
    const urls = Object.fromEntries(hosts.map(({ url }, index) => [idOf(index), url]));
    const state = `{ driver: redis, url: "${redis.url}" }`;
    apps = await Promise.all([0, 1, 2].map(() => startInstance(urls, state)));
    await until(
      'all see each other',
      () => apps.every((app) => app.gateway.cluster.state()?.instances === 3),
      10_000,
    );
    const took: number[] = [];
    for (const [index, finder] of apps.entries()) {
      const dying = hosts[index];
      if (dying === undefined) throw new Error('four hosts were wanted');
      dying.how = 'fails';
      for (let turn = 0; turn < 40 && !restsAt(finder, index); turn += 1)
        expect((await ask(finder)).status).toBe(200);
      expect(restsAt(finder, index)).toBe(true);
      const { calls } = dying;
      const others = apps.filter((app) => app !== finder);
      took.push(
        await until(`${idOf(index)} is left alone`, () => others.every((app) => restsAt(app, index))),
      );
      for (const app of others) {
        for (let turn = 0; turn < 12; turn += 1) expect((await ask(app)).status).toBe(200);
      }
      expect(dying.calls).toBe(calls);
    }
    if (process.env.STATE_SHOW !== undefined) console.log({ avoidedAfterMs: took });
    expect(Math.max(...took)).toBeLessThan(1_000);
  }, 40_000);
});
