import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { ClusterReport } from '../../src/gateway/cluster/report.ts';
import { type InstanceProcess, startProcess } from './processes.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

let redis: RedisServer;
let routers: InstanceProcess[] = [];

/** Writes a word every 50 ms until the request ends, eight seconds long. */
const startSlowHost = () =>
  Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const model = { name: 'm:latest', model: 'm:latest', digest: 'd', size: 1000 };
      if (pathname === '/api/version') return Response.json({ version: '0.33.0' });
      if (pathname === '/api/tags') return Response.json({ models: [model] });
      if (pathname === '/api/ps') {
        return Response.json({ models: [{ ...model, size_vram: 1000, expires_at: '2030-01-01T00:00:00Z' }] });
      }
      if ((await request.text()).includes('"stream":false')) {
        await Bun.sleep(20);
        const message = { role: 'assistant', content: 'word' };
        return Response.json({ model: 'm:latest', message, done: true, done_reason: 'stop', eval_count: 1 });
      }
      let words = 0;
      const body = new ReadableStream({
        pull: async (controller) => {
          await Bun.sleep(50);
          words += 1;
          const done = words > 160;
          const line = {
            model: 'm:latest',
            message: { role: 'assistant', content: done ? '' : 'word ' },
            done,
          };
          controller.enqueue(`${JSON.stringify(done ? { ...line, done_reason: 'stop' } : line)}\n`);
          if (done) controller.close();
        },
      });
      return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } });
    },
  });

const stream = async (router: InstanceProcess): Promise<string> => {
  const response = await fetch(`${router.url}/api/chat`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }),
  });
  return await response.text();
};

/** Asks one after the other until it is told to end; the statuses, 0 for none. */
const startLoad = (router: InstanceProcess): (() => Promise<readonly number[]>) => {
  let ended = false;
  const statuses: number[] = [];
  const body = JSON.stringify({
    model: 'm',
    stream: false,
    messages: [{ role: 'user', content: 'hi' }],
  });
  const running = (async () => {
    while (!ended) {
      const status = await fetch(`${router.url}/api/chat`, { method: 'POST', body }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => 0,
      );
      statuses.push(status);
      if (status === 0) break;
    }
    return statuses;
  })();
  return () => {
    ended = true;
    return running;
  };
};

const cluster = (router: InstanceProcess): Promise<ClusterReport> =>
  router.page<ClusterReport>('/api/v1/cluster');

const until = async (what: string, holds: () => Promise<boolean>, limitMs: number): Promise<number> => {
  const since = performance.now();
  while (!(await holds())) {
    if (performance.now() - since > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await Bun.sleep(50);
  }
  return performance.now() - since;
};

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  for (const router of routers) await router.stop();
  await redis.stop();
});

describe('a router that is killed', () => {
  test('counts for nothing within six seconds, under load, and no stream of the others is touched', async () => {
    const host = startSlowHost();
    const configuration = `
backends: { host: { kind: ollama, url: "http://127.0.0.1:${host.port}", slots: 8 } }
state: { driver: redis, url: "${redis.url}" }
`;
    routers = await Promise.all([1, 2, 3].map(() => startProcess(configuration)));
    const [killed, left, right] = routers;
    if (killed === undefined || left === undefined || right === undefined)
      throw new Error('three were wanted');
    const alive = async (router: InstanceProcess, count: number): Promise<boolean> =>
      (await cluster(router)).instances.filter(({ state }) => state === 'alive').length === count;
    await until('all see each other', async () => (await alive(left, 3)) && (await alive(right, 3)), 20_000);

    const lost = [stream(killed), stream(killed)].map((each) => each.catch(() => 'cut'));
    const kept = [stream(left), stream(right)];
    for (const each of kept) each.catch(() => undefined);
    const elsewhere = async (router: InstanceProcess): Promise<number> =>
      (await cluster(router)).instances
        .filter(({ self }) => !self)
        .reduce((sum, { inflight }) => sum + inflight, 0);
    await until('its streams are counted', async () => (await elsewhere(left)) === 3, 5_000);
    const loads = [left, right, killed].map(startLoad);
    await Bun.sleep(500);
    killed.process.kill('SIGKILL');
    const goneMs = await until(
      'it is gone',
      async () => (await alive(left, 2)) && (await alive(right, 2)),
      9_000,
    );
    if (process.env.STATE_SHOW !== undefined) console.log({ goneAfterMs: goneMs });
    expect(goneMs).toBeLessThanOrEqual(6_000);
    const ofKilled = async (router: InstanceProcess): Promise<number> =>
      (await cluster(router)).instances
        .filter(({ self, state }) => !self && state !== 'alive')
        .reduce((sum, { inflight }) => sum + inflight, 0);
    expect([await ofKilled(left), await ofKilled(right)]).toEqual([0, 0]);
    const [ofLeft = [], ofRight = []] = await Promise.all(loads.map((end) => end()));
    for (const statuses of [ofLeft, ofRight]) {
      expect(statuses.length).toBeGreaterThan(10);
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
    }
    for (const text of await Promise.all(kept)) expect(text).toContain('"done_reason":"stop"');
    for (const text of await Promise.all(lost)) expect(text).not.toContain('"done_reason":"stop"');
    await host.stop(true);
  }, 60_000);
});
