import { describe, expect, test } from 'bun:test';
import type { Fault } from '../../src/simulator/faults.ts';
import { createSimulatedHost } from '../../src/simulator/simulated-host.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Json, JsonObject } from '../../src/spec/json.ts';
import { chat, type Play, parseEvents, parseLines, play, roundRates } from './play.ts';

const options = { kind: 'ollama', models: ['a=1GiB', 'b=1GiB'] } as const;

const faulty = (fault: Fault): Play => play({ ...options, preload: ['a', 'b'], faults: [fault] });

const question = chat('a', 'write 40 words');

const contents = (text: string): Json[] =>
  parseLines(text).map((line) => (line.message as JsonObject | undefined)?.content ?? null);

describe('a host that cannot be reached', () => {
  test('refuses every path as a connection is refused', async () => {
    const { send } = faulty({ fault: 'refuse' });
    await expect(send('/api/chat', question)).rejects.toMatchObject({
      name: 'TypeError',
      code: 'ECONNREFUSED',
    });
    await expect(send('/api/version')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('resets the connection before headers, for inference only', async () => {
    const { send, ask } = faulty({ fault: 'reset' });
    await expect(send('/api/chat', question)).rejects.toMatchObject({
      name: 'TypeError',
      code: 'ECONNRESET',
    });
    expect((await ask('/api/version')).status).toBe(200);
  });

  test('resets the connection within an answer', async () => {
    const answer = await faulty({ fault: 'reset', after: 3 }).ask('/api/chat', question);
    expect(answer.failure).toMatchObject({ code: 'ECONNRESET' });
  });

  test('says nothing to anybody until they leave, as a black hole', async () => {
    const { send, clock } = faulty({ fault: 'black-hole' });
    for (const path of ['/api/version', '/api/chat']) {
      const control = new AbortController();
      const answer = send(path, path === '/api/chat' ? question : undefined, control.signal);
      await clock.advance(600_000);
      control.abort();
      await expect(answer).rejects.toThrow(/abort/i);
    }
  });
});

describe('a server with one model', () => {
  test('comes back also where it was ended while it brought its model in', async () => {
    const { host, ask, clock, send } = play({
      kind: 'openai-compatible',
      preset: 'vllm',
      models: ['a=4GiB'],
      faults: [{ fault: 'oom', count: 2 }],
    });
    const say = (): Promise<unknown> => send('/v1/chat/completions', chat('a', 'hi'));
    await expect(say()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await clock.advance(6_000);
    expect(host.stats()).toMatchObject({ loading: 'a' });
    await expect(say()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await clock.advance(4_000);
    await expect(send('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await clock.advance(6_000);
    expect((await ask('/health')).status).toBe(200);
    expect((await ask('/v1/chat/completions', chat('a', 'hi'))).status).toBe(200);
  });
});

describe('a host that hangs', () => {
  test('before headers keeps its slot until the caller leaves, while its version still answers', async () => {
    const { send, ask, clock, host } = faulty({ fault: 'hang-before-headers' });
    const control = new AbortController();
    const answer = send('/api/chat', question, control.signal);
    await clock.advance(600_000);
    expect(host.stats().active).toBe(1);
    expect((await ask('/api/version')).status).toBe(200);
    control.abort();
    await expect(answer).rejects.toThrow();
    expect(host.stats()).toMatchObject({ active: 0, cancelled: 1 });
  });

  test('between chunks lets so many tokens through and then falls silent', async () => {
    const { host, clock } = faulty({ fault: 'hang-between-chunks', after: 3 });
    const request = new Request('http://host/api/chat', { method: 'POST', body: JSON.stringify(question) });
    const response = await clock.until(host.fetch(request));
    await clock.advance(600_000);
    expect(host.stats().active).toBe(1);
    const reader = response.body?.getReader();
    const read: string[] = [];
    for (let chunk = 0; chunk < 3; chunk++) {
      read.push(new TextDecoder().decode((await reader?.read())?.value));
    }
    expect(contents(read.join(''))).toHaveLength(3);
    await reader?.cancel();
    expect(host.stats()).toMatchObject({ active: 0, cancelled: 1 });
  });
});

describe('a host that answers with a status', () => {
  const cases: readonly (readonly [Fault['fault'], number, string])[] = [
    ['error-500', 500, 'unexpected server status: llm server error'],
    ['error-503', 503, 'service unavailable'],
    ['busy-503', 503, 'server busy, please try again.  maximum pending requests exceeded'],
    ['rate-429', 429, 'too many requests'],
    ['model-lost', 404, "model 'a' not found"],
  ];
  for (const [fault, status, error] of cases) {
    test(`${fault} is told in the words of the host`, async () => {
      const answer = await faulty({ fault }).ask('/api/chat', question);
      expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { error }]);
    });
  }

  test('a lost model is still listed', async () => {
    const { json } = faulty({ fault: 'model-lost' });
    expect((await json('/api/tags')).models).toMatchObject([{ name: 'a:latest' }, { name: 'b:latest' }]);
  });

  test('running out of memory costs the host every model it holds', async () => {
    const { ask, host } = faulty({ fault: 'oom' });
    const answer = await ask('/api/chat', question);
    expect(answer.status).toBe(500);
    expect(answer.text).toContain('CUDA error: out of memory');
    expect(host.stats().loaded).toEqual([]);
  });

  test('running out of memory has other words in the older engine', async () => {
    const { json } = play({ ...options, engine: 'old', faults: [{ fault: 'oom' }] });
    expect(await json('/api/chat', question)).toEqual({
      error: 'llama runner process has terminated: cudaMalloc failed: out of memory',
    });
  });
});

describe('a host that breaks its stream', () => {
  test('an error line may come first, under a 200', async () => {
    const answer = await faulty({ fault: 'error-line-first' }).ask('/api/chat', question);
    expect([answer.status, parseLines(answer.text)]).toEqual([
      200,
      [{ error: 'an error was encountered while running the model: unexpected EOF' }],
    ]);
  });

  test('a stream may be empty', async () => {
    const answer = await faulty({ fault: 'empty-stream' }).ask('/api/chat', question);
    expect(answer).toMatchObject({
      status: 200,
      text: '',
      contentType: 'application/x-ndjson',
      failure: undefined,
    });
  });

  test('a cut ends cleanly without the last line', async () => {
    const answer = await faulty({ fault: 'cut-after', after: 4 }).ask('/api/chat', question);
    expect(answer.failure).toBeUndefined();
    expect(contents(answer.text)).toHaveLength(4);
    expect(parseLines(answer.text).some((line) => line.done === true)).toBe(false);
  });

  test('half a line ends cleanly in the middle of its JSON', async () => {
    const answer = await faulty({ fault: 'half-line', after: 2 }).ask('/api/chat', question);
    const lines = answer.text.split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toStartWith('{"model":"a"');
    expect(() => JSON.parse(lines[2] ?? '')).toThrow();
    expect(answer.failure).toBeUndefined();
  });

  test('garbage is bytes that are no text', async () => {
    const answer = await faulty({ fault: 'garbage', after: 2 }).ask('/api/chat', question);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(answer.bytes)).toThrow();
  });

  test('a whole answer is cut, halved and spoilt as well', async () => {
    for (const fault of ['cut-after', 'half-line', 'garbage'] as const) {
      const answer = await faulty({ fault }).ask('/api/chat', { ...question, stream: false });
      expect(answer.text).toStartWith('{"model":"a"');
      expect(() => JSON.parse(answer.text)).toThrow();
    }
  });

  test('a slow drip gives everything, a few bytes at a time, through characters if need be', async () => {
    const { host, clock, ask } = faulty({ fault: 'slow-drip' });
    const request = new Request('http://host/api/chat', { method: 'POST', body: JSON.stringify(question) });
    const response = await clock.until(host.fetch(request));
    const sizes: number[] = [];
    const reading = (async () => {
      for await (const part of response.body ?? []) sizes.push(part.length);
    })();
    await clock.until(reading);
    expect(Math.max(...sizes)).toBe(7);
    expect(parseLines((await ask('/api/chat', question)).text).at(-1)?.done).toBe(true);
  });

  test('a crash ends the stream with an error line, and the host is gone until it has restarted', async () => {
    const { ask, send, clock, host } = faulty({ fault: 'crash-after', after: 3, count: 1 });
    const answer = await ask('/api/chat', question);
    const lines = parseLines(answer.text);
    expect(lines).toHaveLength(4);
    expect(lines[3]).toEqual({ error: 'an error was encountered while running the model: unexpected EOF' });
    expect(answer.failure).toBeUndefined();
    await expect(send('/api/version')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(host.stats()).toMatchObject({ loaded: [], active: 0, failed: 1 });
    await clock.advance(5000);
    expect((await ask('/api/version')).status).toBe(200);
  });

  test('a crash takes the other streams of the host with it', async () => {
    const { host, send, clock } = play({ ...options, slots: 2, preload: ['a', 'b'] });
    const other = send('/api/chat', { ...question, model: 'b' });
    await clock.advance(2000);
    host.setFault({ fault: 'crash-after', after: 1, model: 'a' });
    await clock.until(send('/api/chat', question));
    expect((await clock.until(other)).failure).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('when a fault strikes', () => {
  test('it can be for a number of requests', async () => {
    const { ask } = faulty({ fault: 'error-500', count: 2 });
    const statuses = [];
    for (let turn = 0; turn < 3; turn++) statuses.push((await ask('/api/chat', question)).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  test('it can be for one model, whichever of its names is used', async () => {
    const { ask } = faulty({ fault: 'error-500', model: 'a:latest' });
    expect((await ask('/api/chat', question)).status).toBe(500);
    expect((await ask('/api/chat', { ...question, model: 'b' })).status).toBe(200);
  });

  test('it can be for a time', async () => {
    const { ask, clock, host } = play(options);
    host.setFault({ fault: 'error-500', forMs: 1000 });
    expect((await ask('/api/chat', question)).status).toBe(500);
    await clock.advance(1000);
    expect((await ask('/api/chat', question)).status).toBe(200);
  });

  test('it can be taken away', async () => {
    const { ask, host } = faulty({ fault: 'error-500' });
    host.clearFaults();
    expect((await ask('/api/chat', question)).status).toBe(200);
  });
});

describe('faults over HTTP', () => {
  const request = (path: string, method: string, body?: Json): Request =>
    new Request(`http://host${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  test('are set, listed and taken away, and an unknown one is refused by name', async () => {
    const { host, ask } = play(options);
    await host.fetch(request('/sim/fault', 'POST', { fault: 'error-500', count: 5 }));
    expect((await ask('/api/chat', question)).status).toBe(500);
    expect(await (await host.fetch(request('/sim/fault', 'GET'))).json()).toEqual({
      faults: [{ fault: 'error-500', count: 5 }],
    });
    await host.fetch(request('/sim/fault', 'DELETE'));
    expect((await ask('/api/chat', question)).status).toBe(200);
    const refused = await host.fetch(request('/sim/fault', 'POST', { fault: 'earthquake' }));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      error: expect.stringContaining('fault must be one of refuse, reset,'),
    });
  });

  test('a killed host is gone for as long as was said, with everything it was doing', async () => {
    const { host, send, clock, ask } = play({ ...options, preload: ['a'] });
    const running = send('/api/chat', question);
    await clock.advance(1000);
    expect(await (await host.fetch(request('/sim/kill?forMs=3000', 'POST'))).json()).toEqual({
      killed: true,
    });
    expect((await clock.until(running)).failure).toMatchObject({ code: 'ECONNRESET' });
    await expect(send('/api/version')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await clock.advance(3000);
    expect((await ask('/api/version')).status).toBe(200);
    expect(host.stats()).toMatchObject({ active: 0, loaded: [] });
  });

  test('counts are given to whoever asks, without counting the question', async () => {
    const { host, ask } = play({ ...options, preload: ['a'] });
    await ask('/api/chat', question);
    await ask('/api/version');
    expect(await (await host.fetch(request('/sim/stats', 'GET'))).json()).toMatchObject({
      requests: 2,
      posts: { '/api/chat': 1 },
      active: 0,
      finished: 1,
    });
  });
});

describe('a host on a socket', () => {
  const served = () => {
    const clock = createVirtualClock();
    const states: string[] = [];
    const host = createSimulatedHost(
      { ...options, rates: roundRates },
      { clock, onListener: (state) => states.push(state) },
    );
    const post = (body: JsonObject): Promise<Response> =>
      host.fetch(new Request('http://host/api/chat', { method: 'POST', body: JSON.stringify(body) }));
    return { clock, states, host, post };
  };

  test('is told to close its listener a moment after its last words, and to open it again', async () => {
    const { clock, states, host } = served();
    host.setFault({ fault: 'refuse' });
    expect(states).toEqual([]);
    await clock.advance(50);
    expect(states).toEqual(['close']);
    host.clearFaults();
    host.kill(1000);
    await clock.advance(999);
    expect(states).toEqual(['close', 'open', 'close']);
    await clock.advance(1);
    expect(states).toEqual(['close', 'open', 'close', 'open']);
  });

  test('keeps its listener when it is told to close and to open within the moment', async () => {
    const { clock, states, host } = served();
    host.setFault({ fault: 'refuse' });
    host.clearFaults();
    await clock.advance(1000);
    expect(states).toEqual([]);
  });

  test('makes no fuss about a caller who leaves', async () => {
    const { clock, host } = served();
    const control = new AbortController();
    const request = new Request('http://host/api/chat', {
      method: 'POST',
      body: JSON.stringify(question),
      signal: control.signal,
    });
    const answer = host.fetch(request);
    await clock.advance(100);
    control.abort();
    expect((await answer).status).toBe(499);
    expect(host.stats()).toMatchObject({ cancelled: 1, loading: undefined });
  });

  test('gives a body that breaks off where a connection would be reset', async () => {
    const { clock, host, post } = served();
    host.setFault({ fault: 'reset' });
    const response = await clock.until(post(question));
    await expect(response.text()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('faults of an OpenAI-compatible server', () => {
  const box = (fault: Fault): Play =>
    play({ kind: 'openai-compatible', models: ['a=1GiB'], faults: [fault] });
  const streamed = { ...question, stream: true };

  test('a crash is an error event without an end mark, after which the model has to be loaded again', async () => {
    const { ask, clock } = box({ fault: 'crash-after', after: 2, count: 1 });
    const answer = await ask('/v1/chat/completions', streamed);
    const events = parseEvents(answer.text);
    expect(events.at(-1)).toEqual({ error: { code: 500, message: 'Compute error.', type: 'server_error' } });
    expect(answer.text).not.toContain('[DONE]');
    await clock.advance(5000);
    expect(await ask('/health')).toMatchObject({ status: 503 });
    await clock.advance(1000);
    expect(await ask('/health')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  });

  test('running out of memory ends the process without a word', async () => {
    const { send } = box({ fault: 'oom' });
    await expect(send('/v1/chat/completions', streamed)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(send('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a refusal for too many requests says when to come back', async () => {
    const { host } = box({ fault: 'rate-429' });
    const response = await host.fetch(
      new Request('http://host/v1/chat/completions', { method: 'POST', body: JSON.stringify(streamed) }),
    );
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
  });

  test('vLLM ends a failed stream as if it had gone well', async () => {
    const { ask } = play({
      kind: 'openai-compatible',
      preset: 'vllm',
      models: ['a=1GiB'],
      faults: [{ fault: 'crash-after', after: 2 }],
    });
    const { text } = await ask('/v1/chat/completions', streamed);
    expect(parseEvents(text).at(-1)).toMatchObject({ error: { type: 'InternalServerError', code: 500 } });
    expect(text).toEndWith('data: [DONE]\n\n');
  });
});
