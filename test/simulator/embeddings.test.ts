import { describe, expect, test } from 'bun:test';
import { embedText, packVector } from '../../src/simulator/embeddings.ts';
import { play } from './play.ts';

const lengthOf = (vector: readonly number[]): number => Math.hypot(...vector);

const host = () => play({ kind: 'ollama', models: ['nomic-embed-text', 'llama3.2:3b'] });

describe('embeddings', () => {
  test('depend on text and model, and on nothing else', () => {
    expect(embedText('a', 'm', 8, 'unit')).toEqual(embedText('a', 'm', 8, 'unit'));
    expect(embedText('a', 'm', 8, 'unit')).not.toEqual(embedText('b', 'm', 8, 'unit'));
    expect(embedText('a', 'm', 8, 'unit')).not.toEqual(embedText('a', 'n', 8, 'unit'));
  });

  test('have length one, unless they are raw', () => {
    expect(lengthOf(embedText('a', 'm', 768, 'unit'))).toBeCloseTo(1, 5);
    expect(lengthOf(embedText('a', 'm', 768, 'raw'))).toBeGreaterThan(10);
  });

  test('are packed as little-endian floats', () => {
    expect(packVector([1, -2])).toBe(Buffer.from([0, 0, 128, 63, 0, 0, 0, 192]).toString('base64'));
  });

  test('come from Ollama in order, normalised, with the dimensions asked for', async () => {
    const body = await host().json('/api/embed', {
      model: 'nomic-embed-text',
      input: ['a', 'b', 'a'],
      dimensions: 64,
    });
    const vectors = body.embeddings as number[][];
    expect(vectors.map((vector) => vector.length)).toEqual([64, 64, 64]);
    expect(vectors[0]).toEqual(vectors[2] ?? []);
    expect(lengthOf(vectors[1] ?? [])).toBeCloseTo(1, 5);
    expect(body).toMatchObject({ model: 'nomic-embed-text', prompt_eval_count: 3 });
  });

  test('come from the older path alone, raw, and with nothing beside', async () => {
    const body = await host().json('/api/embeddings', { model: 'nomic-embed-text', prompt: 'a' });
    expect(Object.keys(body)).toEqual(['embedding']);
    expect(lengthOf(body.embedding as number[])).toBeGreaterThan(10);
  });

  test('of nothing only load the model', async () => {
    const { json, host: simulated } = host();
    expect(await json('/api/embed', { model: 'nomic-embed-text' })).toEqual({
      model: 'nomic-embed-text',
      embeddings: [],
    });
    expect(await json('/api/embeddings', { model: 'nomic-embed-text' })).toEqual({ embedding: [] });
    expect(simulated.stats().loads).toBe(1);
  });

  test('of a text beyond the context are cut, or refused where that is not allowed', async () => {
    const input = 'word '.repeat(3000);
    expect(await host().json('/api/embed', { model: 'nomic-embed-text', input })).toMatchObject({
      prompt_eval_count: 2048,
    });
    expect(await host().json('/api/embed', { model: 'nomic-embed-text', input, truncate: false })).toEqual({
      error: 'the input length exceeds the context length',
    });
  });

  test('of a chat model are given by the newer engine only', async () => {
    const body = { model: 'llama3.2:3b', input: 'a' };
    expect((await host().ask('/api/embed', body)).status).toBe(200);
    const old = play({ kind: 'ollama', engine: 'old', models: ['llama3.2:3b'] });
    expect(await old.ask('/api/embed', body)).toMatchObject({
      status: 501,
      text: '{"error":"this model does not support embeddings"}',
    });
  });
});
