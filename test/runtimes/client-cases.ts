/** OpenAI's chat, Ollama's API and the AI SDK through the clients themselves, with every dialect behind. */

import { expect } from 'bun:test';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, streamText, tool } from 'ai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import type { Case } from './case-group.ts';
import type { SimulatedEngine } from './simulated-engines.ts';
import type { Pointsman } from './start-pointsman.ts';

export interface ClientBench {
  readonly pointsman: Pointsman;
  readonly engines: readonly SimulatedEngine[];
  /** One of each dialect behind. */
  readonly models: readonly string[];
}

const openaiOf = ({ pointsman }: ClientBench): OpenAI =>
  new OpenAI({ baseURL: `${pointsman.origin}/v1`, apiKey: 'unused', maxRetries: 0 });

const ollamaOf = ({ pointsman }: ClientBench): Ollama => new Ollama({ host: pointsman.origin });

const aiOf = ({ pointsman }: ClientBench) =>
  createOpenAICompatible({
    name: 'pointsman',
    baseURL: `${pointsman.origin}/v1`,
    includeUsage: true,
  });

const prompt = 'Say something about rivers';
const question = { role: 'user' as const, content: prompt };
const errand = { role: 'user' as const, content: 'use get_weather for Paris' };

const weather = {
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const tools = [{ type: 'function' as const, function: weather }];

export const clientCases: readonly Case<ClientBench>[] = [
  {
    name: 'the official SDK gets a chat completion, whole and as a stream, and both say the same',
    prove: async (bench) => {
      for (const model of bench.models) {
        const { completions } = openaiOf(bench).chat;
        const whole = await completions.create({ model, messages: [question] });
        const text = whole.choices[0]?.message.content ?? '';
        expect(text.length).toBeGreaterThan(10);
        const options = { include_usage: true };
        const streamed = await completions
          .stream({ model, messages: [question], stream_options: options })
          .finalChatCompletion();
        expect(streamed.choices[0]?.message.content).toBe(text);
        expect(streamed.usage?.completion_tokens).toBe(whole.usage?.completion_tokens ?? -1);
      }
    },
  },
  {
    name: 'the official SDK calls a tool of a chat and goes on with its result',
    prove: async (bench) => {
      for (const model of bench.models) {
        const { completions } = openaiOf(bench).chat;
        const first = await completions.stream({ model, messages: [errand], tools }).finalChatCompletion();
        const message = first.choices[0]?.message;
        const call = message?.tool_calls?.[0];
        if (message === undefined || call === undefined) throw new Error('no tool was called');
        const result = { role: 'tool' as const, tool_call_id: call.id, content: '11 degrees' };
        const second = await completions.create({ model, messages: [errand, message, result], tools });
        expect(second.choices[0]?.message.content?.length).toBeGreaterThan(3);
      }
    },
  },
  {
    name: 'the official SDK leaves a chat in the middle and the next one is answered',
    prove: async (bench) => {
      for (const model of bench.models) {
        const { completions } = openaiOf(bench).chat;
        for await (const chunk of await completions.create({ model, messages: [question], stream: true })) {
          if (chunk.choices[0]?.delta.content) break;
        }
        const answer = await completions.create({ model, messages: [question] });
        expect(answer.choices[0]?.finish_reason).toBe('stop');
      }
    },
  },
  {
    name: 'Ollama’s SDK chats, whole and as a stream, calls a tool and goes on with its result',
    prove: async (bench) => {
      for (const model of bench.models) {
        const client = ollamaOf(bench);
        const whole = await client.chat({ model, messages: [question] });
        let text = '';
        for await (const part of await client.chat({ model, messages: [question], stream: true }))
          text += part.message.content;
        expect(text.length).toBeGreaterThan(10);
        expect(text).toBe(whole.message.content);
        const { message } = await client.chat({ model, messages: [errand], tools });
        expect(message.tool_calls?.[0]?.function.name).toBe('get_weather');
        const result = { role: 'tool', tool_name: 'get_weather', content: '11 degrees' };
        const second = await client.chat({ model, messages: [errand, message, result], tools });
        expect(second.message.content.length).toBeGreaterThan(3);
      }
    },
  },
  {
    name: 'Ollama’s SDK leaves a chat in the middle and is told of an unknown model',
    prove: async (bench) => {
      for (const model of bench.models) {
        const client = ollamaOf(bench);
        // Longer than it takes a slow machine to leave.
        const messages = [{ role: 'user', content: `${prompt} in 20000 words` }];
        const stream = await client.chat({ model, messages, stream: true });
        const reading = (async () => {
          for await (const _ of stream) stream.abort();
        })();
        expect(await reading.catch((error: Error) => error.name)).toBe('AbortError');
      }
      const failure = await ollamaOf(bench)
        .chat({ model: 'none', messages: [question] })
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ status_code: 404 });
    },
  },
  {
    name: 'the AI SDK gets an answer, whole and as a stream, and runs a tool in between',
    prove: async (bench) => {
      for (const name of bench.models) {
        const model = aiOf(bench)(name);
        const whole = await generateText({ model, prompt, maxRetries: 0 });
        const { textStream } = streamText({ model, prompt, maxRetries: 0 });
        let text = '';
        for await (const piece of textStream) text += piece;
        expect(text).toBe(whole.text);
        const called = await generateText({
          model,
          prompt: errand.content,
          maxRetries: 0,
          tools: {
            get_weather: tool({
              description: weather.description,
              inputSchema: jsonSchema<{ city: string }>({ ...weather.parameters, type: 'object' }),
            }),
          },
        });
        expect(called.toolCalls[0]?.toolName).toBe('get_weather');
      }
    },
  },
];
