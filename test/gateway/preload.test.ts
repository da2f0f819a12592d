import { describe, expect, test } from 'bun:test';
import { one } from './one-host.ts';
import { type Bench, bench } from './scripted.ts';

describe('the models of a preload list', () => {
  const look = async (given: Bench): Promise<void> => {
    const host = given.app.gateway.fleet.host('a');
    if (host !== undefined) await given.app.gateway.discovery.look(host);
    await given.clock.advance(1);
  };
  const bodies = (given: Bench) => given.script('a').loads.map(({ body }) => body);

  test('are loaded one after the other when their backend is up, to stay', async () => {
    const { given } = await one({ preload: ['m', 'n:latest', 'nobody-has-it'] });
    await look(given);
    expect(bodies(given)).toEqual([
      { model: 'm:latest', stream: false, keep_alive: -1 },
      { model: 'n:latest', stream: false, keep_alive: -1 },
    ]);
    await look(given);
    expect(given.script('a').loads.length).toBe(2);
  });

  test('stay no longer than the backend allows', async () => {
    const { given } = await one({ preload: ['m'], keepAlive: { maxMs: 600_000 } });
    await look(given);
    expect(bodies(given)).toMatchObject([{ keep_alive: 600 }]);
  });

  test('are loaded again after the backend was away', async () => {
    const { given, script } = await one({ preload: ['m'] });
    await look(given);
    script.alive = false;
    await look(given);
    await look(given);
    script.alive = true;
    await look(given);
    await look(given);
    expect(script.loads.length).toBe(2);
  });

  test('wait as long as another model is in memory', async () => {
    const given = await bench({ a: { kind: 'ollama', preload: ['m'] } });
    const script = given.script('a');
    expect(script.loads.length).toBe(1);
    const busy = await bench({ a: { kind: 'ollama' } });
    const host = busy.app.gateway.fleet.host('a');
    if (host === undefined) throw new Error('no host');
    busy.script('a').models = ['m:latest', 'n:latest'];
    busy.script('a').loaded = ['n:latest'];
    await look(busy);
    Object.assign(host.backend, { options: { ...host.backend.options, preload: ['m'] } });
    await look(busy);
    expect(busy.script('a').loads).toEqual([]);
    busy.script('a').loaded = [];
    await look(busy);
    await look(busy);
    expect(bodies(busy)).toMatchObject([{ model: 'm:latest' }]);
  });

  test('that do not fit are left alone', async () => {
    const { given, script } = await one({ preload: ['m'] });
    script.load = () => Response.json({ error: 'CUDA error: out of memory' }, { status: 500 });
    await look(given);
    await look(given);
    expect(script.loads.length).toBe(1);
  });
});
