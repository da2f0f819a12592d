import { afterEach, describe, expect, test } from 'bun:test';
import type { PointsmanApp } from '../../src/http/app.ts';
import type { Fetch } from '../../src/spec/ports.ts';
import { ask, type FakeHost, startFakeHost, startInstance } from './two-instances.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const hostThatTakes = (tookMs: number): FakeHost => {
  const host = startFakeHost();
  host.tookMs = tookMs;
  stops.push(() => host.stop());
  return host;
};

const kept = <App extends PointsmanApp>(app: App): App => {
  stops.push(() => app.stop());
  return app;
};

/** A network on which applications answer at addresses of their own. */
const networkOf = (apps: ReadonlyMap<string, () => PointsmanApp | undefined>): Fetch => {
  return async (url, { method, headers, body, signal }) => {
    const app = apps.get(new URL(url).origin)?.();
    const init = { method, headers, signal, ...(body === undefined ? {} : { body: body as BodyInit }) };
    if (app === undefined) return await fetch(url, init);
    return await app.fetch(new Request(url, { ...init, headers: { ...headers, host: '127.0.0.1' } }));
  };
};

const beside = 'http://127.0.0.1:7001';
const peerOf = { box: beside };
const asPeer = { backend: 'kind: peer' };

describe('a sidecar', () => {
  test('gives its host no more than its slots, however many routers send to it', async () => {
    const host = hostThatTakes(20);
    const sidecar = kept(
      await startInstance({ engine: host.url }, '{}', { backend: 'kind: ollama, slots: 2' }),
    );
    const fetching = networkOf(new Map([[beside, () => sidecar]]));
    const routers = await Promise.all(
      [1, 2, 3].map(async () => kept(await startInstance(peerOf, '{}', { ...asPeer, fetch: fetching }))),
    );
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => ask(routers[index % routers.length] ?? sidecar)),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(host.calls).toBe(60);
    expect(host.most).toBe(2);
  });

  test('tells a router its slots, its load and what it holds', async () => {
    const host = hostThatTakes(0);
    const sidecar = kept(
      await startInstance({ engine: host.url }, '{}', { backend: 'kind: ollama, slots: 3' }),
    );
    const engine = sidecar.gateway.fleet.host('engine');
    if (engine === undefined) throw new Error('no engine');
    engine.gpu = { totalBytes: 8_000, freeBytes: 3_000 };
    const fetching = networkOf(new Map([[beside, () => sidecar]]));
    const router = kept(await startInstance(peerOf, '{}', { ...asPeer, fetch: fetching }));
    const box = router.gateway.fleet.host('box');
    expect(box).toMatchObject({ slots: 3, elsewhere: 0, gpu: { totalBytes: 8_000, freeBytes: 3_000 } });
    expect(box?.cards.get('m:latest')?.loaded).toBeDefined();
    // What others have it do is heard with the next answer.
    engine.inflight += 2;
    expect((await ask(router)).status).toBe(200);
    expect(box?.elsewhere).toBe(2);
    engine.inflight -= 2;
  });

  for (const status of [429, 503, 500]) {
    test(`is heard when it refuses with ${status} as well`, async () => {
      const host = hostThatTakes(0);
      const sidecar = kept(
        await startInstance({ engine: host.url }, '{}', { backend: 'kind: ollama, slots: 3' }),
      );
      const through = networkOf(new Map([[beside, () => sidecar]]));
      const refusing: Fetch = async (url, init) =>
        init.method === 'POST' && url.endsWith('/chat')
          ? new Response('{"error":"busy"}', { status, headers: { 'x-pointsman-load': '3 4 3 100 200' } })
          : await through(url, init);
      const router = kept(await startInstance(peerOf, '{}', { ...asPeer, fetch: refusing }));
      const box = router.gateway.fleet.host('box');
      expect(box?.elsewhere).toBe(0);
      expect((await ask(router)).status).toBeGreaterThanOrEqual(400);
      expect(box?.elsewhere).toBe(7);
      expect(box?.gpu).toEqual({ freeBytes: 100, totalBytes: 200 });
    });
  }

  test('tells its load with a refusal, too', async () => {
    const host = hostThatTakes(400);
    const sidecar = kept(
      await startInstance({ engine: host.url }, '{}', {
        backend: 'kind: ollama, slots: 1',
        more: 'queue: { maxRequests: 0 }',
      }),
    );
    const post = () =>
      sidecar.fetch(
        new Request('http://127.0.0.1/api/chat', {
          method: 'POST',
          headers: { host: '127.0.0.1', 'x-pointsman-hops': '1' },
          body: JSON.stringify({ model: 'm', stream: false, messages: [{ role: 'user', content: 'hi' }] }),
        }),
      );
    const runs = post();
    while (host.running === 0) await Bun.sleep(5);
    const refused = await post();
    expect(refused.status).toBeGreaterThanOrEqual(429);
    expect(refused.headers.get('x-pointsman-load')).toBe('1 0 1');
    expect((await runs).headers.get('x-pointsman-load')).toBe('0 0 1');
  });

  test('tells its load to routers only', async () => {
    const host = hostThatTakes(0);
    const sidecar = kept(await startInstance({ engine: host.url }, '{}'));
    const post = (headers: Record<string, string>) =>
      sidecar.fetch(
        new Request('http://127.0.0.1/api/chat', {
          method: 'POST',
          headers: { host: '127.0.0.1', ...headers },
          body: JSON.stringify({ model: 'm', stream: false, messages: [{ role: 'user', content: 'hi' }] }),
        }),
      );
    expect((await post({})).headers.get('x-pointsman-load')).toBeNull();
    expect((await post({ 'x-pointsman-hops': '1' })).headers.get('x-pointsman-load')).toMatch(/^\d+ 0 4$/);
  });

  test('refuses what is no inference and no question about models', async () => {
    const host = hostThatTakes(0);
    const sidecar = kept(await startInstance({ engine: host.url }, '{}'));
    for (const path of [
      '/api/pull',
      '/api/delete',
      '/api/create',
      '/api/push',
      '/api/copy',
      '/debug/pprof/heap',
    ]) {
      const method = path === '/api/delete' ? 'DELETE' : 'POST';
      const request = new Request(`http://127.0.0.1${path}`, {
        method,
        headers: { host: '127.0.0.1' },
        body: '{}',
      });
      expect((await sidecar.fetch(request)).status).toBeGreaterThanOrEqual(400);
    }
    expect(host.calls).toBe(0);
  });
});

describe('routers in a circle', () => {
  test('end a request after three of them, with 508 and no fourth call', async () => {
    const apps = new Map<string, () => PointsmanApp | undefined>();
    let [left, right]: (PointsmanApp | undefined)[] = [];
    const host = hostThatTakes(0);
    apps.set('http://127.0.0.1:7002', () => left);
    apps.set('http://127.0.0.1:7003', () => right);
    const fetching = networkOf(apps);
    const first = kept(
      await startInstance({ other: 'http://127.0.0.1:7003' }, '{}', { ...asPeer, fetch: fetching }),
    );
    // It lists the model once, so that the first believes it is there.
    right = kept(await startInstance({ engine: host.url }, '{}', { fetch: fetching }));
    await first.gateway.discovery.look(
      first.gateway.fleet.hosts()[0] ??
        (() => {
          throw new Error('no host');
        })(),
    );
    left = first;
    const around = kept(
      await startInstance({ other: 'http://127.0.0.1:7002' }, '{}', { ...asPeer, fetch: fetching }),
    );
    right = around;
    const answer = await ask(first);
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(host.calls).toBe(0);
    const request = new Request('http://127.0.0.1/api/chat', {
      method: 'POST',
      headers: { host: '127.0.0.1', 'x-pointsman-hops': '3' },
      body: JSON.stringify({ model: 'm', messages: [] }),
    });
    expect((await first.fetch(request)).status).toBe(508);
  });
});
