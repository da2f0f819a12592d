import { expect, test } from 'bun:test';
import { clusterReport } from '../../../src/gateway/cluster/report.ts';
import { ask, startFakeHost, startInstance } from '../../state/two-instances.ts';

test('a pair of which everybody thinks well again is not listed any more', async () => {
  const host = startFakeHost();
  const app = await startInstance({ engine: host.url }, '{}');
  try {
    expect((await ask(app)).status).toBe(200);
    const { fleet, now } = app.gateway;
    const pair = fleet.host('engine')?.pairs.get('m:latest');
    if (pair === undefined) throw new Error('no pair');
    const { health } = pair;
    const listed = () => clusterReport(app.gateway, now()).pairs.map(({ model }) => model);
    const since = now();
    pair.health = {
      ...health,
      breaker: { state: 'open', epoch: 2, openings: 1, until: since + 60_000 },
    } as typeof health;
    expect(listed()).toEqual(['m:latest']);
    pair.health = { ...health, breaker: { ...health.breaker, epoch: 3 } };
    expect(health.breaker.state).toBe('closed');
    expect(listed()).toEqual([]);
  } finally {
    app.stop();
    await host.stop();
  }
});
