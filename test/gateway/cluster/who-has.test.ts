import { afterEach, describe, expect, test } from 'bun:test';
import { noKnowledge } from '../../../src/core/cluster/knowledge.ts';
import { clusterReport } from '../../../src/gateway/cluster/report.ts';
import { whoHas } from '../../../src/gateway/cluster/who-has.ts';
import type { PointsmanApp } from '../../../src/http/app.ts';
import { createMemoryStore } from '../../../src/state/memory-store.ts';
import { startInstance, until } from '../../state/two-instances.ts';

let apps: PointsmanApp[] = [];
afterEach(() => {
  for (const app of apps) app.stop();
  apps = [];
});

const hostsAt = (...ports: readonly number[]): Record<string, string> =>
  Object.fromEntries(ports.map((port) => [`host-${port}`, `http://127.0.0.1:${port}`]));

describe('turns at a host', () => {
  test('are for those that have it, and not for sidecars of other engines', async () => {
    const store = { ...createMemoryStore(), close: async () => undefined };
    const shared = hostsAt(1, 2, 3, 4, 5, 6, 7, 8);
    for (const name of ['router-1', 'router-2'])
      apps.push(await startInstance(shared, `{ instance: ${name} }`, { store }));
    for (const port of [11, 12, 13])
      apps.push(await startInstance(hostsAt(port), `{ instance: sidecar-${port} }`, { store }));
    const [router] = apps;
    if (router === undefined) throw new Error('no router');
    const owners = (): Readonly<Record<string, readonly string[]>> => {
      const { instances } = clusterReport(router.gateway, router.gateway.now());
      return Object.fromEntries(instances.map(({ instance, owns }) => [instance, owns]));
    };
    await until('all are heard', () => router.gateway.cluster.knowledge().bodies.size === 4, 10_000);
    const { 'router-1': mine = [], 'router-2': others = [], ...sidecars } = owners();
    expect([...mine, ...others].toSorted()).toEqual(Object.keys(shared));
    expect(sidecars).toEqual({ 'sidecar-11': [], 'sidecar-12': [], 'sidecar-13': [] });
  }, 20_000);

  test('are for whoever may have it, while that was not told', () => {
    expect(whoHas(['one', 'two'], noKnowledge, 'host')).toEqual(['one', 'two']);
  });
});
