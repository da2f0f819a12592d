import { describe, expect, test } from 'bun:test';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import { runMachine } from '../../wire/rechunk.ts';
import { type Answer, answerOf } from '../answer.ts';
import { type FixtureKind, fixtures } from '../fixtures.ts';

const nothing: Answer = { said: [], calls: [], logprobs: [], finish: [], usage: undefined, error: undefined };

const expected: Readonly<Record<'streams' | 'broken', Readonly<Record<string, Partial<Answer>>>>> = {
  streams: {
    'bare-carriage-returns': { said: [['text', 'Hi']], finish: ['stop'] },
    'byte-order-mark': { said: [['text', 'é😀']], finish: ['stop'] },
    'carriage-returns': { said: [['text', 'Hi']], finish: ['stop'] },
    'chat-logprobs': {
      said: [['text', 'The']],
      logprobs: [{ token: 'The', logprob: -0.1, bytes: [84], top_logprobs: [] }],
      finish: ['stop'],
    },
    'closed-after-finish-without-done': { said: [['text', 'Hi']], finish: ['stop'] },
    'closed-inside-the-done-event': { said: [['text', 'Hi']], finish: ['stop'] },
    'comments-timings-and-reasoning-content': {
      said: [
        ['reasoning', 'Hm.'],
        ['text', 'Yes'],
      ],
      finish: ['stop'],
      usage: {
        inputTokens: 9,
        outputTokens: 2,
        cachedInputTokens: 5,
        timings: { prefillMs: 12.5, decodeMs: 40 },
      },
    },
    'completion-logprobs-in-parallel-lists': {
      said: [['text', 'The']],
      logprobs: [
        {
          token: 'The',
          logprob: -0.1,
          top_logprobs: [
            { token: 'The', logprob: -0.1 },
            { token: 'A', logprob: -2 },
          ],
        },
      ],
      finish: ['length'],
    },
    'completion-with-zero-usage-on-each-chunk': {
      said: [['text', 'The sky']],
      finish: ['stop'],
      usage: { inputTokens: 9, outputTokens: 12 },
    },
    'data-over-several-lines': { said: [['text', 'Hi']], finish: ['stop'] },
    'empty-tool-call-slot': { said: [['text', 'Hi']], finish: ['stop'] },
    'events-after-finish': { said: [['text', 'Hi']], finish: ['stop'] },
    filtered: { said: [['text', 'Hm']], finish: ['content-filter'] },
    'finish-on-the-last-content-chunk': { said: [['text', 'Hello']], finish: ['stop'] },
    'forced-tool-ends-with-stop': {
      calls: [{ id: 'call_1', name: 'f', arguments: '{}' }],
      finish: ['tool-calls'],
    },
    'reason-nobody-knows': { said: [['text', 'Hm']], finish: ['other'] },
    'reasoning-in-the-other-spelling': {
      said: [
        ['reasoning', 'Hm.'],
        ['text', 'Yes'],
      ],
      finish: ['stop'],
    },
    refusal: { said: [['text', 'I cannot.']], finish: ['stop'] },
    'role-first-and-usage-null': {
      said: [['text', 'Hi there']],
      finish: ['stop'],
      usage: { inputTokens: 9, outputTokens: 12, cachedInputTokens: 4, reasoningTokens: 3 },
    },
    'timings-before-the-usage-chunk': {
      said: [['text', 'Yes']],
      finish: ['stop'],
      usage: { inputTokens: 9, outputTokens: 12, timings: { prefillMs: 12.5, decodeMs: 40 } },
    },
    'tool-call-in-fragments': {
      calls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' }],
      finish: ['tool-calls'],
    },
    'tool-call-name-comes-later': {
      calls: [{ id: 'call_1', name: 'f', arguments: '{"a":1}' }],
      finish: ['tool-calls'],
    },
    'tool-call-name-in-every-delta': {
      calls: [{ id: 'call_1', name: 'f', arguments: '{"a":1}' }],
      finish: ['tool-calls'],
    },
    'tool-calls-without-an-index': {
      calls: [
        { id: 'call_1', name: 'f', arguments: '{}' },
        { id: 'call_2', name: 'g', arguments: '{"a":1}' },
      ],
      finish: ['tool-calls'],
    },
    'two-choices': {
      said: [
        ['text', 'A'],
        ['text 1', 'X'],
        ['text', 'B'],
        ['text 1', 'Y'],
      ],
      finish: ['stop', 'length'],
    },
    'two-tool-calls-interleaved': {
      calls: [
        { id: 'call_1', name: 'a', arguments: '{"x":1}' },
        { id: 'call_2', name: 'b', arguments: '{"y":2}' },
      ],
      finish: ['tool-calls'],
    },
    'usage-on-every-chunk': {
      said: [['text', 'AB']],
      finish: ['length'],
      usage: { inputTokens: 9, outputTokens: 2 },
    },
  },
  broken: {
    'comments-alone': { error: 'the answer ended before it was complete' },
    'cut-inside-an-event': {
      said: [['text', 'Hi']],
      error: 'the engine sent an event that is not a JSON object',
    },
    'data-that-is-not-json': {
      said: [['text', 'Hi']],
      error: 'the engine sent an event that is not a JSON object',
    },
    'done-without-a-finish-reason': {
      said: [['text', 'Hi']],
      error: 'the answer ended before it was complete',
    },
    'empty-delta-then-closed': { said: [['text', 'Hi']], error: 'the answer ended before it was complete' },
    'error-as-text': { error: 'Unauthorized' },
    'error-data': { said: [['text', 'Hi']], error: 'KV cache is full' },
    'error-event-of-text': { error: 'out of memory' },
    'error-event': { said: [['text', 'Hi']], error: 'The model has crashed' },
    'error-then-done': { said: [['text', 'Hi']], error: 'Internal server error' },
    'error-without-an-envelope': { said: [['text', 'Hi']], error: 'too long' },
    'nothing-at-all': { error: 'the answer ended before it was complete' },
    'one-of-two-choices-unfinished': {
      said: [
        ['text', 'A'],
        ['text 1', 'X'],
      ],
      finish: ['stop'],
      error: 'the answer ended before it was complete',
    },
    'page-of-a-proxy': { error: 'the answer ended before it was complete' },
    'tool-call-without-a-name': { error: 'the engine sent a tool call without a name' },
  },
};

describe('the openai-chat decoder', () => {
  for (const kind of Object.keys(expected) as (keyof typeof expected & FixtureKind)[]) {
    test(`every one of ${kind} has its expectation`, () => {
      expect(Object.keys(expected[kind]).sort()).toEqual(
        fixtures('openai-chat', kind)
          .map(({ name }) => name)
          .sort(),
      );
    });

    test.each(fixtures('openai-chat', kind).map(({ name, bytes }): [string, Uint8Array] => [name, bytes]))(
      'reads %s',
      (name, bytes) => {
        const answer = answerOf(runMachine(openaiChat.decoder('chat'), [bytes]));
        expect(answer).toEqual({ ...nothing, ...expected[kind][name] });
      },
    );
  }

  test('a role, an empty delta and a comment are no content', () => {
    const decoder = openaiChat.decoder('chat');
    const push = (text: string) => decoder.push(new TextEncoder().encode(text));
    const start =
      'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n';
    expect(push(start)).toEqual([{ type: 'response-start', id: 'c', model: 'm' }]);
    expect(push(': ping\n\n')).toEqual([]);
    expect(push('data: {"choices":[{"index":0,"delta":{}}]}\n\n')).toEqual([]);
    expect(push('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n')).toEqual([
      { type: 'text-delta', text: 'Hi' },
      { type: 'finish', reason: 'stop' },
    ]);
    expect(push('data: [DONE]\n\n')).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });

  test('choice numbers beyond all reason are skipped', () => {
    const decoder = openaiChat.decoder('chat');
    const text =
      'data: {"choices":[{"index":1e9,"delta":{"content":"x"}},{"index":-1,"delta":{"content":"y"}}]}\n\n';
    expect(decoder.push(new TextEncoder().encode(text)).map(({ type }) => type)).toEqual(['response-start']);
  });
});
