import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../../src/protocols/anthropic/index.ts';
import type { ChatEvent } from '../../../src/spec/chat-event.ts';
import { answerOf } from '../answer.ts';
import { decode } from '../codec.ts';
import { bodyOf, fixtures } from '../fixtures.ts';

const files = new Map(
  (['streams', 'broken'] as const).flatMap((kind) =>
    fixtures('anthropic', kind).map(({ name, bytes }) => [name, bytes] as const),
  ),
);

const read = (name: string): readonly ChatEvent[] => {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`no fixture ${name}`);
  return decode(anthropic, bytes);
};

const signature = (events: readonly ChatEvent[]) =>
  events.flatMap((event) =>
    event.type === 'reasoning-signature' || event.type === 'reasoning-redacted' ? [event.signature] : [],
  );

describe('the anthropic decoder', () => {
  test('reads who answers, the text around a ping, and the counts of both ends', () => {
    const events = read('text-with-a-ping');
    expect(events[0]).toEqual({
      type: 'response-start',
      id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
      model: 'claude-sonnet-4-5-20250929',
    });
    expect(answerOf(events)).toMatchObject({
      said: [['text', 'Hello é!']],
      finish: ['stop'],
      usage: { inputTokens: 25, outputTokens: 15, cachedInputTokens: 0 },
    });
  });

  test('reads the arguments of calls from fragments, from the start, and as none', () => {
    expect(answerOf(read('tool-input-in-fragments')).calls).toEqual([
      {
        id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6',
        name: 'get_weather',
        arguments: '{"location": "San Francisco"}',
      },
    ]);
    expect(answerOf(read('tool-input-in-the-start')).calls[0]?.arguments).toBe('{"a":1}');
    expect(answerOf(read('tool-without-arguments')).calls[0]?.arguments).toBe('{}');
    expect(answerOf(read('two-tools')).calls.map((call) => call.arguments)).toEqual(['{"a":1}', '{"b":2}']);
  });

  test('keeps the signatures of reasoning, shown or not', () => {
    const value = 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk=';
    expect(signature(read('signed-thinking'))).toEqual([{ protocol: 'anthropic', value }]);
    expect(answerOf(read('signed-thinking')).said).toEqual([
      ['reasoning', 'Let me see.'],
      ['text', '27 * 453'],
    ]);
    expect(signature(read('thinking-that-is-not-shown'))).toHaveLength(1);
    expect(signature(read('redacted-thinking'))).toEqual([
      { protocol: 'anthropic', value: 'EmwKAhgBEgy3va3pzix' },
    ]);
    expect(signature(read('thinking-without-a-signature'))).toEqual([]);
  });

  const ends: readonly (readonly [name: string, reason: string])[] = [
    ['stop-sequence', 'stop-sequence'],
    ['limit-reached', 'length'],
    ['context-window-full', 'length'],
    ['refusal', 'refusal'],
    ['paused-turn', 'pause'],
    ['reason-nobody-knows', 'other'],
    ['closed-behind-the-reason', 'stop'],
    ['stop-without-a-reason', 'stop'],
    ['block-without-its-end', 'tool-calls'],
  ];
  test.each(ends)('reads the end of %s as %s', (name, reason) => {
    expect(answerOf(read(name)).finish).toEqual([reason]);
  });

  test('tells which sequence ended it', () => {
    expect(read('stop-sequence')).toContainEqual({
      type: 'finish',
      reason: 'stop-sequence',
      stopSequence: 'three',
    });
  });

  test('counts cached input with the rest, and takes later counts for earlier ones', () => {
    expect(answerOf(read('cached-input')).usage).toMatchObject({
      inputTokens: 1023,
      cachedInputTokens: 1000,
      outputTokens: 15,
    });
    expect(answerOf(read('usage-in-several-message-deltas')).usage?.outputTokens).toBe(7);
    expect(answerOf(read('usage-behind-the-reason')).usage?.outputTokens).toBe(9);
  });

  test('does not take the first token of a start for the count of an answer that was cut', () => {
    expect(answerOf(read('cut-inside-a-block')).usage).toEqual({
      inputTokens: 25,
      cachedInputTokens: 0,
      outputTokens: undefined,
      reasoningTokens: undefined,
    });
  });

  test('reads deltas of blocks that were never begun', () => {
    expect(answerOf(read('text-without-a-block')).said).toEqual([['text', 'Hello']]);
  });

  test('passes over the provider’s own tools without taking them for calls', () => {
    const { calls, said } = answerOf(read('search-results-and-citations'));
    expect(calls).toEqual([]);
    expect(said).toEqual([['text', 'It is']]);
  });

  const errors: readonly (readonly [name: string, message: string])[] = [
    ['overloaded-at-once', 'Overloaded'],
    ['overloaded-in-the-middle', 'Overloaded'],
    ['error-with-a-request-id', 'Internal server error'],
    ['rate-limit-without-the-words', 'rate limit: Number of request tokens has exceeded your limit'],
    ['error-without-a-message', 'timed out'],
    ['cut-inside-a-tool', 'the answer ended before it was complete'],
  ];
  test.each(errors)('says of %s: %s', (name, message) => {
    expect(answerOf(read(name)).error).toBe(message);
  });

  test('reads messages in one piece, errors and nothing at all', () => {
    const [empty, whole, tools] = fixtures('anthropic', 'wholes').map((file) =>
      answerOf(anthropic.whole.decode(bodyOf(file), 'chat')),
    );
    expect(whole?.said).toEqual([['text', 'Hi']]);
    expect(empty).toMatchObject({ said: [], finish: ['stop'] });
    expect(tools).toMatchObject({
      calls: [{ id: 'toolu_1', arguments: '{"a":[1,2]}' }, { arguments: '{}' }],
      finish: ['tool-calls'],
    });
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(answerOf(anthropic.whole.decode(error, 'chat')).error).toBe('Overloaded');
    expect(answerOf(anthropic.whole.decode({}, 'chat')).error).toBe(
      'the answer ended before it was complete',
    );
  });
});
