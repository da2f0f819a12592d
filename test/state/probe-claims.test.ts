import { describe, expect, test } from 'bun:test';
import { closedBreaker } from '../../src/core/breaker.ts';
import type { PointsmanApp } from '../../src/http/app.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { redisAndHost } from './redis-and-host.ts';
import { startInstance, until } from './two-instances.ts';

const { redis, host, atEnd } = redisAndHost();

const start = async (state: string): Promise<PointsmanApp> => {
  const app = await startInstance({ box: host().url }, state);
  atEnd(() => app.stop());
  return app;
};

const pairOf = (app: PointsmanApp) => {
  const pair = app.gateway.fleet.host('box')?.pairs.get('m:latest');
  if (pair === undefined) throw new Error('the host has no such model');
  return pair;
};

/** As if each were the first in rank: that is how it is while they do not see each other. */
const setAside = (app: PointsmanApp, forMs: number): number => {
  const pair = pairOf(app);
  const trialAt = performance.now() + forMs;
  pair.health = {
    ...pair.health,
    breaker: {
      state: 'open',
      epoch: closedBreaker.epoch,
      openedEpoch: closedBreaker.epoch,
      openings: 1,
      until: trialAt,
      reason: 'set aside by the test',
      failures: 3,
      probe: undefined,
      staggerMs: 0,
    },
  };
  return trialAt;
};

const restsUntil = (app: PointsmanApp): number => {
  const { breaker } = pairOf(app).health;
  return breaker.state === 'open' ? breaker.until : 0;
};

const isAttached = (app: PointsmanApp): boolean =>
  app.gateway.cluster.state()?.attachment.state === 'attached';

describe('a pair that two instances are about to try', () => {
  test('is tried by the one that asked Redis first; the other waits until it would have seen that', async () => {
    // Another secret each: neither sees the other, as where their views differ.
    const secrets = ['secret-of-the-first-one', 'secret-of-the-other-one'];
    const apps = await Promise.all(
      secrets.map((secret) => start(`{ driver: redis, url: "${redis().url}", secret: ${secret} }`)),
    );
    await until('both are attached', () => apps.every(isAttached));
    const trials = apps.map((app) => setAside(app, 700));
    const waited = (): readonly number[] =>
      apps.map((app, index) => Math.round(restsUntil(app) - (trials[index] ?? 0)));
    await until('one of them waits', () => waited().some((ms) => ms > 1_000), 650);
    expect([...waited()].sort((left, right) => left - right)).toEqual([0, 2_000]);
  }, 20_000);

  test('is tried as ever where the store does not answer, or cannot tell', async () => {
    const proxy = await startFaultProxy(redis().port);
    atEnd(() => proxy.stop());
    const far = await start(`{ driver: redis, url: "redis://127.0.0.1:${proxy.port}" }`);
    const alone = await start('{}');
    await until('it is attached', () => isAttached(far));
    proxy.set({ what: 'swallow' });
    const trials = [far, alone].map((app) => setAside(app, 700));
    await Bun.sleep(900);
    expect([far, alone].map(restsUntil)).toEqual(trials);
  }, 20_000);
});
