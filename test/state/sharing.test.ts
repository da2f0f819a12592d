import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { isResting } from '../../src/core/breaker.ts';
import type { PointsmanApp } from '../../src/http/app.ts';
import { headKey, instanceKey } from '../../src/state/document-keys.ts';
import { createSeal } from '../../src/state/envelope.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import type { StateStore } from '../../src/state/store.ts';
import { ask, type FakeHost, startFakeHost, startInstance, until } from './two-instances.ts';

let hosts: Record<'sound' | 'broken', FakeHost>;
let apps: PointsmanApp[] = [];

/** One map for all, whoever closes it. */
const sharedStore = (): StateStore => ({ ...createMemoryStore(), close: async () => undefined });

const join = async (store: StateStore, state = '{}', more = ''): Promise<PointsmanApp> => {
  const urls = { sound: hosts.sound.url, broken: hosts.broken.url };
  const app = await startInstance(urls, state, { store, more });
  apps.push(app);
  return app;
};

const stateOf = (app: PointsmanApp) => app.gateway.cluster.state();
const sees = (app: PointsmanApp, instances: number): boolean => stateOf(app)?.instances === instances;
const ignoredBy = (
  app: PointsmanApp,
  why: Parameters<NonNullable<ReturnType<typeof stateOf>>['ignored']['get']>[0],
) => stateOf(app)?.ignored.get(why) ?? 0;

const pairOf = (app: PointsmanApp, id: string) => {
  const pair = app.gateway.fleet.host(id)?.pairs.get('m:latest');
  if (pair === undefined) throw new Error(`${id} has no such model`);
  return pair;
};
const restsAt = (app: PointsmanApp, id: string): boolean => isResting(pairOf(app, id).health.breaker);

const page = async (app: PointsmanApp, path: string, init: RequestInit = {}): Promise<Response> =>
  app.fetch(
    new Request(`http://127.0.0.1${path}`, { ...init, headers: { host: '127.0.0.1', ...init.headers } }),
  );

beforeEach(() => {
  hosts = { sound: startFakeHost(), broken: startFakeHost() };
});
afterEach(async () => {
  for (const app of apps) app.stop();
  apps = [];
  await hosts.sound.stop();
  await hosts.broken.stop();
});

describe('instances of one cluster', () => {
  test('leave a pair alone that one of them found broken, and take it back when one of them did', async () => {
    const store = sharedStore();
    const [left, right] = [await join(store), await join(store)];
    await until('both', () => sees(left, 2) && sees(right, 2));
    hosts.broken.how = 'fails';
    for (let turn = 0; turn < 12 && !restsAt(left, 'broken'); turn += 1) await ask(left);
    await until('the other leaves it alone', () => restsAt(right, 'broken'), 1_000);
    // The time it rests is cut short, as if it had passed.
    hosts.broken.how = 'answers';
    for (const app of [left, right]) {
      const pair = pairOf(app, 'broken');
      pair.health = {
        ...pair.health,
        breaker: { ...pair.health.breaker, until: 0 } as typeof pair.health.breaker,
      };
    }
    for (let turn = 0; turn < 12 && restsAt(left, 'broken'); turn += 1) await ask(left);
    expect(restsAt(left, 'broken')).toBe(false);
    await until('the other takes it back', () => !restsAt(right, 'broken'), 1_500);
  }, 20_000);

  test('take no more of a host together than its slots, once they heard of each other', async () => {
    const store = sharedStore();
    const [left, right] = [await join(store), await join(store)];
    await until('both', () => sees(left, 2) && sees(right, 2));
    const host = left.gateway.fleet.host('sound');
    if (host === undefined) throw new Error('no host');
    host.inflight += 3;
    await until('the other counts them', () => right.gateway.fleet.host('sound')?.elsewhere === 3, 1_500);
    host.inflight -= 3;
    await until('and no more', () => right.gateway.fleet.host('sound')?.elsewhere === 0, 1_500);
  }, 20_000);

  test('forget what one of them ran when it falls silent, and at once when it says goodbye', async () => {
    const store = sharedStore();
    const [left, right, third] = [await join(store), await join(store), await join(store)];
    await until('all', () => apps.every((app) => sees(app, 3)));
    right.stop();
    await until('one left', () => sees(left, 2) && sees(third, 2), 2_000);
  }, 20_000);

  test('start although the store cannot be reached, and say so', async () => {
    const app = await join(
      {
        keys: () => Promise.reject(new Error('redis://user:password@box is away')),
        read: () => Promise.reject(new Error('redis://user:password@box is away')),
        write: () => Promise.reject(new Error('redis://user:password@box is away')),
        remove: async () => undefined,
        close: async () => undefined,
      },
      '{}',
    );
    expect((await ask(app)).status).toBe(200);
    await until('detached', () => stateOf(app)?.attachment.state === 'detached');
    const health = await (await page(app, '/health')).text();
    expect(JSON.parse(health).state).toMatchObject({
      status: 'detached',
      reason: 'the store refuses or cannot be reached',
    });
    expect(health).not.toContain('password');
    const metrics = await (await page(app, '/metrics')).text();
    expect(metrics).toContain('pointsman_state_attached 0');
  }, 20_000);

  test('pass over what was made with another secret, count it, and share nothing', async () => {
    const store = sharedStore();
    const left = await join(store, '{ secret: a-secret-of-one-cluster }');
    const right = await join(store, '{ secret: another-cluster-secret }');
    await until(
      'both ignore',
      () => ignoredBy(left, 'foreign-secret') > 1 && ignoredBy(right, 'foreign-secret') > 1,
    );
    expect(sees(left, 1) && sees(right, 1)).toBe(true);
  }, 20_000);

  test('pass over documents beyond the largest size and of another version', async () => {
    const store = sharedStore();
    const [large, old] = [headKey(instanceKey('large')), headKey(instanceKey('old'))];
    await store.write(large, 'x'.repeat(300_000), 60_000);
    await store.write(old, createSeal(undefined).seal(old, { v: 1 }).replace('/1 ', '/9 '), 60_000);
    const app = await join(store);
    await until('ignored', () => ignoredBy(app, 'too-large') > 0 && ignoredBy(app, 'other-version') > 0);
    expect(sees(app, 1)).toBe(true);
  }, 20_000);

  test('with one name are two: one of them takes another', async () => {
    const store = sharedStore();
    const left = await join(store, '{ instance: twin }');
    await until('attached', () => stateOf(left)?.attachment.state === 'attached');
    const right = await join(store, '{ instance: twin }');
    await until('both', () => sees(left, 2) && sees(right, 2), 10_000);
    const names = [left, right].map((app) => stateOf(app)?.instance).sort();
    expect(names[0]).toBe('twin');
    expect(names[1]).toMatch(/^twin-[a-z0-9]{6}$/i);
  }, 20_000);

  test('find those that say where they are reached, and let go of them when they leave', async () => {
    const store = sharedStore();
    const secret = 'secret: a-secret-of-one-cluster';
    const beside = await join(store, `{ ${secret}, instance: box, advertise: "http://127.0.0.1:1" }`);
    const router = await join(store, `{ ${secret}, findPeers: true }`);
    await until('found', () => router.gateway.fleet.host('box') !== undefined, 5_000);
    expect(router.gateway.fleet.host('box')?.backend.options).toMatchObject({
      kind: 'peer',
      url: 'http://127.0.0.1:1',
      zone: 'local',
    });
    expect((await ask(router)).status).toBe(200);
    beside.stop();
    await until('let go', () => router.gateway.fleet.host('box') === undefined, 5_000);
  }, 20_000);

  test('write neither prompts nor keys nor addresses into the store', async () => {
    const store = sharedStore();
    const app = await join(store, '{}', 'auth: { keys: [{ name: me, key: canary-key-1 }] }');
    await until('written', () => stateOf(app)?.attachment.state === 'attached');
    const request = new Request('http://127.0.0.1/api/chat', {
      method: 'POST',
      headers: { host: '127.0.0.1', authorization: 'Bearer canary-key-1', 'x-session-id': 'canary-session' },
      body: JSON.stringify({
        model: 'm',
        stream: false,
        messages: [{ role: 'user', content: 'canary-prompt' }],
      }),
    });
    expect((await app.fetch(request)).status).toBe(200);
    await Bun.sleep(6_000);
    const texts = [...(await store.read(await store.keys())).values()].join('\n');
    expect(texts).toContain('rates');
    expect(texts).not.toContain('canary');
    expect(texts).not.toContain('127.0.0.1');
  }, 20_000);
});

describe('the state that is served', () => {
  test('is for keys of scope cluster alone', async () => {
    const auth = `auth: { keys: [{ name: a, key: inference-key }, { name: c, key: cluster-key, scopes: [cluster] }] }`;
    const app = await startInstance({ sound: hosts.sound.url }, '{}', { more: auth });
    apps.push(app);
    const statusWith = async (key: string): Promise<number> =>
      (await page(app, '/state/keys', { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await statusWith('inference-key')).toBe(403);
    expect(await statusWith('wrong-key')).toBe(401);
    expect(await statusWith('cluster-key')).toBe(200);
    const chat = await page(app, '/api/chat', {
      method: 'POST',
      headers: { authorization: 'Bearer cluster-key' },
      body: '{}',
    });
    expect(chat.status).toBe(403);
  });

  test('takes documents only, and none beyond the largest size', async () => {
    const app = await startInstance({ sound: hosts.sound.url }, '{}');
    apps.push(app);
    const write = async (key: string, text: string): Promise<number> =>
      (await page(app, '/state/write', { method: 'PUT', body: JSON.stringify({ key, text, lifeMs: 1_000 }) }))
        .status;
    expect(await write(headKey(instanceKey('one')), 'pointsman/1 a')).toBe(200);
    expect(await write('v1:head:../../etc/passwd', 'pointsman/1 a')).toBe(400);
    expect(await write('anything', 'pointsman/1 a')).toBe(400);
    expect(await write(headKey(instanceKey('one')), 'no document')).toBe(400);
    expect(await write(headKey(instanceKey('one')), `pointsman/1 ${'x'.repeat(300_000)}`)).toBe(413);
  });

  test('brings instances together, the one that keeps it among them', async () => {
    const urls = { sound: hosts.sound.url, broken: hosts.broken.url };
    const keeper = await startInstance(urls, '{}');
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => keeper.fetch(request) });
    const state = `{ driver: http, url: "http://127.0.0.1:${server.port}/state" }`;
    const [left, right] = [await startInstance(urls, state), await startInstance(urls, state)];
    apps.push(keeper, left, right);
    try {
      await until('all three', () => apps.every((app) => sees(app, 3)), 8_000);
      const report = await (await page(left, '/api/v1/cluster')).json();
      expect(report).toMatchObject({ state: 'attached', driver: 'http' });
      expect(report.instances).toHaveLength(3);
      const owned = report.instances.flatMap(({ owns }: { owns: string[] }) => owns).sort();
      expect(owned).toEqual(['broken', 'sound']);
    } finally {
      await server.stop(true);
    }
  }, 20_000);
});
