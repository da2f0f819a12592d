import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureWords, unknownFailure } from '../../src/state/failure-words.ts';
import { createFsStore } from '../../src/state/fs-store.ts';
import { createHttpStore } from '../../src/state/http-store.ts';
import { createRedisStore } from '../../src/state/redis-store.ts';
import type { StateStore } from '../../src/state/store.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { startInstance, until } from './two-instances.ts';

let redis: RedisServer;
const folder = mkdtempSync(join(tmpdir(), 'pointsman-words-'));

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

const fromReading = (store: StateStore): Promise<string> =>
  store.read(['v1:head:a']).then(
    () => 'nothing is wrong',
    (error: unknown) => failureWords(error),
  );

/** What is said once it is known: a connection takes its time to be refused. */
const settled = async (store: StateStore, wanted: string): Promise<void> => {
  let words = '';
  let asking = false;
  await until(`${wanted}, not ${words}`, () => {
    if (!asking) {
      asking = true;
      void fromReading(store).then((said) => {
        words = said;
        asking = false;
      });
    }
    return words === wanted;
  });
  await store.close();
};

describe('why a store does not answer', () => {
  test('is told of a Redis that refuses the password', async () => {
    await settled(
      createRedisStore({ url: redis.url.replace('redis://', 'redis://me:canary-password@') }),
      'the store refuses the password',
    );
  });

  test('is told of a Redis that is not there', async () => {
    await settled(
      createRedisStore({ url: 'redis://127.0.0.1:1' }),
      'the store cannot be reached: connection refused',
    );
  });

  test('is told of a file in the place of the folder', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    const store = createFsStore(path);
    const error = await store.write('v1:head:a', 'text', 1_000).catch((problem: unknown) => problem);
    expect(failureWords(error)).toBe('the path is no folder');
  });

  test('is told of a Pointsman that refuses the key, or keeps no state', async () => {
    const auth =
      'auth: { keys: [{ name: a, key: inference-key }, { name: c, key: cluster-key, scopes: [cluster] }] }';
    const keeper = await startInstance({ engine: 'http://127.0.0.1:1' }, '{}', { more: auth });
    const elsewhere = await startInstance(
      { engine: 'http://127.0.0.1:1' },
      `{ driver: fs, path: "${folder}" }`,
    );
    const at = (app: typeof keeper, key: string): StateStore =>
      createHttpStore({
        url: 'http://127.0.0.1/state',
        key,
        fetch: (url, { method, headers, body }) =>
          Promise.resolve(
            app.fetch(
              new Request(url, {
                method,
                headers: { ...headers, host: '127.0.0.1' },
                ...(body === undefined ? {} : { body: body as BodyInit }),
              }),
            ),
          ),
      });
    try {
      expect(await fromReading(at(keeper, 'another-key'))).toBe('the store refuses the key');
      expect(await fromReading(at(keeper, 'inference-key'))).toBe('the key has no cluster scope there');
      expect(await fromReading(at(keeper, 'cluster-key'))).toBe('nothing is wrong');
      expect(await fromReading(at(elsewhere, 'another-key'))).toBe(
        'no Pointsman keeps its state at that address',
      );
    } finally {
      keeper.stop();
      elsewhere.stop();
    }
  });

  test('is told in no words of the driver', () => {
    expect(failureWords(new Error('redis://user:password@box is away'))).toBe(unknownFailure);
    expect(failureWords('redis://user:password@box')).toBe(unknownFailure);
  });
});
