import { describe, expect, test } from 'bun:test';
import { ollama } from '../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../src/protocols/openai-chat/index.ts';
import { packVector } from '../../src/protocols/vector.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import { refused } from './refused.ts';

const vectors = [
  [1, -2],
  [0.5, 0.25],
];

describe('embeddings asked in OpenAI’s dialect', () => {
  test('are asked of Ollama as normalised ones, with what is lost named', () => {
    const request = openaiChat.embed.parse(
      { model: 'm', input: 'a', dimensions: 8, user: 'u' },
      '/v1/embeddings',
    );
    expect(ollama.embed.render(request)).toEqual({
      path: '/api/embed',
      body: { model: 'm', input: ['a'], dimensions: 8 },
      dropped: ['user'],
    });
  });

  test.each(['base64', 'BASE64'])(
    'come packed where %s is asked for, whatever the engine sends',
    (encoding) => {
      const request = openaiChat.embed.parse(
        { model: 'm', input: ['a', 'b'], encoding_format: encoding },
        '/v1/embeddings',
      );
      const result = ollama.embed.decode({
        model: 'm',
        embeddings: vectors,
        prompt_eval_count: 5,
        total_duration: 9,
      });
      expect(openaiChat.embed.encode(result, request)).toEqual({
        object: 'list',
        data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: packVector(vector) })),
        model: 'm',
        usage: { prompt_tokens: 5, total_tokens: 5 },
      });
    },
  );

  test('come as numbers where nothing or float is asked for', () => {
    for (const more of [{}, { encoding_format: 'float' }, { encoding_format: null }]) {
      const request = openaiChat.embed.parse({ model: 'm', input: 'a', ...more }, '/v1/embeddings');
      const { data } = openaiChat.embed.encode({ vectors: [[1, 2]], usage: {} }, request);
      expect(data).toEqual([{ object: 'embedding', index: 0, embedding: [1, 2] }]);
    }
  });

  test('cannot be tokens for Ollama', () => {
    for (const input of [
      [1, 2, 3],
      [[1], [2, 3]],
    ]) {
      const request = openaiChat.embed.parse({ model: 'm', input }, '/v1/embeddings');
      expect(refused(() => ollama.embed.render(request))).toMatchObject({
        code: 'unprocessable',
        param: 'input',
      });
    }
  });
});

describe('embeddings asked in Ollama’s dialect', () => {
  test('are asked of OpenAI as numbers, with what is lost named', () => {
    const body = {
      model: 'm',
      input: ['a', 'b'],
      truncate: false,
      keep_alive: '5m',
      dimensions: 8,
      options: { num_ctx: 1 },
    };
    expect(openaiChat.embed.render(ollama.embed.parse(body, '/api/embed'))).toEqual({
      path: '/v1/embeddings',
      body: { model: 'm', input: ['a', 'b'], dimensions: 8, encoding_format: 'float' },
      dropped: ['options.num_ctx', 'keep_alive', 'truncate'],
    });
  });

  test('come in order, from packed or plain entries', () => {
    const result = openaiChat.embed.decode({
      model: 'x',
      data: [
        { index: 1, embedding: packVector([0.5, 0.25]) },
        { index: 0, embedding: [1, -2] },
      ],
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
    const request = ollama.embed.parse({ model: 'm', input: ['a', 'b'] }, '/api/embed');
    expect(ollama.embed.encode(result, request)).toEqual({
      model: 'm',
      embeddings: vectors,
      load_duration: 0,
      prompt_eval_count: 5,
    });
  });

  test('on the older path are one bare vector', () => {
    const request = ollama.embed.parse({ model: 'm', prompt: 'a', keep_alive: null }, '/api/embeddings');
    expect(request).toMatchObject({ legacy: true, input: ['a'], encoding: 'float' });
    expect(ollama.embed.render(request)).toMatchObject({
      path: '/api/embeddings',
      body: { model: 'm', prompt: 'a' },
    });
    expect(openaiChat.embed.render(request).body).toMatchObject({ input: ['a'] });
    expect(ollama.embed.encode({ vectors, usage: {} }, request)).toEqual({ embedding: [1, -2] });
    expect(ollama.embed.encode(ollama.embed.decode({ embedding: [] }), request)).toEqual({ embedding: [] });
  });

  test('of nothing are nothing', () => {
    const request = ollama.embed.parse({ model: 'm', input: '' }, '/api/embed');
    expect(request.input).toEqual([]);
    expect(ollama.embed.encode({ vectors: [], usage: {} }, request)).toEqual({
      model: 'm',
      embeddings: [],
      load_duration: 0,
      prompt_eval_count: 0,
    });
  });

  test('keep durations as whole nanoseconds', () => {
    const body = {
      model: 'm',
      embeddings: [[1]],
      total_duration: 14143917,
      load_duration: 1019500,
      prompt_eval_count: 8,
    };
    const request = ollama.embed.parse({ model: 'm', input: 'a' }, '/api/embed');
    expect(ollama.embed.encode(ollama.embed.decode(body), request)).toEqual(body);
  });
});

describe('an answer without embeddings', () => {
  const answers: [string, JsonObject][] = [
    ['nothing', {}],
    ['null', { data: null, embeddings: null }],
    ['text that is not packed', { embeddings: ['x!'], data: [{ embedding: 'x!' }] }],
    ['entries without a vector', { embeddings: [null], data: [{}] }],
    ['numbers as text', { embeddings: [['1']], data: [{ embedding: ['1'] }] }],
  ];

  test.each(answers)('such as %s is an error of the engine', (_name, body) => {
    expect(refused(() => ollama.embed.decode(body))?.code).toBe('upstream_error');
    expect(refused(() => openaiChat.embed.decode(body))?.code).toBe('upstream_error');
  });
});
