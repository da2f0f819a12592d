/** Vectors in every form, across the dialects. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { at, post, type Wire } from './dialects.ts';
import type { StreamBench } from './stream-bench.ts';

/** Exact in 32 bits, so that packing loses nothing. */
const vectors = [
  [0.5, -0.25, 0.125],
  [1, 0, -1.5],
];

const unpacked = (text: unknown): readonly number[] => {
  const bytes = Buffer.from(String(text), 'base64');
  return [...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))];
};

const openAiVectors = {
  object: 'list',
  data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
  model: 'other',
  usage: { prompt_tokens: 4, total_tokens: 4 },
};

const ollamaVectors = { model: 'm', embeddings: vectors, total_duration: 5_000_000, prompt_eval_count: 4 };

const asked = async (bench: StreamBench, path: string, body: Wire): Promise<Wire> => {
  const response = await post(bench.origin, path, body);
  expect(response.status).toBe(200);
  return (await response.json()) as Wire;
};

const input = ['one', 'two'];

export const embeddingCases: readonly Case<StreamBench>[] = [
  {
    name: 'OpenAI embeddings over an Ollama host come as numbers',
    prove: async (bench) => {
      bench.native.answer((call) => call.whole(ollamaVectors));
      const body = await asked(bench, '/v1/embeddings', { model: 'm', input });
      expect(body).toMatchObject({
        object: 'list',
        model: 'm',
        usage: { prompt_tokens: 4, total_tokens: 4 },
      });
      expect(at(body, 'data', 1)).toEqual({ object: 'embedding', index: 1, embedding: vectors[1] });
      expect(bench.native.calls.at(-1)?.path).toBe('/api/embed');
      expect(bench.native.calls.at(-1)?.body.input).toEqual(input);
    },
  },
  {
    name: 'OpenAI embeddings in base64 are packed here where the engine cannot',
    prove: async (bench) => {
      bench.native.answer((call) => call.whole(ollamaVectors));
      bench.compatible.answer((call) => call.whole(openAiVectors));
      for (const model of ['m', 'other']) {
        const body = await asked(bench, '/v1/embeddings', { model, input, encoding_format: 'base64' });
        expect(unpacked(at(body, 'data', 0, 'embedding'))).toEqual(vectors[0] ?? []);
        expect(unpacked(at(body, 'data', 1, 'embedding'))).toEqual(vectors[1] ?? []);
      }
    },
  },
  {
    name: 'OpenAI embeddings over an OpenAI-compatible server pass byte for byte',
    prove: async (bench) => {
      const text = `${JSON.stringify({ ...openAiVectors, odd: 1 }, null, 1)}\n`;
      bench.compatible.answer((call) => call.whole(text));
      const body = '{"input" : "one" , "model":"other", "odd":1.0}';
      const response = await post(bench.origin, '/v1/embeddings', body);
      expect(await response.text()).toBe(text);
      expect(Buffer.from(bench.compatible.calls.at(-1)?.bytes ?? []).toString()).toBe(body);
    },
  },
  {
    name: "Ollama's embed and its older embeddings work over both kinds of engine",
    prove: async (bench) => {
      bench.native.answer((call) =>
        call.whole(call.path === '/api/embed' ? ollamaVectors : { embedding: vectors[0] }),
      );
      bench.compatible.answer((call) => call.whole(openAiVectors));
      for (const model of ['m', 'other']) {
        const many = await asked(bench, '/api/embed', { model, input });
        expect(many).toMatchObject({ model, embeddings: vectors, prompt_eval_count: 4 });
        const one = await asked(bench, '/api/embeddings', { model, prompt: 'one' });
        expect(one.embedding).toEqual(vectors[0]);
      }
    },
  },
];
