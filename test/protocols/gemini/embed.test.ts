import { describe, expect, test } from 'bun:test';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import type { EmbedRequest } from '../../../src/spec/embedding.ts';
import { asJson } from '../codec.ts';
import { bodyOf, fixtures } from '../fixtures.ts';
import { refused } from '../refused.ts';

const asked = new Map(fixtures('gemini', 'embed').map((fixture) => [fixture.name, bodyOf(fixture)]));

const parsed = (name: string): EmbedRequest => gemini.embed.parse(asked.get(name) ?? {}, '');

const plain: EmbedRequest = {
  model: 'gemini-embedding-001',
  input: ['a', 'b'],
  legacy: false,
  encoding: 'float',
  dimensions: 64,
};

describe('embeddings of Gemini’s', () => {
  test('are read as texts, one for each content', () => {
    expect(parsed('one-content')).toMatchObject({ input: ['Hi\nthere'], dimensions: 64 });
    expect(parsed('requests')).toMatchObject({ input: ['one', 'two'] });
  });

  test('name what another dialect has no word for', () => {
    expect(openaiChat.embed.render(parsed('one-content')).dropped).toEqual(['taskType', 'title']);
    expect(openaiChat.embed.render(parsed('requests')).dropped).toEqual(['task_type']);
  });

  test('are asked for in requests that name the model each', () => {
    const { path, body } = gemini.embed.render(plain);
    expect(path).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents');
    expect(asJson(body)).toEqual({
      requests: ['a', 'b'].map((text) => ({
        model: 'models/gemini-embedding-001',
        content: { parts: [{ text }] },
        outputDimensionality: 64,
      })),
    });
  });

  test('of a renamed model name it in each request', () => {
    const { path, body } = gemini.embed.render({ ...parsed('requests'), model: 'other' });
    expect(path).toBe('/v1beta/models/other:batchEmbedContents');
    expect(body.requests).toMatchObject([
      { model: 'models/other' },
      { model: 'models/other', task_type: 'RETRIEVAL_QUERY' },
    ]);
  });

  test('of tokens are refused', () => {
    expect(refused(() => gemini.embed.render({ ...plain, input: [[1, 2]] }))?.param).toBe('input');
  });

  test('come as one or as many, and are given as they were asked for', () => {
    const one = gemini.embed.decode({
      embedding: { values: [1, 2] },
      usageMetadata: { promptTokenCount: 3 },
    });
    expect(one).toMatchObject({ vectors: [[1, 2]], usage: { inputTokens: 3 } });
    const many = gemini.embed.decode({ embeddings: [{ values: [1] }, { values: [2] }] });
    expect(many.vectors).toEqual([[1], [2]]);
    expect(asJson(gemini.embed.encode(one, parsed('one-content')))).toEqual({
      embedding: { values: [1, 2] },
      usageMetadata: { promptTokenCount: 3 },
    });
    expect(asJson(gemini.embed.encode(many, parsed('requests')))).toEqual({
      embeddings: [{ values: [1] }, { values: [2] }],
    });
    expect(refused(() => gemini.embed.decode({ data: [] }))?.code).toBe('upstream_error');
    expect(refused(() => gemini.embed.decode({ embedding: { values: ['x'] } }))?.code).toBe('upstream_error');
  });
});

describe('models as Gemini lists them', () => {
  test('are read with what their actions tell', () => {
    expect(
      gemini.models.read({
        models: [
          {
            name: 'models/a',
            inputTokenLimit: 9,
            supportedGenerationMethods: ['generateContent'],
            thinking: true,
          },
          { name: 'models/b', supportedGenerationMethods: ['embedContent'] },
          { name: 'c' },
          { displayName: 'nobody' },
        ],
      }),
    ).toMatchObject([
      { name: 'a', contextTokens: 9, capabilities: ['completion', 'thinking'] },
      { name: 'b', capabilities: ['embedding'] },
      { name: 'c', capabilities: undefined },
    ]);
  });

  test('are written with the actions they have', () => {
    const entry = { name: 'ai/qwen3:8b', card: { name: 'x', contextTokens: 9 }, simulated: true } as const;
    expect(gemini.models.one(entry)).toEqual({
      name: 'models/ai/qwen3:8b',
      displayName: 'ai/qwen3:8b',
      inputTokenLimit: 9,
      supportedGenerationMethods: ['generateContent', 'countTokens', 'embedContent', 'batchEmbedContents'],
      simulated: true,
    });
    const embedder = { ...entry, card: { name: 'x', capabilities: ['embedding'] as const } };
    expect(gemini.models.list([embedder])).toMatchObject({
      models: [{ supportedGenerationMethods: ['embedContent', 'batchEmbedContents'] }],
    });
    expect(gemini.models.loaded([entry])).toEqual({ models: [] });
  });
});
