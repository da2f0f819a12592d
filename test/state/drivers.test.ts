import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isResting } from '../../src/core/breaker.ts';
import type { PointsmanApp } from '../../src/http/app.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { ask, startFakeHost, startInstance, until } from './two-instances.ts';

const restsAt = (app: PointsmanApp, id: string): boolean => {
  const pair = app.gateway.fleet.host(id)?.pairs.get('m:latest');
  return pair !== undefined && isResting(pair.health.breaker);
};

const seesOther = (app: PointsmanApp): boolean => app.gateway.cluster.state()?.instances === 2;

/** One instance meets a broken pair; the other leaves it alone without having asked it. */
const shareOneBreaker = async (state: string): Promise<number> => {
  const [sound, broken] = [startFakeHost(), startFakeHost()];
  const hosts = { sound: sound.url, broken: broken.url };
  const left = await startInstance(hosts, state);
  const right = await startInstance(hosts, state);
  try {
    await until('both see each other', () => seesOther(left) && seesOther(right), 8_000);
    broken.how = 'fails';
    for (let turn = 0; turn < 12 && !restsAt(left, 'broken'); turn += 1)
      expect((await ask(left)).status).toBe(200);
    expect(restsAt(left, 'broken')).toBe(true);
    const calls = broken.calls;
    const tookMs = await until('the other knows', () => restsAt(right, 'broken'));
    for (let turn = 0; turn < 6; turn += 1) expect((await ask(right)).backend).toBe('sound');
    expect(broken.calls).toBe(calls);
    return tookMs;
  } finally {
    left.stop();
    right.stop();
    await sound.stop();
    await broken.stop();
  }
};

describe('two instances share a breaker', () => {
  let redis: RedisServer;
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-state-'));

  beforeAll(async () => {
    redis = await startRedis();
  });

  afterAll(async () => {
    await redis.stop();
    rmSync(folder, { recursive: true });
  });

  test('through a folder, within a second', async () => {
    expect(await shareOneBreaker(`{ driver: fs, path: "${folder}" }`)).toBeLessThan(1_000);
  }, 20_000);

  test('through Redis, within a second', async () => {
    expect(await shareOneBreaker(`{ driver: redis, url: "${redis.url}" }`)).toBeLessThan(1_000);
  }, 20_000);
});
