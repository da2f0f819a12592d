/** A Redis for all tests of a file and a host for each of them. */

import { afterAll, afterEach, beforeAll, beforeEach } from 'bun:test';
import { type RedisServer, startRedis } from './redis-server.ts';
import { type FakeHost, startFakeHost } from './two-instances.ts';

export interface RedisAndHost {
  redis(): RedisServer;
  host(): FakeHost;
  /** Called after the test, before its host is gone. */
  atEnd(stop: () => unknown): void;
}

const started = <Part>(part: Part | undefined): Part => {
  if (part === undefined) throw new Error('no test runs');
  return part;
};

/** To be called once, where the tests of a file are declared. */
export const redisAndHost = (): RedisAndHost => {
  let redis: RedisServer | undefined;
  let host: FakeHost | undefined;
  const stops: (() => unknown)[] = [];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.stop());
  beforeEach(() => {
    host = startFakeHost();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await host?.stop();
  });
  return {
    redis: () => started(redis),
    host: () => started(host),
    atEnd: (stop) => {
      stops.push(stop);
    },
  };
};
