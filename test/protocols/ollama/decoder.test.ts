import { describe, expect, test } from 'bun:test';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { runMachine } from '../../wire/rechunk.ts';
import { type Answer, answerOf } from '../answer.ts';
import { type FixtureKind, fixtures } from '../fixtures.ts';

const nothing: Answer = { said: [], calls: [], logprobs: [], finish: [], usage: undefined, error: undefined };

const usage = {
  inputTokens: 26,
  outputTokens: 282,
  timings: { totalMs: 4883.583458, loadMs: 1.334875, prefillMs: 342.546, decodeMs: 4535.599 },
};

const expected: Readonly<Record<'streams' | 'broken', Readonly<Record<string, Partial<Answer>>>>> = {
  streams: {
    'byte-order-mark': { said: [['text', 'Hi']], finish: ['stop'], usage },
    'carriage-returns-and-blank-lines': { said: [['text', 'Hi']], finish: ['stop'], usage },
    'characters-of-four-bytes': { said: [['text', 'é€😀👩‍👩‍👧漢字\u2028']], finish: ['stop'], usage },
    'chat-text': { said: [['text', 'The sky is blue.']], finish: ['stop'], usage },
    'done-without-a-reason': { said: [['text', 'Hi']], finish: ['stop'], usage: { outputTokens: 1 } },
    'generate-thinking': {
      said: [
        ['reasoning', 'Hm.'],
        ['text', 'Yes'],
      ],
      finish: ['stop'],
      usage,
    },
    'generate-with-context': { said: [['text', 'The sky']], finish: ['stop'], usage },
    'line-breaks-inside-text': { said: [['text', 'a\nb\r\n"done":true}']], finish: ['stop'], usage },
    'lines-after-done': { said: [['text', 'Hi']], finish: ['stop'], usage },
    'load-reply-without-newline': { finish: ['load'] },
    'logprobs-beside-empty-content': {
      said: [['text', 'The']],
      logprobs: [
        {
          token: 'The',
          logprob: -0.1,
          bytes: [84, 104, 101],
          top_logprobs: [{ token: 'The', logprob: -0.1, bytes: [84, 104, 101] }],
        },
        { token: '<tool>', logprob: -1.5 },
      ],
      finish: ['stop'],
      usage,
    },
    'prompt-from-cache-without-its-count': {
      said: [['text', 'Hi']],
      finish: ['stop'],
      usage: { outputTokens: 1, timings: { decodeMs: 2 } },
    },
    'thinking-and-text-on-one-line': {
      said: [
        ['reasoning', 'Hm.'],
        ['text', 'Yes'],
      ],
      finish: ['stop'],
      usage,
    },
    'thinking-before-text': {
      said: [
        ['reasoning', 'Let me see.'],
        ['text', 'Yes.'],
      ],
      finish: ['stop'],
      usage,
    },
    'token-limit': { said: [['text', 'Once upon']], finish: ['length'], usage },
    'tool-calls-before-the-done-line-without-ids': {
      calls: [
        { name: 'get_weather', arguments: '{"city":"Paris","days":[1,2]}' },
        { name: 'get_time', arguments: '{"zone":"é€😀"}' },
      ],
      finish: ['tool-calls'],
      usage,
    },
    'tool-calls-on-the-done-line': {
      said: [['text', 'Looking.']],
      calls: [
        { id: 'call_ab12cd34', name: 'get_weather', arguments: '{"city":"Paris"}' },
        { id: 'call_ef56gh78', name: 'get_time', arguments: '{}' },
      ],
      finish: ['tool-calls'],
      usage,
    },
    'unknown-fields-and-null-error': { said: [['text', 'Hi']], finish: ['stop'], usage },
    'unload-reply': { finish: ['unload'] },
  },
  broken: {
    'array-for-a-line': {
      said: [['text', 'The']],
      error: 'the engine sent a line that is not a JSON object',
    },
    'closed-without-a-done-line': {
      said: [['text', 'The sky']],
      error: 'the answer ended before it was complete',
    },
    'done-after-an-error': { said: [['text', 'The']], error: 'boom' },
    'done-line-cut-before-its-last-brace': {
      said: [['text', 'The']],
      error: 'the engine sent a line that is not a JSON object',
    },
    'error-as-an-object': { said: [['text', 'The']], error: 'Loading model' },
    'error-line-after-text': {
      said: [['text', 'The sky']],
      error: 'an error was encountered while running the model: unexpected EOF',
    },
    'error-line-first': {
      error:
        'llama-server process has terminated: exit status 1: cudaMalloc failed: out of memory\nggml: failed',
    },
    'half-a-line': { said: [['text', 'The']], error: 'the engine sent a line that is not a JSON object' },
    'nothing-at-all': { error: 'the answer ended before it was complete' },
    'page-of-a-proxy': { error: 'the engine sent a line that is not a JSON object' },
  },
};

describe('the ollama decoder', () => {
  for (const kind of Object.keys(expected) as (keyof typeof expected & FixtureKind)[]) {
    test(`every one of ${kind} has its expectation`, () => {
      expect(Object.keys(expected[kind]).sort()).toEqual(
        fixtures('ollama', kind)
          .map(({ name }) => name)
          .sort(),
      );
    });

    test.each(fixtures('ollama', kind).map(({ name, bytes }): [string, Uint8Array] => [name, bytes]))(
      'reads %s',
      (name, bytes) => {
        const answer = answerOf(runMachine(ollama.decoder('chat'), [bytes]));
        expect(answer).toEqual({ ...nothing, ...expected[kind][name] });
      },
    );
  }

  test('usage comes before the finish, and each event with the line that holds it', () => {
    const decoder = ollama.decoder('chat');
    const line = (text: string): Uint8Array => new TextEncoder().encode(`${text}\n`);
    expect(decoder.push(line('{"model":"m","message":{"content":"Hi"},"done":false}'))).toEqual([
      { type: 'response-start', model: 'm' },
      { type: 'text-delta', text: 'Hi' },
    ]);
    expect(decoder.push(line('{"model":"m","message":{"content":""},"done":false}'))).toEqual([]);
    expect(decoder.push(line('{"model":"m","done":true,"eval_count":1}'))).toEqual([
      { type: 'usage', usage: { outputTokens: 1 } },
      { type: 'finish', reason: 'stop' },
    ]);
    expect(decoder.end()).toEqual([]);
  });
});
