import { describe, expect, test } from 'bun:test';
import { decisionOf } from '../../src/core/decision.ts';
import { held, pairOf } from './one-host.ts';
import { answer, type Bench, bench, chat, servedBy } from './scripted.ts';

const two = async () => {
  const given = await bench({
    a: { kind: 'ollama', slots: 4 },
    b: { kind: 'ollama', lane: 'cpu', slots: 4 },
  });
  for (const id of ['a', 'b']) given.script(id).infer = answer;
  return given;
};

const linesOf = ({ logs }: { readonly logs: readonly string[] }, type: string) =>
  logs.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line.type === type);

describe('a load that is refused', () => {
  test.each([
    ['the model is not there', 404, "model 'm' not found"],
    ['it is too much just now', 429, 'too many requests'],
    ['the credentials are not taken', 401, 'unauthorized'],
  ])('because %s sends its request elsewhere, without a second call', async (_why, status, error) => {
    const given = await two();
    given.script('a').load = () => Response.json({ error }, { status });
    expect(await servedBy(given.post('/api/chat', chat()))).toBe('b');
    expect([given.script('a').loads.length, given.script('a').calls.length]).toEqual([1, 0]);
  });

  test('for how it was asked says nothing of the request', async () => {
    const given = await two();
    given.script('a').load = () => Response.json({ error: 'missing prompt' }, { status: 400 });
    expect(await servedBy(given.post('/api/chat', chat()))).toBe('a');
  });

  test('with one of several keys says nothing of the others', async () => {
    const given = await bench({ a: { kind: 'ollama', apiKeys: ['first-key', 'second-key'] } });
    given.script('a').load = () => Response.json({ error: 'unauthorized' }, { status: 401 });
    given.script('a').infer = answer;
    expect(await servedBy(given.post('/api/chat', chat()))).toBe('a');
  });
});

describe('a request that waited for a load', () => {
  test('is not sent where others met a limit meanwhile, and may still be served there later', async () => {
    const given = await two();
    const { load, finish } = held();
    given.script('a').load = load;
    const served = servedBy(given.post('/api/chat', chat()));
    await given.clock.advance(100);
    const pair = pairOf(given, 'a');
    pair.health = { ...pair.health, busyUntil: given.clock.now() + 1000 };
    finish();
    expect(await served).toBe('b');
    expect(given.script('a').calls).toEqual([]);
    expect(given.app.gateway.fleet.host('a')?.inflight).toBe(0);
    const record = given.app.gateway.decisions.get('request-1');
    expect(record && decisionOf(record).attempts.map(({ backend }) => backend)).toEqual(['b']);
  });
});

const told = async () => {
  const given = await bench({ a: { kind: 'ollama' } }, { log: { level: 'info' } });
  const script = given.script('a');
  script.models = ['m:latest', 'n:latest', 'o:latest'];
  script.infer = answer;
  const host = given.app.gateway.fleet.host('a');
  if (host !== undefined) await given.app.gateway.discovery.look(host);
  return { given, script };
};

const metricsOf = async ({ app }: Bench): Promise<string> =>
  await (
    await app.fetch(new Request('http://localhost:5010/metrics', { headers: { host: 'localhost:5010' } }))
  ).text();

describe('what changes where requests go', () => {
  test('is told and counted of a load, however it ends', async () => {
    const { given, script } = await told();
    await servedBy(given.post('/api/chat', chat('m')));
    script.load = () => Response.json({ error: 'CUDA error: out of memory' }, { status: 500 });
    await (await given.post('/api/chat', chat('n', { stream: false }))).text();
    script.load = held().load;
    const controller = new AbortController();
    const left = given.post('/api/chat', chat('o'), { signal: controller.signal });
    await given.clock.advance(100);
    controller.abort();
    await left;
    await given.clock.advance(1);
    expect(linesOf(given, 'load')).toMatchObject([
      { level: 'info', backend: 'a', model: 'm:latest', outcome: 'ready' },
      { level: 'warn', backend: 'a', model: 'n:latest', outcome: 'failed', class: 'vram' },
      { level: 'info', backend: 'a', model: 'o:latest', outcome: 'dropped', durationMs: 100 },
    ]);
    const metrics = await metricsOf(given);
    for (const [model, outcome] of [
      ['m:latest', 'ready'],
      ['n:latest', 'failed'],
      ['o:latest', 'dropped'],
    ]) {
      const labels = `backend="a",model="${model}",outcome="${outcome}"`;
      expect(metrics).toContain(`pointsman_loads_total{${labels}} 1`);
    }
  });

  test('is told and counted of a switch of the mode, and of nothing that changes nothing', async () => {
    const { given } = await told();
    for (const mode of ['hybrid', 'local_only', 'local-only']) given.app.gateway.setMode(mode);
    expect(linesOf(given, 'mode')).toMatchObject([{ level: 'info', mode: 'local_only', before: 'hybrid' }]);
    expect(await metricsOf(given)).toContain('pointsman_mode_switches_total{mode="local_only"} 1');
  });
});
