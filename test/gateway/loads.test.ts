import { describe, expect, test } from 'bun:test';
import { held, one, pairOf } from './one-host.ts';
import { answer, bench, chat, servedBy } from './scripted.ts';

describe('a cold model', () => {
  test('is loaded by one call, however many ask for it, and then asked by each', async () => {
    const { given, script } = await one();
    const { load, finish } = held();
    script.load = load;
    const all = [1, 2, 3, 4].map((seed) =>
      servedBy(given.post('/api/chat', chat('m', { options: { seed, temperature: seed / 4 } }))),
    );
    await given.clock.advance(100);
    expect([script.loads.length, script.calls.length]).toEqual([1, 0]);
    finish();
    expect(await Promise.all(all)).toEqual(['a', 'a', 'a', 'a']);
    expect([script.loads.length, script.calls.length]).toEqual([1, 4]);
  });

  test('is loaded with the options its request will have', async () => {
    const { given, script } = await one();
    const options = { num_ctx: 5000, temperature: 1 };
    await servedBy(given.post('/api/chat', chat('m', { options, keep_alive: 0 })));
    expect(script.loads.map(({ path, body }) => [path, body])).toEqual([
      ['/api/generate', { model: 'm:latest', stream: false, options: { num_ctx: 8192, temperature: 1 } }],
    ]);
    expect(script.calls[0]?.body).toMatchObject({ options: { num_ctx: 8192 } });
  });

  test('is loaded as what it is for an embedding', async () => {
    const { given, script } = await one();
    script.infer = () => Response.json({ model: 'm', embeddings: [[1]] });
    await (await given.post('/api/embed', { model: 'm', input: 'hi' })).text();
    expect(script.loads.map(({ path, body }) => [path, body])).toEqual([
      ['/api/embed', { model: 'm:latest', input: [] }],
    ]);
  });

  test('waits for the load of another one, as an engine does one at a time', async () => {
    const { given, script } = await one();
    const first = held();
    script.load = first.load;
    const served = [
      servedBy(given.post('/api/chat', chat('m'))),
      servedBy(given.post('/api/chat', chat('n'))),
    ];
    await given.clock.advance(3000);
    expect(script.loads.map(({ body }) => body)).toMatchObject([{ model: 'm:latest' }]);
    const second = held();
    script.load = second.load;
    first.finish();
    expect(await served[0]).toBe('a');
    await given.clock.advance(1);
    expect(script.loads.length).toBe(2);
    second.finish();
    expect(await served[1]).toBe('a');
  });

  test('goes on loading when the caller leaves whom others wait with, and is given up when the last one does', async () => {
    const { given, script } = await one();
    const { load } = held();
    script.load = load;
    const controllers = [new AbortController(), new AbortController()];
    const left = controllers.map(({ signal }) =>
      given.app.fetch(
        new Request('http://localhost:5010/api/chat', {
          method: 'POST',
          headers: { host: 'localhost:5010', 'content-type': 'application/json' },
          body: JSON.stringify(chat()),
          signal,
        }),
      ),
    );
    await given.clock.advance(100);
    controllers[0]?.abort();
    await given.clock.advance(100);
    expect(script.loads.map(({ closed }) => closed)).toEqual([false]);
    controllers[1]?.abort();
    await Promise.all(left);
    expect(script.loads.map(({ closed }) => closed)).toEqual([true]);
    expect(given.app.gateway.fleet.host('a')).toMatchObject({ inflight: 0, loading: undefined });
  });

  test('that does not fit sends all who waited elsewhere, and pins it once', async () => {
    const given = await bench({
      a: { kind: 'ollama', slots: 4 },
      b: { kind: 'ollama', lane: 'cpu', slots: 4 },
    });
    const { load, fail } = held();
    given.script('a').load = load;
    for (const id of ['a', 'b']) given.script(id).infer = answer;
    const all = [1, 2].map(() => servedBy(given.post('/api/chat', chat())));
    await given.clock.advance(100);
    expect(given.script('a').loads.length).toBe(1);
    fail('llama runner process has terminated: cudaMalloc failed: out of memory');
    expect(await Promise.all(all)).toEqual(['b', 'b']);
    expect(pairOf(given, 'a').health.pin?.times).toBe(1);
    expect(given.script('a').calls).toEqual([]);
  });

  test('is asked for all the same where the engine refuses to be told to load', async () => {
    const { given, script } = await one();
    script.load = () => new Response('404 page not found', { status: 404 });
    expect(await servedBy(given.post('/api/chat', chat()))).toBe('a');
  });

  test('that is never there is given up after its time, and says nothing against the host', async () => {
    const { given, script } = await one();
    script.load = () => new Promise(() => undefined);
    const refused = given.post('/api/chat', chat('m', { stream: false }));
    await given.clock.advance(301_000);
    expect((await refused).status).toBe(503);
    expect(script.loads.map(({ closed }) => closed)).toEqual([true]);
    expect(pairOf(given, 'a').health.breaker.state).toBe('closed');
  });

  test('has five minutes, however short loads were thought to be, and less once one was measured', async () => {
    const { given, script } = await one();
    const { load, finish } = held();
    script.load = load;
    const served = given.post('/api/chat', chat());
    await given.clock.advance(280_000);
    expect(script.loads.map(({ closed }) => closed)).toEqual([false]);
    finish();
    expect(await (await served).text()).toContain('hello');
    const pair = pairOf(given, 'a');
    pair.rates = { ...pair.rates, loadMs: 8000 };
    pair.heardAt = -Infinity;
    script.load = () => new Promise(() => undefined);
    void given.post('/api/chat', chat());
    await given.clock.advance(47_000);
    expect(script.loads.map(({ closed }) => closed)).toEqual([false, false]);
    await given.clock.advance(2000);
    expect(script.loads.map(({ closed }) => closed)).toEqual([false, true]);
  });

  test('teaches what a load takes there, and its request teaches the rest', async () => {
    const { given, script } = await one();
    const { load, finish } = held();
    script.load = load;
    const served = servedBy(given.post('/api/chat', chat()));
    await given.clock.advance(40_000);
    finish();
    await served;
    const { evidence, loadMs } = pairOf(given, 'a').rates;
    expect(evidence.load).toBe(1);
    expect(loadMs).toBeGreaterThan(20_000);
  });

  test('is not waited for longer than a load takes when another one was just loaded', async () => {
    const { given, script } = await one({}, []);
    const host = given.app.gateway.fleet.host('a');
    if (host === undefined) throw new Error('no host');
    script.models = ['m:latest', 'n:latest'];
    await given.app.gateway.discovery.look(host);
    await servedBy(given.post('/api/chat', chat('m')));
    // As after a look that showed the memory to be full.
    host.vram = { usedBytes: 100, mostBytes: 100, wasFull: true, loaded: new Set(['m:latest']) };
    pairOf(given, 'a', 'n:latest').card = { name: 'n:latest', sizeBytes: 50 };
    const served = given.post('/api/chat', chat('n'));
    await given.clock.advance(500);
    expect(script.loads.length).toBe(1);
    await given.clock.advance(pairOf(given, 'a', 'n:latest').rates.loadMs);
    expect(await (await served).text()).toContain('hello');
    expect(script.loads.length).toBe(2);
  });
});

describe('a hot model', () => {
  test('is asked at once', async () => {
    const { given, script } = await one();
    await servedBy(given.post('/api/chat', chat()));
    await servedBy(given.post('/api/chat', chat()));
    expect([script.loads.length, script.calls.length]).toEqual([1, 2]);
  });

  test('is not held up by the load of another', async () => {
    const { given, script } = await one();
    await servedBy(given.post('/api/chat', chat('m')));
    script.load = () => new Promise(() => undefined);
    void given.post('/api/chat', chat('n'));
    await given.clock.advance(10);
    expect(await servedBy(given.post('/api/chat', chat('m')))).toBe('a');
  });
});

describe('an engine that does not tell what it holds', () => {
  test('is asked at once', async () => {
    const given = await bench({ a: { kind: 'openai-compatible' } });
    given.script('a').infer = () => Response.json({ choices: [{ message: { content: 'x' } }] });
    await servedBy(given.post('/v1/chat/completions', chat('m:latest', { stream: false })));
    expect(given.script('a').calls.map(({ path }) => path)).toEqual(['/v1/chat/completions']);
  });
});
