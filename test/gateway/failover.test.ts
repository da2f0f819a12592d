import { describe, expect, test } from 'bun:test';
import { type Bench, bench, chat, handStream, ollamaLines, openaiEvents, streamOf } from './scripted.ts';

const twoHosts = (config: Record<string, unknown> = {}): Promise<Bench> =>
  bench({ a: { kind: 'ollama', priority: 1 }, b: { kind: 'ollama', priority: 2 } }, config);

const good = () => new Response(streamOf(ollamaLines.text('hello'), ollamaLines.done));

const thrown = (code: string) => () => {
  throw Object.assign(new TypeError('fetch failed'), { code });
};

describe('before the first content another host takes over', () => {
  const failures: Record<string, () => Response> = {
    'connection refused': thrown('ECONNREFUSED'),
    'connection reset': thrown('ECONNRESET'),
    'a 500': () => Response.json({ error: 'model runner has unexpectedly stopped' }, { status: 500 }),
    'a 503 busy': () =>
      Response.json(
        { error: 'server busy, please try again.  maximum pending requests exceeded' },
        { status: 503 },
      ),
    'a 429': () => Response.json({ error: 'slow down' }, { status: 429 }),
    'a 404 for a model that was listed': () =>
      Response.json({ error: "model 'm' not found" }, { status: 404 }),
    'out of memory': () =>
      Response.json(
        { error: 'llama runner process has terminated: cudaMalloc failed: out of memory' },
        { status: 500 },
      ),
    'an error line inside a 200': () =>
      new Response(ollamaLines.error('an error was encountered while running the model: unexpected EOF')),
    'an empty stream': () => new Response(streamOf()),
    'a stream of empty content that ends': () => new Response(streamOf(ollamaLines.text(''))),
    'garbage bytes': () => new Response(streamOf(new Uint8Array([0, 255, 10, 13, 10]))),
    'an HTML page': () =>
      new Response('<html>bad gateway</html>', { status: 502, headers: { 'content-type': 'text/html' } }),
    'a redirect': () => new Response(null, { status: 307, headers: { location: 'http://elsewhere/' } }),
  };
  for (const [what, infer] of Object.entries(failures)) {
    for (const stream of [true, false]) {
      test(`${what}${stream ? '' : ', not streaming'}`, async () => {
        const { post, script } = await twoHosts();
        script('a').infer = infer;
        script('b').infer = () =>
          stream
            ? good()
            : Response.json({
                model: 'm',
                message: { role: 'assistant', content: 'hello' },
                done: true,
                done_reason: 'stop',
              });
        const response = await post('/api/chat', chat('m', { stream }));
        expect(response.status).toBe(200);
        expect(await response.text()).toContain('hello');
        expect(response.headers.get('x-pointsman-backend')).toBe('b');
        expect(response.headers.get('x-pointsman-attempts')).toBe('2');
        expect(response.headers.get('x-pointsman-reason')).toContain('a: ');
        expect([script('a').calls.length, script('b').calls.length]).toEqual([1, 1]);
      });
    }
  }

  test('a third host is the last one asked', async () => {
    const { post, script } = await bench(
      Object.fromEntries(['a', 'b', 'c', 'd'].map((id, index) => [id, { kind: 'ollama', priority: index }])),
    );
    for (const id of ['a', 'b', 'c', 'd']) script(id).infer = thrown('ECONNREFUSED');
    const response = await post('/api/chat', chat());
    expect(response.status).toBe(503);
    expect(response.headers.get('x-pointsman-attempts')).toBe('3');
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(script('d').calls.length).toBe(0);
    const { error } = (await response.json()) as { error: string };
    expect(error).toContain('after 3 attempts');
    expect(error).not.toContain('internal');
  });
});

describe('what the client caused is not tried elsewhere', () => {
  for (const [status, error] of [
    [400, 'invalid option'],
    [413, 'too big'],
    [422, 'unprocessable'],
    [400, 'the input length exceeds the context length'],
  ] as const) {
    test(`a ${status} (${error}) is told once`, async () => {
      const { post, script } = await twoHosts();
      script('a').infer = () => Response.json({ error }, { status });
      const response = await post('/api/chat', chat());
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      expect(((await response.json()) as { error: string }).error).toContain(error);
      expect(script('b').calls.length).toBe(0);
    });
  }
});

describe('after the first content the truth is told in the stream', () => {
  test('a broken Ollama stream ends in an error line', async () => {
    const { post, script } = await twoHosts();
    script('a').infer = () =>
      new Response(streamOf(ollamaLines.text('hel'), ollamaLines.error('cudaMalloc failed: out of memory')));
    const lines = (await (await post('/api/chat', chat())).text()).trim().split('\n');
    expect(lines.length).toBe(2);
    expect(lines[0]).toContain('hel');
    expect(Object.keys(JSON.parse(lines[1] ?? ''))).toEqual(['error']);
    expect(script('b').calls.length).toBe(0);
  });

  test('content and error in one chunk keep the content and lose the engine’s own words', async () => {
    const { post, script } = await twoHosts();
    script('a').infer = () =>
      new Response(
        streamOf(ollamaLines.text('hel') + ollamaLines.error('secret http://10.0.0.1:99/x broke')),
      );
    const body = await (await post('/api/chat', chat())).text();
    expect(body).toContain('hel');
    expect(body).not.toContain('10.0.0.1');
    expect(body.trim().split('\n').length).toBe(2);
  });

  test('an Ollama stream cut in the middle of a line still ends in a readable error line', async () => {
    const { post, script } = await twoHosts();
    script('a').infer = () => new Response(streamOf(ollamaLines.text('hel'), '{"model":"m","mess'));
    const lines = (await (await post('/api/chat', chat())).text()).trim().split('\n');
    expect(Object.keys(JSON.parse(lines.at(-1) ?? ''))).toEqual(['error']);
  });

  test('an OpenAI client of an Ollama host gets an error event and no [DONE]', async () => {
    const { post, script } = await twoHosts();
    script('a').infer = () => new Response(streamOf(ollamaLines.text('hel')));
    const body = await (await post('/v1/chat/completions', chat())).text();
    expect(body).toContain('hel');
    expect(body).toContain('data: {"error":');
    expect(body).not.toContain('[DONE]');
    expect(body).not.toContain('"finish_reason":"stop"');
  });

  test('a passed OpenAI stream that ends without its finish gets an error event', async () => {
    const { post, script } = await bench({ a: { kind: 'openai-compatible' } });
    script('a').models = ['m'];
    script('a').infer = () => new Response(streamOf(openaiEvents.role, openaiEvents.text('hel')));
    const body = await (await post('/v1/chat/completions', chat())).text();
    expect(body).toContain('data: {"error":');
    expect(body).not.toContain('[DONE]');
  });

  test('a connection lost in the middle is an error in the stream', async () => {
    const { post, script } = await twoHosts();
    const stream = handStream();
    script('a').infer = () => new Response(stream.body);
    stream.push(ollamaLines.text('hel'));
    const response = await post('/api/chat', chat());
    stream.error(Object.assign(new TypeError('terminated'), { code: 'ECONNRESET' }));
    const lines = (await response.text()).trim().split('\n');
    expect(Object.keys(JSON.parse(lines.at(-1) ?? ''))).toEqual(['error']);
  });
});

describe('what was learned', () => {
  test('a pair that failed three times in a row is left alone, and tried again after its time', async () => {
    const { post, script, clock } = await twoHosts();
    script('a').infer = () =>
      Response.json({ error: 'model runner has unexpectedly stopped' }, { status: 500 });
    script('b').infer = good;
    for (let count = 0; count < 4; count += 1) await (await post('/api/chat', chat())).text();
    const failed = script('a').calls.length;
    expect(failed).toBeLessThan(4);
    await clock.advance(6000);
    script('a').infer = good;
    const response = await post('/api/chat', chat());
    expect(response.headers.get('x-pointsman-backend')).toBe('a');
  });

  test('a busy host is avoided for a moment and never counted as broken', async () => {
    const { post, script, clock } = await twoHosts();
    script('a').infer = () =>
      Response.json(
        { error: 'server busy, please try again.  maximum pending requests exceeded' },
        { status: 503 },
      );
    script('b').infer = good;
    for (let count = 0; count < 10; count += 1) {
      await (await post('/api/chat', chat())).text();
      await clock.advance(1100);
    }
    script('a').infer = good;
    expect((await post('/api/chat', chat())).headers.get('x-pointsman-backend')).toBe('a');
  });
});

test('tool arguments the caller’s dialect cannot say end the request and free the host', async () => {
  const { post, script, app } = await bench({ a: { kind: 'openai-compatible' } });
  script('a').models = ['m'];
  const call = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: 'no json' } };
  const chunk = { choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: 'tool_calls' }] };
  script('a').infer = () => new Response(streamOf(`data: ${JSON.stringify(chunk)}\n\n`, openaiEvents.done));
  const response = await post('/api/chat', chat());
  expect(await response.text()).toContain('error');
  expect(app.gateway.fleet.host('a')?.inflight).toBe(0);
  expect(script('a').calls[0]?.closed || response.status >= 500).toBe(true);
});

describe('a host that says nothing', () => {
  test('is asked after a quarter of a second whether it lives, and left alone if it does not', async () => {
    const { post, script, clock } = await twoHosts();
    script('a').infer = () => new Promise(() => undefined);
    script('b').infer = good;
    script('a').alive = false;
    const response = await clock.until(post('/api/chat', chat()));
    expect(response.headers.get('x-pointsman-backend')).toBe('b');
    expect(clock.now()).toBe(250);
    expect(script('a').calls[0]?.closed).toBe(true);
  });

  test('is waited for while it lives', async () => {
    const { post, script, clock } = await twoHosts({ heartbeat: { afterMs: 0 } });
    script('a').infer = () => new Promise((resolve) => void clock.after(20_000, () => resolve(good())));
    const response = await clock.until(post('/api/chat', chat()));
    expect(response.headers.get('x-pointsman-backend')).toBe('a');
    expect(response.headers.get('x-pointsman-attempts')).toBe('1');
  });
});
