import { describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/spec/json.ts';
import { chat, type Play, parseEvents, play } from './play.ts';

const box = (preset: 'llama.cpp' | 'vllm' | 'lm-studio', models: readonly string[]): Play =>
  play({ kind: 'openai-compatible', preset, models, name: 'box' });

const path = '/v1/chat/completions';

const choice = (event: JsonObject | undefined): JsonObject =>
  ((event?.choices as JsonObject[] | undefined)?.[0] ?? {}) as JsonObject;

const delta = (event: JsonObject | undefined): JsonObject => (choice(event).delta ?? {}) as JsonObject;

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string', minLength: 40 } } },
  },
};

describe('an OpenAI stream', () => {
  test('names the role first, gives its reason without content, and ends with a mark', async () => {
    const answer = await box('llama.cpp', ['llama3.2:3b']).ask(
      path,
      chat('any', 'hi in 6 words', { stream: true }),
    );
    const events = parseEvents(answer.text);
    expect(answer.contentType).toBe('text/event-stream');
    expect(delta(events[0])).toEqual({ role: 'assistant', content: null });
    expect(
      events
        .slice(1, -1)
        .map((event) => delta(event).content)
        .join(''),
    ).toStartWith('Simulated llama3.2:3b on box:');
    expect(choice(events.at(-1))).toEqual({ index: 0, delta: {}, finish_reason: 'stop' });
    expect(answer.text).toEndWith('data: [DONE]\n\n');
    expect(new Set(events.map((event) => event.id)).size).toBe(1);
  });

  test('has a usage chunk without choices only when it was asked for', async () => {
    const host = box('llama.cpp', ['llama3.2:3b']);
    const body = chat('any', 'hi in 6 words', { stream: true });
    const plain = parseEvents((await host.ask(path, body)).text);
    const asked = parseEvents(
      (await host.ask(path, { ...body, stream_options: { include_usage: true } })).text,
    );
    expect(plain.some((event) => event.usage !== undefined)).toBe(false);
    expect(asked.at(-1)).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 4,
        completion_tokens: 6,
        total_tokens: 10,
        prompt_tokens_details: { cached_tokens: 3 },
      },
    });
  });

  test('of llama.cpp has timings in its last chunk, with what was remembered', async () => {
    const host = box('llama.cpp', ['llama3.2:3b']);
    const body = chat('any', 'a b c d e f g h in 6 words', { stream: true });
    await host.ask(path, body);
    const last = parseEvents((await host.ask(path, body)).text).at(-1);
    expect(last?.timings).toMatchObject({
      cache_n: 10,
      prompt_n: 1,
      prompt_ms: 10,
      predicted_n: 6,
      predicted_ms: 600,
    });
  });

  test('gives reasoning in a field of its own, and none when the template says so', async () => {
    const host = box('llama.cpp', ['qwen3:8b']);
    const thinks = parseEvents((await host.ask(path, chat('any', 'hi', { stream: true }))).text);
    expect(delta(thinks[1])).toEqual({ reasoning_content: 'Let' });
    for (const off of [{ reasoning_effort: 'none' }, { chat_template_kwargs: { enable_thinking: false } }]) {
      const events = parseEvents((await host.ask(path, chat('any', 'hi', { stream: true, ...off }))).text);
      expect(events.some((event) => delta(event).reasoning_content !== undefined)).toBe(false);
    }
  });

  test('gives a tool call by its name first and its arguments in fragments', async () => {
    const body = chat('any', 'use the tool', { stream: true, tools: [weather] });
    const events = parseEvents((await box('llama.cpp', ['llama3.2:3b']).ask(path, body)).text);
    const calls = events.flatMap((event) => (delta(event).tool_calls ?? []) as JsonObject[]);
    expect(calls[0]).toMatchObject({
      index: 0,
      type: 'function',
      function: { name: 'get_weather', arguments: '' },
    });
    const fragments = calls.slice(1).map((call) => (call.function as JsonObject).arguments);
    expect(fragments.length).toBeGreaterThan(2);
    expect(JSON.parse(fragments.join(''))).toEqual({ city: expect.any(String) });
    expect(choice(events.at(-1)).finish_reason).toBe('tool_calls');
  });

  test('is kept awake by comments while the server is silent', async () => {
    const { host, clock, send } = play({
      kind: 'openai-compatible',
      models: ['a=1GiB'],
      faults: [{ fault: 'hang-between-chunks', after: 2 }],
    });
    const answer = send(path, chat('a', 'hi', { stream: true }));
    await clock.advance(70_000);
    host.kill();
    expect((await answer).text.match(/^:$/gm)).toHaveLength(2);
  });

  test('is kept awake whatever fraction of a millisecond it began at', async () => {
    for (let start = 0; start < 40; start += 1) {
      const { host, clock, send } = play({
        kind: 'openai-compatible',
        models: ['a=1GiB'],
        faults: [{ fault: 'hang-between-chunks', after: 2 }],
      });
      await clock.advance(40_000 + start * Math.PI);
      const answer = send(path, chat('a', 'hi', { stream: true }));
      await clock.advance(70_000);
      host.kill();
      expect((await answer).text.match(/^:$/gm)).toHaveLength(2);
    }
  });

  test('of a completion has text and no role', async () => {
    const host = box('llama.cpp', ['llama3.2:3b']);
    const answer = await host.ask('/v1/completions', { model: 'any', prompt: 'hi in 6 words', stream: true });
    const events = parseEvents(answer.text);
    expect(events[0]).toMatchObject({
      object: 'text_completion',
      choices: [{ index: 0, text: 'Simulated' }],
    });
  });
});

describe('a whole OpenAI answer', () => {
  test('has a message and its usage', async () => {
    const body = await box('llama.cpp', ['llama3.2:3b']).json(path, chat('any', 'hi in 6 words'));
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'any',
      choices: [{ index: 0, message: { role: 'assistant' }, finish_reason: 'stop', logprobs: null }],
      usage: { completion_tokens: 6 },
    });
  });

  test('calls the tool it is told to call, or none', async () => {
    const host = box('llama.cpp', ['llama3.2:3b']);
    const tools = { tools: [weather] };
    const told = { type: 'function', function: { name: 'get_weather' } };
    const called = await host.json(path, chat('any', 'hi', { ...tools, tool_choice: told }));
    expect(choice(called)).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ type: 'function', function: { name: 'get_weather' } }] },
    });
    const not = await host.json(path, chat('any', 'use the tool', { ...tools, tool_choice: 'none' }));
    expect(choice(not).finish_reason).toBe('stop');
  });

  test('obeys a schema and gives probabilities', async () => {
    const response_format = {
      type: 'json_schema',
      json_schema: { name: 'x', schema: { type: 'array', items: { type: 'boolean' } } },
    };
    const body = await box('llama.cpp', ['llama3.2:3b']).json(
      path,
      chat('any', 'hi', { response_format, logprobs: true }),
    );
    const message = choice(body).message as JsonObject;
    const values = JSON.parse(String(message.content)) as unknown[];
    expect(values.every((value) => typeof value === 'boolean')).toBe(true);
    expect((choice(body).logprobs as JsonObject).content).toBeArray();
  });

  test('ends at its token limit', async () => {
    for (const limit of [{ max_tokens: 3 }, { max_completion_tokens: 3 }]) {
      const body = await box('llama.cpp', ['llama3.2:3b']).json(path, chat('any', 'hi', limit));
      expect(choice(body).finish_reason).toBe('length');
      expect(body.usage).toMatchObject({ completion_tokens: 3 });
    }
  });
});

describe('what the servers refuse', () => {
  const long = chat('a', 'word '.repeat(5000));

  test('a prompt beyond the context, each in its own words', async () => {
    const llama = await box('llama.cpp', ['a=1GiB']).ask(path, long);
    expect([llama.status, JSON.parse(llama.text)]).toEqual([
      400,
      {
        error: {
          code: 400,
          message:
            'request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it',
          type: 'exceed_context_size_error',
          n_prompt_tokens: 5000,
          n_ctx: 4096,
        },
      },
    ]);
    expect(await box('vllm', ['a=1GiB']).json(path, long)).toEqual({
      error: {
        message:
          "This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens. Please reduce the length of the input messages.",
        type: 'BadRequestError',
        param: 'input_tokens',
        code: 400,
      },
    });
  });

  test('more tokens than the context has left, by vLLM', async () => {
    expect(await box('vllm', ['a=1GiB']).json(path, chat('a', 'hi', { max_tokens: 5000 }))).toMatchObject({
      error: { param: 'max_tokens', message: expect.stringContaining('(5000 > 4096 - 1)') },
    });
  });

  test('an unknown model, except by llama.cpp, which has one and does not look', async () => {
    expect((await box('llama.cpp', ['a=1GiB']).ask(path, chat('b', 'hi'))).status).toBe(200);
    expect(await box('vllm', ['a=1GiB']).json(path, chat('b', 'hi'))).toEqual({
      error: { message: 'The model `b` does not exist.', type: 'NotFoundError', param: 'model', code: 404 },
    });
    expect((await box('lm-studio', ['a=1GiB']).ask(path, chat('b', 'hi'))).status).toBe(404);
  });

  test('pictures for a model without eyes, and not for one with them', async () => {
    const parts = [
      { type: 'text', text: 'what' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
    ];
    const body = { messages: [{ role: 'user', content: parts }] };
    const blind = await box('llama.cpp', ['llama3.2:3b']).ask(path, { model: 'any', ...body });
    expect(blind.status).toBe(500);
    expect(blind.text).toContain('image input is not supported');
    expect(await box('llama.cpp', ['gemma3:4b']).json(path, { model: 'any', ...body })).toMatchObject({
      usage: { prompt_tokens: 257 },
    });
  });

  test('an empty list of messages', async () => {
    expect((await box('llama.cpp', ['a=1GiB']).ask(path, { model: 'a', messages: [] })).status).toBe(400);
  });
});

describe('embeddings', () => {
  const vectors = async (body: JsonObject): Promise<readonly JsonObject[]> =>
    (await box('llama.cpp', ['nomic-embed-text']).json('/v1/embeddings', { model: 'any', ...body }))
      .data as JsonObject[];

  test('come as floats or packed, with the same numbers', async () => {
    const [floats] = await vectors({ input: 'hi' });
    const [packed] = await vectors({ input: 'hi', encoding_format: 'base64' });
    const bytes = Buffer.from(String(packed?.embedding), 'base64');
    const numbers = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
    expect(numbers).toEqual(floats?.embedding as number[]);
    expect(numbers).toHaveLength(768);
  });

  test('are one per input, in order, of texts or of tokens', async () => {
    const data = await vectors({ input: ['a', 'b', 'a'] });
    expect(data.map((entry) => entry.index)).toEqual([0, 1, 2]);
    expect(data[0]?.embedding).toEqual(data[2]?.embedding);
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding);
    expect(await vectors({ input: [1, 2, 3] })).toHaveLength(1);
    expect(await vectors({ input: [[1, 2], [3]] })).toHaveLength(2);
  });
});
