/** Tool calls, thinking and logprobs, in requests and answers, across the dialects. */

import { expect } from 'bun:test';
import { fixtures } from '../protocols/fixtures.ts';
import type { Case } from './case-group.ts';
import { at, type Dialect, ollama, openAi, post, type Wire } from './dialects.ts';
import { engineOf, type StreamBench } from './stream-bench.ts';

const recorded = (dialect: Dialect, name: string): Uint8Array => {
  const folder = dialect === ollama ? 'ollama' : 'openai-chat';
  const found = fixtures(folder, 'streams').find((fixture) => fixture.name === name);
  if (found === undefined) throw new Error(`no recorded stream ${name}`);
  return found.bytes;
};

const answered = async (
  bench: StreamBench,
  { front, back }: { readonly front: Dialect; readonly back: Dialect },
  stream: Uint8Array,
  more: Wire = {},
) => {
  const { engine, model } = engineOf(bench, back);
  engine.answer((call) => {
    call.begin(back.streamType);
    call.write(stream);
    call.end();
  });
  const response = await post(bench.origin, front.chatPath, front.chat(model, more));
  return { answer: front.read(await response.text()), sent: engine.calls.at(-1)?.body ?? {} };
};

const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

const toOllama = { front: openAi, back: ollama };
const toOpenAi = { front: ollama, back: openAi };

const deltasOf = (objects: readonly Wire[]): readonly unknown[] =>
  objects.map((chunk) => at(chunk, 'choices', 0, 'delta'));

export const abilityCases: readonly Case<StreamBench>[] = [
  {
    name: 'tool calls of an Ollama host reach an OpenAI client with ids, JSON text and the right end',
    prove: async (bench) => {
      const stream = recorded(ollama, 'tool-calls-before-the-done-line-without-ids');
      const { answer, sent } = await answered(bench, toOllama, stream, { tools: [weather] });
      expect(sent.tools).toEqual([weather]);
      const calls = deltasOf(answer.objects).flatMap(
        (delta) => (at(delta, 'tool_calls') as Wire[] | undefined) ?? [],
      );
      const ids = calls.map(({ id }) => id).filter((id) => id !== undefined);
      expect(ids.length).toBeGreaterThan(0);
      expect(new Set(ids).size).toBe(ids.length);
      const first = calls
        .filter(({ index }) => index === 0)
        .map((call) => at(call, 'function', 'arguments') ?? '');
      expect(typeof JSON.parse(first.join(''))).toBe('object');
      expect(answer.objects.some((chunk) => at(chunk, 'choices', 0, 'finish_reason') === 'tool_calls')).toBe(
        true,
      );
      expect(answer.complete).toBe(true);
    },
  },
  {
    name: 'tool calls in fragments reach an Ollama client as whole calls with an object of arguments',
    prove: async (bench) => {
      const stream = recorded(openAi, 'tool-call-in-fragments');
      const { answer, sent } = await answered(bench, toOpenAi, stream, { tools: [weather] });
      expect(sent.tools).toEqual([weather]);
      const calls = answer.objects.flatMap(
        (line) => (at(line, 'message', 'tool_calls') as Wire[] | undefined) ?? [],
      );
      expect(calls.length).toBe(1);
      expect(typeof at(calls[0], 'function', 'arguments')).toBe('object');
      expect(answer.complete).toBe(true);
    },
  },
  {
    name: 'the results of tools find their calls on the other side',
    prove: async (bench) => {
      const { engine } = engineOf(bench, ollama);
      engine.answer((call) => call.whole(ollama.whole('Sunny')));
      const called = {
        id: 'call_1',
        type: 'function',
        function: { name: 'weather', arguments: '{"city":"Oslo"}' },
      };
      const messages = [
        { role: 'user', content: 'Weather in Oslo?' },
        { role: 'assistant', content: null, tool_calls: [called] },
        { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      ];
      await (await post(bench.origin, openAi.chatPath, { model: 'm', messages, tools: [weather] })).text();
      const sent = engine.calls.at(-1)?.body;
      expect(at(sent, 'messages', 1, 'tool_calls', 0, 'function')).toEqual({
        name: 'weather',
        arguments: { city: 'Oslo' },
      });
      expect(at(sent, 'messages', 2)).toMatchObject({ role: 'tool', tool_name: 'weather', content: 'sunny' });
    },
  },
  {
    name: 'thinking of an Ollama host reaches an OpenAI client beside the text, as it was asked for',
    prove: async (bench) => {
      const stream = recorded(ollama, 'thinking-before-text');
      const { answer, sent } = await answered(bench, toOllama, stream, { reasoning_effort: 'high' });
      expect(sent.think).toBe('high');
      expect(answer.reasoning).not.toBe('');
      expect(answer.text).not.toBe('');
      const off = await answered(bench, toOllama, stream, { reasoning_effort: 'none' });
      expect(off.sent.think).toBe(false);
    },
  },
  {
    name: 'reasoning of an OpenAI-compatible server reaches an Ollama client as thinking',
    prove: async (bench) => {
      const stream = recorded(openAi, 'comments-timings-and-reasoning-content');
      const { answer, sent } = await answered(bench, toOpenAi, stream, { think: true });
      expect(sent.reasoning_effort).toBe('medium');
      expect(answer.reasoning).not.toBe('');
      expect(answer.complete).toBe(true);
    },
  },
  {
    name: 'logprobs of an Ollama host reach an OpenAI client',
    prove: async (bench) => {
      const stream = recorded(ollama, 'logprobs-beside-empty-content');
      const more = { logprobs: true, top_logprobs: 2 };
      const { answer, sent } = await answered(bench, toOllama, stream, more);
      expect(sent).toMatchObject(more);
      const found = answer.objects.flatMap((chunk) => at(chunk, 'choices', 0, 'logprobs', 'content') ?? []);
      expect(at(found[0], 'token')).toBeString();
      expect(at(found[0], 'logprob')).toBeNumber();
    },
  },
  {
    name: 'logprobs of an OpenAI-compatible server reach an Ollama client',
    prove: async (bench) => {
      const stream = recorded(openAi, 'chat-logprobs');
      const more = { logprobs: true, top_logprobs: 2 };
      const { answer, sent } = await answered(bench, toOpenAi, stream, more);
      expect(sent).toMatchObject(more);
      const found = answer.objects.flatMap((line) => (line.logprobs as Wire[] | undefined) ?? []);
      expect(at(found[0], 'token')).toBeString();
    },
  },
];
