/** The Gemini API through Google's own SDK, with three dialects behind it. */

import { expect } from 'bun:test';
import { ApiError, GoogleGenAI, type Part } from '@google/genai';
import type { Case } from './case-group.ts';
import type { SimulatedEngine } from './simulated-engines.ts';
import type { Pointsman } from './start-pointsman.ts';

export interface GeminiBench {
  readonly pointsman: Pointsman;
  readonly engines: readonly SimulatedEngine[];
  /** One of each dialect behind. */
  readonly models: readonly string[];
  readonly embedders: readonly string[];
}

const clientOf = ({ pointsman }: GeminiBench): GoogleGenAI =>
  new GoogleGenAI({ apiKey: 'unused', httpOptions: { baseUrl: pointsman.origin } });

const contents = 'Say something about rivers';

const config = {
  tools: [
    {
      functionDeclarations: [
        {
          name: 'get_weather',
          description: 'The weather of a city',
          parametersJsonSchema: {
            type: 'object',
            properties: { city: { type: 'string' } },
            required: ['city'],
          },
        },
      ],
    },
  ],
};

export const geminiCases: readonly Case<GeminiBench>[] = [
  {
    name: 'the official SDK gets an answer, whole and as a stream, and both say the same',
    prove: async (bench) => {
      for (const model of bench.models) {
        const client = clientOf(bench);
        const whole = await client.models.generateContent({ model, contents });
        expect(whole.text?.length).toBeGreaterThan(10);
        let text = '';
        for await (const chunk of await client.models.generateContentStream({ model, contents }))
          text += chunk.text ?? '';
        expect(text).toBe(whole.text ?? '');
      }
    },
  },
  {
    name: 'the official SDK calls tools side by side in a stream and goes on with their results',
    prove: async (bench) => {
      for (const model of bench.models) {
        const client = clientOf(bench);
        const asked = { role: 'user', parts: [{ text: 'use get_weather in parallel' }] };
        const parts: Part[] = [];
        const stream = await client.models.generateContentStream({ model, contents: [asked], config });
        for await (const chunk of stream) parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
        const calls = parts.flatMap(({ functionCall }) => functionCall ?? []);
        expect(calls.map(({ name }) => name)).toEqual(['get_weather', 'get_weather']);
        const results: Part[] = calls.map(({ id, name = '' }) => ({
          functionResponse: { name, response: { result: '11 degrees' }, ...(id === undefined ? {} : { id }) },
        }));
        const final = await client.models.generateContent({
          model,
          contents: [asked, { role: 'model', parts }, { role: 'user', parts: results }],
          config,
        });
        expect(final.text?.length).toBeGreaterThan(3);
      }
    },
  },
  {
    name: 'the official SDK embeds, counts and lists',
    prove: async (bench) => {
      const client = clientOf(bench);
      for (const model of bench.embedders) {
        const { embeddings } = await client.models.embedContent({ model, contents: ['one', 'two'] });
        expect(embeddings?.map(({ values }) => (values?.length ?? 0) > 10)).toEqual([true, true]);
      }
      for (const model of bench.models) {
        expect((await client.models.countTokens({ model, contents })).totalTokens).toBeGreaterThan(2);
        expect((await client.models.get({ model })).name).toBe(`models/${model}`);
      }
    },
  },
  {
    name: 'the official SDK is told of an unknown model in its own terms',
    prove: async (bench) => {
      const failed = await clientOf(bench)
        .models.generateContentStream({ model: 'no-such-model', contents })
        .catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(ApiError);
      expect((failed as ApiError).status).toBe(404);
    },
  },
  {
    name: 'a stream without events is one array',
    prove: async (bench) => {
      for (const model of bench.models) {
        const answer = await fetch(`${bench.pointsman.origin}/v1beta/models/${model}:streamGenerateContent`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ contents: [{ parts: [{ text: contents }] }] }),
        });
        const chunks = (await answer.json()) as { candidates: { finishReason?: string }[] }[];
        expect(chunks.length).toBeGreaterThan(3);
        expect(chunks.at(-1)?.candidates[0]?.finishReason).toBe('STOP');
      }
    },
  },
];
