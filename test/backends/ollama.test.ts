import { describe, expect, test } from 'bun:test';
import { ollama } from '../../src/backends/ollama.ts';
import { backendContract, base, optionsFor } from '../contracts/backend.ts';
import { fakeEngine } from './fake-fetch.ts';

const details = {
  format: 'gguf',
  family: 'gemma3',
  families: null,
  parameter_size: '4.3B',
  quantization_level: 'Q4_K_M',
};

const live = {
  '/api/version': { json: { version: '0.33.0' } },
  '/api/tags': {
    json: {
      models: [
        {
          name: 'gemma3:latest',
          model: 'gemma3:latest',
          modified_at: '2026-05-04T14:56:49-07:00',
          size: 3338801804,
          digest: 'a2af6c',
          details: { ...details, context_length: 131072 },
          capabilities: ['completion', 'vision', 'image'],
        },
        { name: 'copy:latest', digest: 'a2af6c', size: 3338801804, details },
        { name: 'old:7b', digest: 'b1', details },
        { digest: 'nameless' },
      ],
    },
  },
  '/api/ps': {
    json: {
      models: [
        {
          name: 'gemma3:latest',
          digest: 'a2af6c',
          size: 6591830464,
          size_vram: 5333539264,
          expires_at: '2026-08-21T16:33:17Z',
          context_length: 4096,
        },
      ],
    },
  },
};

const loaded = {
  sizeBytes: 6591830464,
  sizeVramBytes: 5333539264,
  expiresAt: '2026-08-21T16:33:17Z',
  contextTokens: 4096,
};

backendContract('ollama', {
  kind: ollama,
  live,
  listings: ['/api/tags'],
  found: {
    version: '0.33.0',
    models: [
      {
        name: 'gemma3:latest',
        digest: 'a2af6c',
        sizeBytes: 3338801804,
        modifiedAt: '2026-05-04T14:56:49-07:00',
        family: 'gemma3',
        parameterSize: '4.3B',
        quantization: 'Q4_K_M',
        format: 'gguf',
        contextTokens: 131072,
        capabilities: ['completion', 'vision'],
        loaded,
      },
      // The same file under another name is the same runner, which is listed once.
      { name: 'copy:latest', loaded },
      { name: 'old:7b' },
    ],
  },
  dead: [
    { '/api/version': { json: { error: 'Unexpected endpoint or method.' } } },
    { '/api/version': { text: 'Ollama is running' } },
  ],
  urls: [
    [base, 'ollama', '/api/chat', `${base}/api/chat`],
    [`${base}/`, 'ollama', '/api/chat', `${base}/api/chat`],
    [`${base}/api/`, 'ollama', '/api/chat', `${base}/api/chat`],
    [`${base}/v1`, 'ollama', '/api/chat', `${base}/api/chat`],
    [`${base}/behind/a/proxy//`, 'ollama', '/api/chat', `${base}/behind/a/proxy/api/chat`],
  ],
  names: [
    ['llama3.2:latest', ['llama3.2:latest', 'llama3.2']],
    ['Qwen3:8B', ['qwen3:8b']],
    ['user/model:latest', ['user/model:latest', 'user/model']],
    [
      'registry.ollama.ai/library/gemma:latest',
      [
        'registry.ollama.ai/library/gemma:latest',
        'registry.ollama.ai/library/gemma',
        'gemma:latest',
        'gemma',
      ],
    ],
    ['hf.co/Org/Repo:Q4_K_M', ['hf.co/org/repo:q4_k_m', 'huggingface.co/org/repo:q4_k_m']],
    ['host:5000/ns/model', ['host:5000/ns/model', 'host:5000/ns/model:latest']],
  ],
});

describe('ollama', () => {
  const probe = (replies: Parameters<typeof fakeEngine>[1], signal = new AbortController().signal) =>
    ollama.create(optionsFor(ollama)).probe(fakeEngine(base, replies).fetch, signal);

  test('it is spoken to natively only', () => {
    expect(ollama.create(optionsFor(ollama)).speaks).toEqual([{ protocol: 'ollama', prefix: '' }]);
    expect(ollama.slots).toBe(1);
  });

  test('a failed /api/ps leaves residency unknown and the host up', async () => {
    for (const reply of ['refuse', { status: 500, text: 'x' }, { json: { models: 'no' } }] as const) {
      const { models } = await probe({ ...live, '/api/ps': reply });
      expect(models.map(({ loaded }) => loaded)).toEqual([undefined, undefined, undefined]);
    }
  });

  test('an /api/ps that hangs behind a load until the time is up is not a failure', async () => {
    const controller = new AbortController();
    const probing = probe({ ...live, '/api/ps': 'hang' }, controller.signal);
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect((await probing).models).toHaveLength(3);
  });

  test('old versions without capabilities leave them unknown', async () => {
    const { models } = await probe(live);
    expect(models[2]?.capabilities).toBeUndefined();
    expect(models[2]?.contextTokens).toBeUndefined();
  });

  test('an engine that calls itself simulated is', async () => {
    expect((await probe(live)).simulated).toBeUndefined();
    const said = { json: { version: '0.33.0', simulated: true } };
    expect((await probe({ ...live, '/api/version': said })).simulated).toBe(true);
  });

  test('numbers that no engine can mean read as absent', async () => {
    const odd = { json: { models: [{ name: 'a', size: -1, details: { context_length: 'many' } }] } };
    const [card] = (await probe({ ...live, '/api/tags': odd })).models;
    expect(card?.sizeBytes).toBeUndefined();
    expect(card?.contextTokens).toBeUndefined();
  });
});
