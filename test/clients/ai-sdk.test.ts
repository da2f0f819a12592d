import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateText, jsonSchema, streamText, tool } from 'ai';
import { createOllama } from 'ollama-ai-provider-v2';
import { engines, eventually, longAnswer, type Served, served, servedSlowly, weather } from './served.ts';

const tools = {
  get_weather: tool({
    description: weather.description,
    inputSchema: jsonSchema<{ city: string }>({
      ...weather.parameters,
      required: [...weather.parameters.required],
    }),
  }),
};

const prompt = 'Say something about rivers';

for (const { name, options, model, embedder } of engines) {
  for (const provider of ['@ai-sdk/openai-compatible', 'ollama-ai-provider-v2'] as const) {
    describe(`the AI SDK through ${provider} in front of ${name}`, () => {
      let given: Served;
      beforeAll(async () => {
        given = await served(options);
      });
      afterAll(() => given.stop());

      const models = (url = given.url) => {
        if (provider === 'ollama-ai-provider-v2') {
          const ollama = createOllama({ baseURL: `${url}/api` });
          return { chat: ollama(model), embedder: ollama.textEmbeddingModel(embedder ?? '') };
        }
        const compatible = createOpenAICompatible({
          name: 'pointsman',
          baseURL: `${url}/v1`,
          includeUsage: true,
        });
        return { chat: compatible(model), embedder: compatible.textEmbeddingModel(embedder ?? '') };
      };

      test('generates text', async () => {
        const { text, finishReason, usage } = await generateText({
          model: models().chat,
          prompt,
          maxRetries: 0,
        });
        expect(text.length).toBeGreaterThan(10);
        expect(finishReason).toBe('stop');
        expect(usage.outputTokens).toBeGreaterThan(0);
      });

      test('streams text', async () => {
        const result = streamText({ model: models().chat, prompt, maxRetries: 0 });
        let text = '';
        let pieces = 0;
        for await (const piece of result.textStream) {
          text += piece;
          pieces += 1;
        }
        expect(pieces).toBeGreaterThan(3);
        expect(text.length).toBeGreaterThan(10);
        expect(await result.finishReason).toBe('stop');
      });

      test('gets tool calls', async () => {
        const { toolCalls } = await generateText({
          model: models().chat,
          prompt: 'use get_weather for Paris',
          tools,
          maxRetries: 0,
        });
        expect(toolCalls[0]?.toolName).toBe('get_weather');
        expect(typeof toolCalls[0]?.input).toBe('object');
      });

      if (embedder !== undefined) {
        test('embeds', async () => {
          const { embeddings } = await embedMany({
            model: models().embedder,
            values: ['one', 'two'],
            maxRetries: 0,
          });
          expect(embeddings.length).toBe(2);
          expect(embeddings[0]?.length).toBeGreaterThan(10);
        });
      }

      test('frees the engine when it aborts', async () => {
        const slow = await servedSlowly(options);
        const leaving = new AbortController();
        const result = streamText({
          model: models(slow.url).chat,
          prompt: longAnswer,
          abortSignal: leaving.signal,
          maxRetries: 0,
        });
        for await (const _ of result.textStream) leaving.abort();
        await eventually('no request runs on the engine', () => slow.host.stats().active === 0);
        await eventually('the slot is free', () => slow.app.gateway.fleet.host('engine')?.inflight === 0);
        expect(slow.host.stats().cancelled).toBe(1);
        await slow.stop();
      });
    });
  }
}
