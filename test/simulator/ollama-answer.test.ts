import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/spec/json.ts';
import { chat, parseLines, play } from './play.ts';

const models = [
  'llama3.2:3b',
  'qwen3:8b',
  'gemma3:4b',
  'gpt-oss:20b',
  'nomic-embed-text',
  'qwen2.5-coder=1GiB',
];

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

const time = {
  type: 'function',
  function: { name: 'get_time', parameters: { type: 'object', properties: {} } },
};

const messageOf = (line: JsonObject | undefined): JsonObject => (line?.message ?? {}) as JsonObject;

const textOf = (lines: readonly JsonObject[]): string =>
  lines.map((line) => messageOf(line).content).join('');

describe('an Ollama stream', () => {
  test('has one object per line, the name as it was sent, and durations in nanoseconds on the last', async () => {
    const { ask } = play({ kind: 'ollama', models });
    const answer = await ask('/api/chat', chat('Llama3.2:3B', 'hi in 12 words'));
    const lines = parseLines(answer.text);
    const done = lines.at(-1);
    expect(answer.contentType).toBe('application/x-ndjson');
    expect(lines.every((line) => line.model === 'Llama3.2:3B')).toBe(true);
    expect(lines.slice(0, -1).every((line) => line.done === false)).toBe(true);
    expect(done).toMatchObject({ done: true, done_reason: 'stop', eval_count: 12, prompt_eval_count: 4 });
    expect(done?.eval_duration).toBe(1_200_000_000);
    expect(done?.created_at).toMatch(/^2026-01-01T00:00:\d\d\.\d{9}Z$/);
    expect(textOf(lines).split(' ')).toHaveLength(12);
  });

  test('is the same for the same seed and different for another', async () => {
    const text = async (seed: number): Promise<string> =>
      textOf(await play({ kind: 'ollama', models, seed }).lines('/api/chat', chat('llama3.2:3b', 'hi')));
    expect(await text(1)).toBe(await text(1));
    expect(await text(1)).not.toBe(await text(2));
  });

  test('contains characters of several bytes', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const text = textOf(await lines('/api/chat', chat('llama3.2:3b', 'write 400 words')));
    expect(text).toMatch(/[\u0080-\u07ff]/);
    expect(text).toMatch(/[\u0800-\uffff]/);
    expect(text).toContain('🙂');
  });

  test('stops at the token limit with the reason length', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const answer = await lines('/api/chat', chat('llama3.2:3b', 'hi', { options: { num_predict: 5 } }));
    expect(answer).toHaveLength(6);
    expect(answer.at(-1)).toMatchObject({ done_reason: 'length', eval_count: 5 });
  });

  test('ends before a stop string', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const answer = await lines(
      '/api/chat',
      chat('llama3.2:3b', 'hi', { options: { stop: [' on simulated'] } }),
    );
    expect(textOf(answer)).toBe('Simulated llama3.2:3b');
    expect(answer.at(-1)?.done_reason).toBe('stop');
  });

  test('carries probabilities when they are asked for', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const [first] = await lines('/api/chat', chat('llama3.2:3b', 'hi', { logprobs: true, top_logprobs: 2 }));
    const [entry] = (first?.logprobs ?? []) as JsonObject[];
    expect(entry).toMatchObject({ token: 'Simulated', bytes: [...Buffer.from('Simulated')] });
    expect(entry?.top_logprobs).toHaveLength(2);
  });

  test('is one object when none is wanted', async () => {
    const { ask } = play({ kind: 'ollama', models });
    const answer = await ask('/api/chat', chat('llama3.2:3b', 'hi in 12 words', { stream: false }));
    expect(answer.contentType).toBe('application/json; charset=utf-8');
    expect(JSON.parse(answer.text)).toMatchObject({
      done: true,
      eval_count: 12,
      message: { role: 'assistant' },
    });
    expect(answer.text).not.toContain('\n');
  });

  test('of a completion has a response field, and a context at its end unless it was raw', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const answer = await lines('/api/generate', { model: 'llama3.2:3b', prompt: 'hi in 6 words' });
    expect(answer[0]).toMatchObject({ response: 'Simulated', done: false });
    expect(answer.at(-1)).toMatchObject({ response: '', done: true, context: expect.any(Array) });
    const raw = await lines('/api/generate', { model: 'llama3.2:3b', prompt: 'hi', raw: true });
    expect(raw.at(-1)).not.toHaveProperty('context');
  });
});

describe('thinking', () => {
  test('comes first, and without being asked for, from a model that can', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const answer = await lines('/api/chat', chat('qwen3:8b', 'hi'));
    const kinds = answer
      .slice(0, -1)
      .map((line) => (messageOf(line).thinking === undefined ? 'text' : 'thinking'));
    expect(kinds[0]).toBe('thinking');
    expect(kinds.lastIndexOf('thinking')).toBeLessThan(kinds.indexOf('text'));
    expect(messageOf(answer[0])).toEqual({ role: 'assistant', content: '', thinking: 'Let' });
  });

  test('is left out on request, and takes longer at a higher level', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const count = async (think: boolean | string): Promise<number> =>
      (await lines('/api/chat', chat('gpt-oss:20b', 'hi', { think }))).filter(
        (line) => messageOf(line).thinking,
      ).length;
    expect(await count(false)).toBe(0);
    expect(await count('low')).toBeLessThan(await count('high'));
  });

  test('is refused by name where the model cannot, and a wish for none is not', async () => {
    const { json, ask } = play({ kind: 'ollama', models });
    expect(await json('/api/chat', chat('llama3.2:3b', 'hi', { think: true }))).toEqual({
      error: '"llama3.2:3b" does not support thinking',
    });
    expect((await ask('/api/chat', chat('llama3.2:3b', 'hi', { think: false }))).status).toBe(200);
    expect(await json('/api/chat', chat('qwen3:8b', 'hi', { think: 'hard' }))).toEqual({
      error: 'invalid think value: "hard" (must be "high", "medium", "low", "max", true, or false)',
    });
    const old = play({ kind: 'ollama', engine: 'old', models });
    expect((await old.ask('/api/chat', chat('qwen3:8b', 'hi', { think: 'max' }))).status).toBe(400);
  });
});

describe('tool calls', () => {
  const asks = (content: string, more: JsonObject = {}): JsonObject =>
    chat('llama3.2:3b', content, { tools: [weather, time], ...more });

  test('are made when the last message names a tool, with arguments that fit its schema', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const answer = await lines('/api/chat', asks('please get_weather'));
    expect(messageOf(answer.at(-1)).tool_calls).toEqual([
      {
        id: expect.stringMatching(/^call_[0-9a-z]{8}$/),
        function: { index: 0, name: 'get_weather', arguments: { city: expect.any(String) } },
      },
    ]);
  });

  test('stand on the last line of the newer engine, whose reason is still stop', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const answer = await lines('/api/chat', asks('use a tool'));
    expect(answer).toHaveLength(1);
    expect(answer[0]).toMatchObject({ done: true, done_reason: 'stop' });
  });

  test('stand on a line before the last with the older engine and with models whose calls the engine reads', async () => {
    for (const [engine, model] of [
      ['old', 'llama3.2:3b'],
      ['new', 'gpt-oss:20b'],
    ] as const) {
      const { lines } = play({ kind: 'ollama', engine, models });
      const answer = await lines('/api/chat', asks('use a tool', { model, think: false }));
      expect(messageOf(answer.at(-2)).tool_calls).toHaveLength(1);
      expect(answer.at(-2)?.done).toBe(false);
      expect(messageOf(answer.at(-1))).not.toHaveProperty('tool_calls');
    }
  });

  test('are several when it is asked for in parallel', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const answer = await lines('/api/chat', asks('call get_weather and get_time in parallel'));
    const calls = messageOf(answer.at(-1)).tool_calls as { function: { name: string; index: number } }[];
    expect(calls.map((call) => [call.function.index, call.function.name])).toEqual([
      [0, 'get_weather'],
      [1, 'get_time'],
    ]);
  });

  test('are not made again once the tool has answered', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const messages = [
      { role: 'user', content: 'use the tool' },
      { role: 'assistant', content: '', tool_calls: [{ function: { name: 'get_weather', arguments: {} } }] },
      { role: 'tool', tool_name: 'get_weather', content: 'rain' },
    ];
    expect(textOf(await lines('/api/chat', asks('', { messages })))).toStartWith('Simulated');
  });

  test('are refused with the full name of a model without them', async () => {
    const { ask } = play({ kind: 'ollama', models });
    const answer = await ask('/api/chat', chat('gemma3:4b', 'hi', { tools: [weather] }));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({
      error: 'registry.ollama.ai/library/gemma3:4b does not support tools',
    });
  });
});

describe('structured output', () => {
  test('is JSON that satisfies the schema', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const format = {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 18, maximum: 30 } },
      required: ['name', 'age'],
    };
    const value = JSON.parse(textOf(await lines('/api/chat', chat('llama3.2:3b', 'hi', { format }))));
    expect(value).toEqual({ name: expect.any(String), age: expect.any(Number) });
    expect(value.age).toBeGreaterThanOrEqual(18);
    expect(value.age).toBeLessThanOrEqual(30);
  });

  test('of any form is an object, and another word for it is an error of the engine', async () => {
    const { lines, ask } = play({ kind: 'ollama', models });
    expect(
      JSON.parse(textOf(await lines('/api/chat', chat('llama3.2:3b', 'hi', { format: 'json' })))),
    ).toBeObject();
    const refused = await ask('/api/chat', chat('llama3.2:3b', 'hi', { format: 'yaml' }));
    expect(refused.status).toBe(500);
    expect(JSON.parse(refused.text)).toEqual({
      error: 'invalid format: "\\"yaml\\""; expected "json" or a valid JSON Schema object',
    });
  });
});

describe('pictures', () => {
  const images = (model: string): JsonObject => ({
    model,
    messages: [{ role: 'user', content: 'what is this', images: ['aGk='] }],
  });

  test('cost tokens in a model with eyes', async () => {
    const { lines } = play({ kind: 'ollama', models });
    const done = (await lines('/api/chat', images('gemma3:4b'))).at(-1);
    expect(done?.prompt_eval_count).toBe(259);
  });

  test('are an error within an error in the newer engine and ignored by the older', async () => {
    const refused = await play({ kind: 'ollama', models }).ask('/api/chat', images('llama3.2:3b'));
    expect(refused.status).toBe(500);
    const { error } = JSON.parse(refused.text) as { error: string };
    expect(JSON.parse(error)).toMatchObject({ error: { code: 500, type: 'server_error' } });
    expect(
      (await play({ kind: 'ollama', engine: 'old', models }).ask('/api/chat', images('llama3.2:3b'))).status,
    ).toBe(200);
  });
});

describe('a conversation longer than the context', () => {
  const messages = [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: 'old '.repeat(90) },
    { role: 'user', content: 'new '.repeat(20) },
  ];
  const body = { model: 'llama3.2:3b', messages, options: { num_ctx: 64 } };

  test('loses its oldest turns in silence', async () => {
    const { lines } = play({ kind: 'ollama', models });
    expect((await lines('/api/chat', body)).at(-1)?.prompt_eval_count).toBe(22);
  });

  test('is refused in words of the engine when it must not be cut', async () => {
    const strict = { ...body, truncate: false, shift: false };
    const refused = await play({ kind: 'ollama', models }).ask('/api/chat', strict);
    expect(refused.status).toBe(400);
    const { error } = JSON.parse(refused.text) as { error: string };
    expect(JSON.parse(error)).toEqual({
      error: {
        code: 400,
        message: 'request (112 tokens) exceeds the available context size (64 tokens), try increasing it',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 112,
        n_ctx: 64,
      },
    });
    expect(await play({ kind: 'ollama', engine: 'old', models }).json('/api/chat', strict)).toEqual({
      error: 'the input length exceeds the context length',
    });
  });
});

describe('what Ollama refuses', () => {
  const cases: readonly (readonly [string, string, JsonObject, number, string])[] = [
    ['a chat without a model', '/api/chat', { messages: [] }, 400, 'model is required'],
    ['a completion without a model', '/api/generate', { prompt: 'hi' }, 404, "model '' not found"],
    ['an unknown model', '/api/chat', chat('nope', 'hi'), 404, "model 'nope' not found"],
    [
      'an unknown model to embed with',
      '/api/embed',
      { model: 'nope', input: 'a' },
      404,
      'model "nope" not found, try pulling it first',
    ],
    [
      'a chat with an embedding model',
      '/api/chat',
      chat('nomic-embed-text', 'hi'),
      400,
      '"nomic-embed-text" does not support chat',
    ],
    [
      'a stay without unit',
      '/api/chat',
      chat('llama3.2:3b', 'hi', { keep_alive: '-1' }),
      400,
      'time: missing unit in duration "-1"',
    ],
    [
      'a stay of truth',
      '/api/chat',
      chat('llama3.2:3b', 'hi', { keep_alive: true }),
      400,
      "Unsupported type: 'bool'",
    ],
    [
      'an option of the wrong type',
      '/api/chat',
      chat('llama3.2:3b', 'hi', { options: { num_ctx: 'big' } }),
      500,
      'option "num_ctx" must be of type integer',
    ],
    [
      'too many alternatives',
      '/api/chat',
      chat('llama3.2:3b', 'hi', { top_logprobs: 21 }),
      400,
      'top_logprobs must be between 0 and 20',
    ],
    [
      'content in parts',
      '/api/chat',
      { model: 'llama3.2:3b', messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      400,
      'json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string',
    ],
    [
      'a stream that is no truth',
      '/api/generate',
      { model: 'llama3.2:3b', prompt: 'hi', stream: 'yes' },
      400,
      'json: cannot unmarshal string into Go struct field GenerateRequest.stream of type bool',
    ],
    [
      'a suffix without infill',
      '/api/generate',
      { model: 'llama3.2:3b', prompt: 'a', suffix: 'b' },
      400,
      'registry.ollama.ai/library/llama3.2:3b does not support insert',
    ],
    [
      'an embedding of a number',
      '/api/embed',
      { model: 'nomic-embed-text', input: 7 },
      400,
      'invalid input type',
    ],
  ];

  for (const [name, path, body, status, error] of cases) {
    test(name, async () => {
      const answer = await play({ kind: 'ollama', models }).ask(path, body);
      expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { error }]);
    });
  }

  test('no body, and a body that is not JSON', async () => {
    const { host } = play({ kind: 'ollama', models });
    const post = (body: string) => host.fetch(new Request('http://host/api/chat', { method: 'POST', body }));
    expect(await (await post('')).json()).toEqual({ error: 'missing request body' });
    expect((await post('{')).status).toBe(400);
  });

  test('a page from elsewhere, with nothing but a status', async () => {
    const { host } = play({ kind: 'ollama', models });
    const from = (origin: string) => host.fetch(new Request('http://host/api/tags', { headers: { origin } }));
    const refused = await from('https://example.com');
    expect([refused.status, await refused.text()]).toEqual([403, '']);
    expect((await from('http://localhost:3000')).status).toBe(200);
  });

  test('a path it does not have, and a method it does not have there', async () => {
    const { ask, host } = play({ kind: 'ollama', models });
    expect(await ask('/nothing')).toMatchObject({ status: 404, text: '404 page not found' });
    const wrong = await host.fetch(new Request('http://host/api/chat'));
    expect([wrong.status, await wrong.text()]).toEqual([405, '405 method not allowed']);
  });
});
