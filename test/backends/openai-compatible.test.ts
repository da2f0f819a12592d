import { describe, expect, test } from 'bun:test';
import { openaiCompatible } from '../../src/backends/openai-compatible.ts';
import { type BackendCase, backendContract, base, optionsFor } from '../contracts/backend.ts';
import { type FakeReply, fakeEngine } from './fake-fetch.ts';

const never = new AbortController().signal;

const urls: BackendCase['urls'] = [
  [base, 'openai-chat', '/v1/chat/completions', `${base}/v1/chat/completions`],
  [`${base}/v1`, 'openai-chat', '/v1/chat/completions', `${base}/v1/chat/completions`],
  [`${base}/v1/`, 'openai-chat', '/v1/models', `${base}/v1/models`],
  [`${base}/base/path/v1//`, 'openai-chat', '/v1/models', `${base}/base/path/v1/models`],
];

const names: BackendCase['names'] = [
  ['gpt-4o', ['gpt-4o', 'gpt-4o:latest']],
  ['/models/Foo-Q4.gguf', ['/models/foo-q4.gguf', '/models/foo-q4.gguf:latest', 'foo-q4', 'foo-q4:latest']],
  [
    '/models/big-00001-of-00003.gguf',
    ['/models/big-00001-of-00003.gguf', '/models/big-00001-of-00003.gguf:latest', 'big', 'big:latest'],
  ],
  ['C:\\models\\foo.gguf', ['c:\\models\\foo.gguf', 'foo', 'foo:latest']],
  ['Org/Model', ['org/model', 'org/model:latest']],
];

const list = (...data: readonly object[]): FakeReply => ({ json: { object: 'list', data } });
const loading: FakeReply = {
  status: 503,
  json: { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } },
};

backendContract('openai-compatible', {
  kind: openaiCompatible,
  live: { '/v1/models': list({ id: 'gpt-4o', created: 1, owned_by: 'me' }, { id: '' }, { nothing: 1 }) },
  listings: ['/v1/models'],
  found: { slots: 8, models: [{ name: 'gpt-4o', createdUnix: 1, ownedBy: 'me' }] },
  alive: [{ '/v1/models': { status: 401, json: { error: 'Unauthorized' } } }],
  dead: [{ '/v1/models': { status: 403, text: '' } }],
  urls,
  names,
});

backendContract('llama.cpp', {
  kind: openaiCompatible,
  preset: 'llama.cpp',
  live: {
    '/v1/models': list({
      id: '/models/foo.gguf',
      owned_by: 'llamacpp',
      meta: { n_ctx_train: 131072, size: 42 },
    }),
    '/props': {
      json: { total_slots: 3, default_generation_settings: { n_ctx: 8192 }, build_info: 'b10488-abc' },
    },
    '/health': { json: { status: 'ok' } },
  },
  listings: ['/v1/models'],
  found: {
    version: 'b10488-abc',
    slots: 3,
    models: [
      { name: '/models/foo.gguf', contextTokens: 8192, sizeBytes: 42, loaded: { contextTokens: 8192 } },
    ],
  },
  alive: [{ '/health': loading }],
  dead: [{ '/health': { status: 503, text: 'no' } }],
  urls,
  names,
});

backendContract('vllm', {
  kind: openaiCompatible,
  preset: 'vllm',
  live: {
    '/v1/models': list({ id: 'org/model', owned_by: 'vllm', max_model_len: 32768 }),
    '/version': { json: { version: '0.11.0' } },
    '/health': { text: '' },
  },
  listings: ['/v1/models'],
  found: {
    version: '0.11.0',
    slots: 64,
    models: [{ name: 'org/model', contextTokens: 32768, loaded: { contextTokens: 32768 } }],
  },
  dead: [{ '/health': { status: 503, text: '' } }],
  urls,
  names,
});

const studio = {
  id: 'qwen',
  type: 'llm',
  publisher: 'org',
  arch: 'qwen2',
  compatibility_type: 'gguf',
  quantization: 'Q4_K_M',
  state: 'loaded',
  max_context_length: 32768,
  loaded_context_length: 4096,
};

backendContract('lm-studio', {
  kind: openaiCompatible,
  preset: 'lm-studio',
  live: {
    '/api/v0/models': list(studio, { id: 'nomic', type: 'embeddings', state: 'not-loaded' }),
    '/v1/models': list({ id: 'qwen' }, { id: 'nomic' }),
  },
  listings: ['/api/v0/models', '/v1/models'],
  found: {
    slots: 4,
    models: [
      {
        name: 'qwen',
        family: 'qwen2',
        format: 'gguf',
        quantization: 'Q4_K_M',
        contextTokens: 32768,
        loaded: { contextTokens: 4096 },
      },
      { name: 'nomic', capabilities: ['embedding'] },
    ],
  },
  alive: [{ '/v1/models': { status: 401, text: '' } }],
  dead: [{ '/v1/models': { json: { error: 'Unexpected endpoint or method. Returning 200 anyway' } } }],
  urls,
  names,
});

const probe = (preset: string, replies: Readonly<Record<string, FakeReply>>) =>
  openaiCompatible
    .create(optionsFor(openaiCompatible, { preset }))
    .probe(fakeEngine(base, replies).fetch, never);

describe('openai-compatible presets', () => {
  test('an llama.cpp that loads its model is alive and has none yet', async () => {
    expect(await probe('llama.cpp', { '*': loading })).toMatchObject({ models: [], slots: 4 });
  });

  test('an llama.cpp without /props keeps the defaults and its training context', async () => {
    const found = await probe('llama.cpp', { '/v1/models': list({ id: 'm', meta: { n_ctx_train: 2048 } }) });
    expect(found).toMatchObject({ slots: 4, models: [{ name: 'm', contextTokens: 2048 }] });
  });

  test('an llama.cpp router says itself which of its models are loaded', async () => {
    const { models } = await probe('llama.cpp', {
      '/v1/models': list(
        { id: 'a', status: { value: 'loaded' } },
        { id: 'b', status: { value: 'unloaded' } },
        { id: 'c', status: { value: 'loading' } },
      ),
      '/props': { json: { total_slots: 1, default_generation_settings: { n_ctx: 512 } } },
    });
    expect(models.map(({ loaded }) => loaded !== undefined)).toEqual([true, false, false]);
    expect(models[0]?.contextTokens).toBeUndefined();
  });

  test('an LM Studio that answers 200 to the unknown path is listed from the plain one', async () => {
    const found = await probe('lm-studio', {
      '/api/v0/models': { json: { error: 'Unexpected endpoint or method. (GET /api/v0/models)' } },
      '/v1/models': list({ id: 'qwen' }),
    });
    expect(found).toMatchObject({ slots: 4, models: [{ name: 'qwen' }] });
    expect(found.models[0]?.loaded).toBeUndefined();
  });

  test('a listing that calls itself simulated is', async () => {
    const said = { json: { object: 'list', data: [], simulated: true } };
    for (const preset of openaiCompatible.presets ?? []) {
      expect((await probe(preset, { '*': said })).simulated).toBe(true);
    }
  });
});
