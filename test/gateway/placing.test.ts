import { describe, expect, test } from 'bun:test';
import { answer, type Bench, bench, chat, handStream, ollamaLines, saying, servedBy } from './scripted.ts';

const fleetOf = async (
  backends: Parameters<typeof bench>[0],
  config: Record<string, unknown> = {},
): Promise<Bench> => {
  const given = await bench(backends, config);
  for (const id of Object.keys(backends)) given.script(id).infer = answer;
  return given;
};

const gpuAndCpu = (config: Record<string, unknown> = {}): Promise<Bench> =>
  fleetOf({ gpu: { kind: 'ollama', lane: 'gpu' }, cpu: { kind: 'ollama', lane: 'cpu' } }, config);

describe('the intent', () => {
  test('of a request that says nothing is fast, and heavy work takes the processor', async () => {
    const { post } = await gpuAndCpu({ strategy: 'priority' });
    expect(await servedBy(post('/api/chat', chat()))).toBe('gpu');
    expect(await servedBy(post('/api/chat', chat('m', { intent: 'heavy' })))).toBe('cpu');
    expect(await servedBy(post('/api/chat', chat(), saying({ 'x-pointsman-intent': 'heavy' })))).toBe('cpu');
  });

  test('in the body goes before the header and never reaches an engine', async () => {
    const { post, script } = await gpuAndCpu({ strategy: 'priority' });
    const asked = post('/api/chat', chat('m', { intent: 'heavy' }), saying({ 'x-pointsman-intent': 'fast' }));
    expect(await servedBy(asked)).toBe('cpu');
    expect(script('cpu').calls[0]?.body).not.toHaveProperty('intent');
  });

  test('behind the name of the model is read where that is on, and the engine is asked by its own name', async () => {
    const { post, script } = await gpuAndCpu({
      strategy: 'priority',
      requests: { intentSuffixes: true },
    });
    expect(await servedBy(post('/api/chat', chat('m:heavy')))).toBe('cpu');
    expect(script('cpu').calls[0]?.body).toMatchObject({ model: 'm:latest' });
  });

  test('is a part of the name where suffixes are off', async () => {
    const { post } = await gpuAndCpu();
    expect((await post('/api/chat', chat('m:heavy'))).status).toBe(404);
  });

  test('that does not exist is refused with those that do', async () => {
    const { post } = await gpuAndCpu();
    for (const path of ['/api/chat', '/v1/chat/completions', '/v1/messages', '/v1/responses']) {
      for (const intent of ['quick', 7, { heavy: true }]) {
        const response = await post(path, chat('m', { intent, max_tokens: 9, input: 'hi' }));
        expect(response.status).toBe(400);
        expect(await response.text()).toContain('fast, heavy');
      }
    }
  });
});

describe('the policy', () => {
  test('of the header decides where requests may choose', async () => {
    const { post } = await fleetOf(
      { ollama: { kind: 'ollama' }, other: { kind: 'openai-compatible', priority: 0 } },
      { requests: { policy: true } },
    );
    const only = post('/api/chat', chat(), saying({ 'x-pointsman-policy': 'ollama-only' }));
    expect(await servedBy(only)).toBe('ollama');
  });

  test('of the header is forbidden where they may not, and unknown is an error that lists them', async () => {
    const { post } = await gpuAndCpu();
    expect((await post('/api/chat', chat(), saying({ 'x-pointsman-policy': 'random' }))).status).toBe(403);
    const unknown = await post('/api/chat', chat(), saying({ 'x-pointsman-policy': 'fastest' }));
    expect(unknown.status).toBe(400);
    expect(await unknown.text()).toContain('expected_finish');
  });

  test('of a model goes before the general one', async () => {
    const { post } = await fleetOf(
      { a: { kind: 'ollama', slots: 4 }, b: { kind: 'ollama', slots: 4 } },
      { strategy: 'priority', models: { m: { strategy: 'round_robin' } } },
    );
    const served = [];
    for (let count = 0; count < 4; count += 1) served.push(await servedBy(post('/api/chat', chat())));
    expect(served.filter((backend) => backend === 'a').length).toBe(2);
  });
});

describe('the mode', () => {
  test('switched to fallback_only sends nothing new to the primary lane and cuts no stream', async () => {
    const given = await gpuAndCpu();
    const stream = handStream();
    given.script('gpu').infer = () => new Response(stream.body);
    stream.push(ollamaLines.text('hel'));
    const running = await given.post('/api/chat', chat());
    given.app.gateway.setMode('fallback_only');
    expect(await servedBy(given.post('/api/chat', chat()))).toBe('cpu');
    stream.push(ollamaLines.done);
    stream.close();
    expect(await running.text()).toContain('"done":true');
    expect(given.app.gateway.mode()).toBe('fallback_only');
  });

  test('switched while a request waits holds for that request', async () => {
    const given = await fleetOf({
      a: { kind: 'ollama', slots: 1, priority: 1 },
      b: { kind: 'ollama', priority: 2 },
    });
    given.app.gateway.setMode('single');
    given.script('a').infer = () => new Promise(() => undefined);
    void given.post('/api/chat', chat());
    await given.clock.advance(1);
    const waiting = given.post('/api/chat', chat());
    await given.clock.advance(1);
    expect(given.app.gateway.slots.waiting()).toBe(1);
    given.app.gateway.setMode('hybrid');
    const served = servedBy(waiting);
    // The model is in memory on the first host alone, so it is waited for until that one is late.
    await given.clock.advance(20_000);
    expect(await served).toBe('b');
  });

  test('set by hand outlasts a reload that does not speak of it', async () => {
    const { app } = await gpuAndCpu();
    const { checkConfig } = await import('../../src/config/check-config.ts');
    const configOf = (more: object) => {
      const checked = checkConfig({
        backends: { gpu: { kind: 'ollama', url: 'http://gpu.internal:1' } },
        ...more,
      } as Parameters<typeof checkConfig>[0]);
      if ('problems' in checked) throw new Error(checked.problems.join());
      return checked.config;
    };
    app.gateway.setMode('single');
    app.apply(configOf({ maxAttempts: 2 }));
    expect(app.gateway.mode()).toBe('single');
    app.apply(configOf({ mode: 'local_only' }));
    expect(app.gateway.mode()).toBe('local_only');
  });
});

describe('a local-only request', () => {
  const hosts = {
    home: { kind: 'ollama', priority: 2 },
    cloud: { kind: 'ollama', zone: 'cloud', priority: 1 },
  };
  const marks: Record<string, readonly [Record<string, unknown>, Record<string, string>]> = {
    'marked by its header': [{}, { 'x-pointsman-zone': 'local' }],
    'marked by its key': [
      { auth: { keys: [{ name: 'k', key: 'long-enough-key-1', localOnly: true }] } },
      { authorization: 'Bearer long-enough-key-1' },
    ],
    'marked by its model': [{ models: { m: { localOnly: true } } }, {}],
    'under the mode local_only': [{ mode: 'local_only' }, {}],
  };
  for (const [how, [config, headers]] of Object.entries(marks)) {
    test(`${how} never leaves, not even when everything at home fails`, async () => {
      const { post, script } = await fleetOf(hosts, config);
      expect(await servedBy(post('/api/chat', chat(), saying(headers)))).toBe('home');
      script('home').infer = () => {
        throw Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' });
      };
      for (let count = 0; count < 5; count += 1) {
        const response = await post('/api/chat', chat(), saying(headers));
        expect(response.status).toBeGreaterThanOrEqual(500);
      }
      expect(script('cloud').calls.length).toBe(0);
    });
  }

  test('keeps its mark and its intent behind another Pointsman, which leaves the retries to this one', async () => {
    const { post, script } = await fleetOf({ next: { kind: 'peer' } });
    const asked = chat('m', { intent: 'heavy' });
    expect(await servedBy(post('/api/chat', asked, saying({ 'x-pointsman-zone': 'local' })))).toBe('next');
    expect(script('next').calls[0]?.headers).toMatchObject({
      'x-pointsman-zone': 'local',
      'x-pointsman-intent': 'heavy',
      'x-pointsman-attempt': '1',
    });
  });

  test('says nothing of that to an engine', async () => {
    const { post, script } = await fleetOf({ a: { kind: 'ollama' } });
    await servedBy(post('/api/chat', chat(), saying({ 'x-pointsman-zone': 'local' })));
    expect(Object.keys(script('a').calls[0]?.headers ?? {}).filter((name) => name.startsWith('x-p'))).toEqual(
      [],
    );
  });

  test('that is marked with another word is refused', async () => {
    const { post } = await fleetOf(hosts);
    expect((await post('/api/chat', chat(), saying({ 'x-pointsman-zone': 'lokal' }))).status).toBe(400);
  });
});

test('a request that another Pointsman sent is not tried a second time', async () => {
  const { post, script } = await fleetOf({
    a: { kind: 'ollama', priority: 1 },
    b: { kind: 'ollama', priority: 2 },
  });
  script('a').infer = () =>
    Response.json({ error: 'model runner has unexpectedly stopped' }, { status: 500 });
  const response = await post('/api/chat', chat(), saying({ 'x-pointsman-attempt': '1' }));
  expect(response.status).toBe(502);
  expect(script('b').calls.length).toBe(0);
});
