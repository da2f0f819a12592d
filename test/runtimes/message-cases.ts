/** Anthropic's messages through its own SDK, with three dialects behind it. */

import { expect } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import type { Case } from './case-group.ts';
import type { SimulatedEngine } from './simulated-engines.ts';
import type { Pointsman } from './start-pointsman.ts';

export interface MessageBench {
  readonly pointsman: Pointsman;
  readonly engines: readonly SimulatedEngine[];
  /** One of each dialect behind. */
  readonly models: readonly string[];
}

const clientOf = ({ pointsman }: MessageBench): Anthropic =>
  new Anthropic({ baseURL: pointsman.origin, apiKey: 'unused', maxRetries: 0 });

const tools: Anthropic.Tool[] = [
  {
    name: 'get_weather',
    description: 'The weather of a city',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
];

const question = { role: 'user' as const, content: 'Say something about rivers' };
const errand = { role: 'user' as const, content: 'use get_weather for Paris' };

const textOf = ({ content }: Anthropic.Message): string =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

export const messageCases: readonly Case<MessageBench>[] = [
  {
    name: 'the official SDK gets a message, whole and as a stream, and both say the same',
    prove: async (bench) => {
      for (const model of bench.models) {
        const { messages } = clientOf(bench);
        const asked = { model, max_tokens: 512, messages: [question] };
        const whole = await messages.create(asked);
        const streamed = await messages.stream(asked).finalMessage();
        expect(textOf(whole).length).toBeGreaterThan(10);
        expect(textOf(streamed)).toBe(textOf(whole));
        expect(streamed.stop_reason).toBe('end_turn');
        expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
      }
    },
  },
  {
    name: 'the official SDK thinks, calls a tool and goes on with its result',
    prove: async (bench) => {
      for (const model of bench.models) {
        const { messages } = clientOf(bench);
        const thinking = { type: 'enabled' as const, budget_tokens: 1024 };
        const asked = { model, max_tokens: 4096, tools, thinking };
        const first = await messages.stream({ ...asked, messages: [errand] }).finalMessage();
        expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
        const call = first.content.find((block) => block.type === 'tool_use');
        const result = { type: 'tool_result' as const, tool_use_id: call?.id ?? '', content: '11 degrees' };
        const second = await messages.create({
          ...asked,
          messages: [
            errand,
            { role: 'assistant', content: first.content },
            { role: 'user', content: [result] },
          ],
        });
        expect(textOf(second).length).toBeGreaterThan(3);
      }
    },
  },
  {
    name: 'the official SDK leaves a message in the middle and the next one is answered',
    prove: async (bench) => {
      for (const model of bench.models) {
        const { messages } = clientOf(bench);
        const asked = { model, max_tokens: 512, messages: [question] };
        for await (const event of await messages.create({ ...asked, stream: true })) {
          if (event.type === 'content_block_delta') break;
        }
        expect((await messages.create(asked)).stop_reason).toBe('end_turn');
      }
    },
  },
  {
    name: 'the official SDK counts tokens, lists models and is told of what is wrong',
    prove: async (bench) => {
      const client = clientOf(bench);
      for (const model of bench.models) {
        const { input_tokens } = await client.messages.countTokens({ model, messages: [question] });
        expect(input_tokens).toBeGreaterThan(3);
      }
      const names: string[] = [];
      for await (const { id, type } of client.models.list()) {
        expect(type).toBe('model');
        names.push(id);
      }
      expect(names).toEqual(expect.arrayContaining([...bench.models]));
      const failure = await client.messages
        .create({ model: 'none', max_tokens: 9, messages: [question] })
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Anthropic.NotFoundError);
    },
  },
];
