import { afterEach, describe, expect, test } from 'bun:test';
import { clusterReport } from '../../src/gateway/cluster/report.ts';
import type { PointsmanApp } from '../../src/http/app.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { ask, type FakeHost, startFakeHost, startInstance, until } from './two-instances.ts';

let hosts: FakeHost[] = [];
let apps: PointsmanApp[] = [];
afterEach(async () => {
  for (const app of apps) app.stop();
  for (const host of hosts) await host.stop();
  [apps, hosts] = [[], []];
});

const beside = 'http://127.0.0.1:7003';

/** Waits at two hosts of one slot each, seen by another instance and by a router before it. */
describe('a request that waits for either of two hosts', () => {
  test('is told once, to those who look at the cluster and to those it is a peer of', async () => {
    hosts = [startFakeHost(), startFakeHost()];
    for (const host of hosts) host.tookMs = 1_500;
    const urls = Object.fromEntries(hosts.map(({ url }, index) => [`host-${index}`, url]));
    const store = { ...createMemoryStore(), close: async () => undefined };
    const busy = await startInstance(urls, `{ instance: busy, advertise: "${beside}" }`, {
      store,
      backend: 'kind: ollama, slots: 1',
    });
    const router = await startInstance({ box: beside }, '{}', {
      store,
      backend: 'kind: peer',
      fetch: async (url, { method, headers, signal }) =>
        busy.fetch(new Request(url, { method, headers: { ...headers, host: '127.0.0.1' }, signal })),
    });
    apps = [busy, router];
    const asked = Array.from({ length: 5 }, () => ask(busy));
    const seen = () =>
      clusterReport(router.gateway, router.gateway.now()).instances.find((each) => !each.self);
    await until('all of it is seen', () => seen()?.inflight === 2 && (seen()?.waiting ?? 0) > 0);
    expect(seen()).toMatchObject({ instance: 'busy', inflight: 2, waiting: 3 });
    expect(router.gateway.fleet.host('box')?.elsewhere).toBe(5);
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(5).fill(200));
  }, 20_000);
});
