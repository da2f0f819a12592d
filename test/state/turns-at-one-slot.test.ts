import { expect, test } from 'bun:test';
import type { PointsmanApp } from '../../src/http/app.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { ask, startFakeHost, startInstance, until } from './two-instances.ts';

test('a host of one slot serves the requests of each of three instances, however many of another wait', async () => {
  const host = startFakeHost();
  host.tookMs = 50;
  const store = { ...createMemoryStore(), close: async () => undefined };
  const start = () => startInstance({ engine: host.url }, '{}', { store, backend: 'kind: ollama, slots: 1' });
  const apps = [await start(), await start(), await start()];
  const served = apps.map(() => 0);
  let isOver = false;
  const caller = async (app: PointsmanApp, index: number): Promise<void> => {
    while (!isOver) {
      const { status } = await ask(app);
      if (status === 200) served[index] = (served[index] ?? 0) + 1;
    }
  };
  try {
    await until('all see each other', () =>
      apps.every((app) => app.gateway.cluster.state()?.instances === 3),
    );
    const callers = apps.flatMap((app, index) => Array.from({ length: 4 }, () => caller(app, index)));
    await until('each is served', () => served.every((each) => each > 20), 30_000);
    isOver = true;
    await Promise.all(callers);
  } finally {
    isOver = true;
    for (const app of apps) app.stop();
    await host.stop();
  }
  expect(served.every((each) => each > 20)).toBe(true);
}, 60_000);
