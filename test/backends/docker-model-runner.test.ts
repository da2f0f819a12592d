import { describe, expect, test } from 'bun:test';
import { dockerModelRunner } from '../../src/backends/docker-model-runner.ts';
import { backendContract, base, optionsFor } from '../contracts/backend.ts';
import { fakeEngine } from './fake-fetch.ts';

const live = {
  '/engines/v1/models': {
    json: {
      object: 'list',
      data: [
        {
          id: 'ai/smollm2:latest',
          object: 'model',
          created: 1742816981,
          owned_by: 'docker',
          dmr: {
            context_window: 8192,
            architecture: 'llama',
            parameters: '361.82 M',
            quantization: 'IQ2_XXS/Q4_K_M',
            size: '256.35 MiB',
          },
        },
        { id: 'ai/qwen3:8B-Q4', object: 'model', created: 1742816982, owned_by: 'docker' },
        { id: 'huggingface.co/org/repo:Q4', object: 'model' },
      ],
    },
  },
  '/engines/ps': {
    json: [
      { backend_name: 'llama.cpp', model_name: 'smollm2', mode: 'completion', in_use: true },
      { backend_name: 'llama.cpp', model_name: 'ai/qwen3:8B-Q4', mode: 'completion', loading: true },
    ],
  },
  '/engines/status': { json: { 'llama.cpp': 'Running: llama.cpp latest-cpu', vllm: 'Not Installed' } },
  '/': { text: 'Docker Model Runner is running' },
};

backendContract('docker-model-runner', {
  kind: dockerModelRunner,
  live,
  listings: ['/engines/v1/models'],
  found: {
    models: [
      {
        name: 'ai/smollm2:latest',
        createdUnix: 1742816981,
        ownedBy: 'docker',
        family: 'llama',
        parameterSize: '361.82 M',
        quantization: 'IQ2_XXS/Q4_K_M',
        sizeBytes: 268802458,
        contextTokens: 8192,
        loaded: {},
      },
      { name: 'ai/qwen3:8B-Q4' },
      { name: 'huggingface.co/org/repo:Q4' },
    ],
  },
  alive: [{ '/': { text: 'Docker Model Runner is running' } }],
  dead: [],
  urls: [
    [base, 'openai-chat', '/v1/chat/completions', `${base}/engines/v1/chat/completions`],
    [`${base}/`, 'openai-chat', '/v1/models', `${base}/engines/v1/models`],
    [`${base}/v1`, 'openai-chat', '/v1/models', `${base}/engines/v1/models`],
    [`${base}/engines`, 'openai-chat', '/v1/models', `${base}/engines/v1/models`],
    [`${base}/engines/v1/`, 'openai-chat', '/v1/models', `${base}/engines/v1/models`],
    [`${base}/engines/llama.cpp/v1`, 'openai-chat', '/v1/models', `${base}/engines/llama.cpp/v1/models`],
    [`${base}/exp/vDD4.40`, 'openai-chat', '/v1/models', `${base}/exp/vDD4.40/engines/v1/models`],
  ],
  names: [
    ['ai/smollm2:latest', ['ai/smollm2:latest', 'ai/smollm2', 'smollm2:latest', 'smollm2']],
    ['ai/qwen3:8B-Q4', ['ai/qwen3:8b-q4', 'qwen3:8b-q4']],
    [
      'docker.io/ai/gemma3:latest',
      [
        'docker.io/ai/gemma3:latest',
        'docker.io/ai/gemma3',
        'ai/gemma3:latest',
        'ai/gemma3',
        'gemma3:latest',
        'gemma3',
      ],
    ],
    ['huggingface.co/org/Repo:Q4', ['huggingface.co/org/repo:q4', 'hf.co/org/repo:q4']],
    ['sha256:0123', ['sha256:0123']],
  ],
});

describe('docker-model-runner', () => {
  const backend = dockerModelRunner.create(optionsFor(dockerModelRunner));
  const never = new AbortController().signal;

  test('a runner that still loads is not loaded, and without /engines/ps nothing is known', async () => {
    const { models } = await backend.probe(fakeEngine(base, live).fetch, never);
    expect(models.map(({ loaded }) => loaded)).toEqual([{}, undefined, undefined]);
    const blind = await backend.probe(fakeEngine(base, { ...live, '/engines/ps': 'refuse' }).fetch, never);
    expect(blind.models.map(({ loaded }) => loaded)).toEqual([undefined, undefined, undefined]);
  });

  test('it is never spoken to in Ollama’s dialect', () => {
    expect(backend.speaks).toEqual([{ protocol: 'openai-chat', prefix: '/engines' }]);
  });
});
