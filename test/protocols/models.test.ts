import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../src/protocols/anthropic/index.ts';
import { ollama } from '../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../src/protocols/openai-chat/index.ts';
import type { NamedCard } from '../../src/protocols/protocol.ts';
import type { ModelCard } from '../../src/spec/model-card.ts';

const named = (card: Partial<ModelCard>, simulated = false): NamedCard => ({
  name: 'llama3.2:latest',
  card: { name: 'upstream', ...card },
  simulated,
});

const details = {
  parent_model: '',
  format: 'gguf',
  family: 'gemma3',
  families: ['gemma3'],
  parameter_size: '4.3B',
  quantization_level: 'Q4_K_M',
  context_length: 131072,
  embedding_length: 2560,
};
const tag = {
  name: 'gemma3:latest',
  model: 'gemma3:latest',
  modified_at: '2026-05-04T14:56:49.277302595-07:00',
  size: 3338801804,
  digest: 'a2af6c',
  details,
  capabilities: ['completion', 'vision', 'image'],
};

describe('the listings of Ollama', () => {
  test('are read as cards, words nobody knows left out', () => {
    expect(ollama.models.read({ models: [tag, { model: 'older', families: null }, 7, {}] })).toEqual([
      {
        name: 'gemma3:latest',
        digest: 'a2af6c',
        sizeBytes: 3338801804,
        modifiedAt: '2026-05-04T14:56:49.277302595-07:00',
        family: 'gemma3',
        parameterSize: '4.3B',
        quantization: 'Q4_K_M',
        format: 'gguf',
        contextTokens: 131072,
        capabilities: ['completion', 'vision'],
        raw: tag,
      },
      { name: 'older', raw: { model: 'older', families: null } },
    ]);
    expect([{}, null, [], { models: null }].flatMap((body) => ollama.models.read(body))).toEqual([]);
  });

  test('tell what is in memory and how it is split', () => {
    const [card] = ollama.models.read({
      models: [{ ...tag, expires_at: '2026-08-21T16:33:17.838481Z', size_vram: 5, context_length: 4096 }],
    });
    expect(card?.loaded).toEqual({
      sizeBytes: 3338801804,
      sizeVramBytes: 5,
      expiresAt: '2026-08-21T16:33:17.838481Z',
      contextTokens: 4096,
    });
  });

  test('are written with the name that clients ask for, and with every field they parse', () => {
    expect(ollama.models.list([named({ createdUnix: 1_742_816_981 }, true)])).toEqual({
      models: [
        {
          name: 'llama3.2:latest',
          model: 'llama3.2:latest',
          modified_at: '2025-03-24T11:49:41Z',
          size: 0,
          digest: '',
          details: {
            parent_model: '',
            format: '',
            family: '',
            families: null,
            parameter_size: '',
            quantization_level: '',
          },
          simulated: true,
        },
      ],
    });
    expect(ollama.models.list([])).toEqual({ models: [] });
  });

  test('keep the details of an engine of their own', () => {
    const [card] = ollama.models.read({ models: [tag] });
    const { models } = ollama.models.list([named(card ?? {})]);
    expect(models).toEqual([
      { ...tag, name: 'llama3.2:latest', model: 'llama3.2:latest', capabilities: ['completion', 'vision'] },
    ]);
  });

  test('hold no address of another host', () => {
    const [card] = ollama.models.read({ models: [{ ...tag, remote_host: 'https://inside.example:443' }] });
    expect(JSON.stringify(ollama.models.list([named(card ?? {})]))).not.toContain('inside.example');
  });

  test('show one model with its context length under its architecture', () => {
    expect(
      ollama.models.one(
        named({ family: 'llama', contextTokens: 8192, capabilities: ['completion', 'tools'] }),
      ),
    ).toMatchObject({
      details: { family: 'llama' },
      model_info: { 'general.architecture': 'llama', 'llama.context_length': 8192 },
      capabilities: ['completion', 'tools'],
      modified_at: '0001-01-01T00:00:00Z',
    });
    expect(ollama.models.one(named({}, true))).toMatchObject({
      model_info: { 'general.architecture': 'unknown' },
      capabilities: ['completion'],
      simulated: true,
    });
  });

  test('list only what is in memory, with times that every client parses', () => {
    const loaded = (expiresAt?: string) =>
      named({ sizeBytes: 9, loaded: { sizeVramBytes: 5, expiresAt, contextTokens: 4096 } });
    const { models } = ollama.models.loaded([
      named({}),
      loaded('2026-08-21T16:33:17.838481234+02:00'),
      loaded('2026-08-21T16:33:17Z'),
      loaded(),
    ]);
    expect(models).toMatchObject([
      {
        model: 'llama3.2:latest',
        size: 9,
        size_vram: 5,
        context_length: 4096,
        expires_at: '2026-08-21T16:33:17.838481+02:00',
      },
      { expires_at: '2026-08-21T16:33:17Z' },
      { expires_at: '2318-01-01T00:00:00Z' },
    ]);
  });
});

describe('the listings of OpenAI’s dialect', () => {
  const read = (entry: object) =>
    openaiChat.models.read({ object: 'list', data: [{ id: 'm', object: 'model', ...entry }] })[0];

  test('read what Docker Model Runner adds', () => {
    const dmr = {
      context_window: 8192,
      architecture: 'llama',
      parameters: '361.82 M',
      quantization: 'Q4_K_M',
      size: '256.35 MiB',
    };
    expect(read({ created: 1742816981, owned_by: 'docker', dmr })).toMatchObject({
      createdUnix: 1742816981,
      ownedBy: 'docker',
      contextTokens: 8192,
      family: 'llama',
      parameterSize: '361.82 M',
      quantization: 'Q4_K_M',
    });
  });

  test('read what vLLM, llama.cpp, LM Studio and a peer add', () => {
    expect(read({ max_model_len: 32768 })).toMatchObject({ contextTokens: 32768 });
    expect(read({ meta: { n_ctx_train: 4096, size: 123 } })).toMatchObject({
      contextTokens: 4096,
      sizeBytes: 123,
    });
    expect(
      read({ type: 'vlm', state: 'loaded', max_context_length: 99, publisher: 'p', arch: 'qwen2' }),
    ).toMatchObject({
      capabilities: ['completion', 'vision'],
      loaded: {},
      contextTokens: 99,
      ownedBy: 'p',
      family: 'qwen2',
    });
    expect(read({ type: 'embeddings', state: 'not-loaded' })).toMatchObject({
      capabilities: ['embedding'],
      loaded: undefined,
    });
    expect(read({ type: 'llm' })?.capabilities).toBeUndefined();
    expect(read({ context_length: 7, capabilities: ['tools', 'flight'] })).toMatchObject({
      contextTokens: 7,
      capabilities: ['tools'],
    });
  });

  test('may be empty in three ways', () => {
    expect(
      [{ data: [] }, { data: null }, {}, null, [7]].flatMap((body) => openaiChat.models.read(body)),
    ).toEqual([]);
  });

  test('are written as model objects', () => {
    expect(
      openaiChat.models.list([
        named(
          { modifiedAt: '2026-05-04T14:56:49-07:00', contextTokens: 8192, capabilities: ['tools'] },
          true,
        ),
      ]),
    ).toEqual({
      object: 'list',
      data: [
        {
          id: 'llama3.2:latest',
          object: 'model',
          created: 1_777_931_809,
          owned_by: 'pointsman',
          context_length: 8192,
          capabilities: ['tools'],
          simulated: true,
        },
      ],
    });
    const entry = { id: 'llama3.2:latest', object: 'model', created: 5, owned_by: 'docker' };
    expect(openaiChat.models.one(named({ createdUnix: 5, ownedBy: 'docker' }))).toEqual(entry);
    expect(
      openaiChat.models.loaded([named({ createdUnix: 5, ownedBy: 'docker', loaded: {} }), named({})]),
    ).toEqual({
      object: 'list',
      data: [entry],
    });
  });
});

describe('the listings of Anthropic’s dialect', () => {
  test('are pages of models with the fields of both that share their path', () => {
    const entry = {
      type: 'model',
      id: 'llama3.2:latest',
      display_name: 'llama3.2:latest',
      created_at: '2026-05-04T21:56:49Z',
      object: 'model',
      created: 1_777_931_809,
      owned_by: 'pointsman',
      max_input_tokens: 8192,
    };
    const card = named({ modifiedAt: '2026-05-04T14:56:49-07:00', contextTokens: 8192 });
    expect(anthropic.models.one(card)).toEqual(entry);
    expect(anthropic.models.list([card])).toEqual({
      data: [entry],
      has_more: false,
      first_id: 'llama3.2:latest',
      last_id: 'llama3.2:latest',
    });
    expect(anthropic.models.list([])).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
    expect(anthropic.models.loaded([card])).toMatchObject({ data: [] });
    expect(anthropic.models.one(named({}, true))).toMatchObject({ simulated: true, max_input_tokens: null });
  });

  test('are read with their dates and contexts', () => {
    const data = [
      { type: 'model', id: 'claude', created_at: '2025-10-15T00:00:00Z', max_input_tokens: 9 },
      { id: '' },
      7,
    ];
    expect(anthropic.models.read({ data })).toMatchObject([
      { name: 'claude', createdUnix: 1_760_486_400, contextTokens: 9 },
    ]);
    expect(anthropic.models.read({})).toEqual([]);
  });
});
