import { describe, expect, test } from 'bun:test';
import { ollama } from '../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../src/protocols/openai-chat/index.ts';
import type { Protocol } from '../../src/protocols/protocol.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import { type Answer, answerOf } from './answer.ts';
import { bodyOf, fixtures } from './fixtures.ts';

const nothing: Answer = { said: [], calls: [], logprobs: [], finish: [], usage: undefined, error: undefined };

const timed = {
  inputTokens: 26,
  outputTokens: 282,
  timings: { totalMs: 4883.583458, loadMs: 1.334875, prefillMs: 342.546, decodeMs: 4535.599 },
};

const expected: readonly (readonly [Protocol, Readonly<Record<string, Partial<Answer>>>])[] = [
  [
    ollama,
    {
      chat: {
        said: [
          ['reasoning', 'Hm.'],
          ['text', 'The sky is blue.'],
        ],
        finish: ['stop'],
        usage: timed,
      },
      generate: { said: [['text', 'The sky.']], finish: ['length'], usage: timed },
      load: { finish: ['load'] },
      'tool-calls': {
        calls: [
          { id: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' },
          { id: undefined, name: 'get_time', arguments: '{}' },
        ],
        finish: ['tool-calls'],
        usage: timed,
      },
    },
  ],
  [
    openaiChat,
    {
      chat: {
        said: [['text', 'Hi']],
        finish: ['stop'],
        usage: { inputTokens: 9, outputTokens: 12, cachedInputTokens: 4 },
      },
      completion: {
        said: [['text', ' sky']],
        finish: ['length'],
        usage: { inputTokens: 9, outputTokens: 12, timings: { prefillMs: 5, decodeMs: 10 } },
      },
      'tool-calls': {
        calls: [
          { id: 'call_1', name: 'f', arguments: '{"a":1}' },
          { id: 'call_2', name: 'g', arguments: '{}' },
        ],
        finish: ['tool-calls'],
        usage: { inputTokens: 9, outputTokens: 12 },
      },
    },
  ],
];

for (const [protocol, answers] of expected) {
  describe(`a whole answer of ${protocol.id}`, () => {
    test('has an expectation for each file', () => {
      expect(Object.keys(answers).sort()).toEqual(
        fixtures(protocol.id, 'wholes')
          .map(({ name }) => name)
          .sort(),
      );
    });

    test.each(
      fixtures(protocol.id, 'wholes').map((fixture): [string, JsonObject] => [fixture.name, bodyOf(fixture)]),
    )('is read from %s', (name, body) => {
      expect(answerOf(protocol.whole.decode(body, 'chat'))).toEqual({ ...nothing, ...answers[name] });
    });

    test.each([{ error: 'boom' }, { error: { message: 'boom', code: 500 } }])(
      'with an error is that error',
      (body) => {
        expect(answerOf(protocol.whole.decode(body, 'chat'))).toEqual({ ...nothing, error: 'boom' });
      },
    );

    test('without an answer in it is an error', () => {
      expect(answerOf(protocol.whole.decode({}, 'chat')).error).toBe(
        'the answer ended before it was complete',
      );
    });
  });
}

describe('a whole answer of OpenAI’s dialect', () => {
  const answer = (choice: JsonObject): Answer =>
    answerOf(openaiChat.whole.decode({ choices: [{ index: 0, ...choice }] }, 'chat'));

  test('is complete as its JSON is, whatever is said of the reason', () => {
    expect(answer({ message: { content: 'Hi' }, finish_reason: null })).toMatchObject({ finish: ['stop'] });
  });

  test('keeps calls apart that have neither index nor id', () => {
    const call = (name: string): JsonObject => ({ type: 'function', function: { name, arguments: {} } });
    const { calls } = answer({
      message: { tool_calls: [call('f'), call('g')] },
      finish_reason: 'tool_calls',
    });
    expect(calls.map(({ name, arguments: text }) => [name, text])).toEqual([
      ['f', '{}'],
      ['g', '{}'],
    ]);
  });
});
