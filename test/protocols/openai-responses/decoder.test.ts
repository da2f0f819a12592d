import { describe, expect, test } from 'bun:test';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import { type Answer, answerOf } from '../answer.ts';
import { decode } from '../codec.ts';
import { bodyOf, fixtures } from '../fixtures.ts';

const usage = { inputTokens: 9, outputTokens: 5, cachedInputTokens: 4, reasoningTokens: 2 };

const expected: Readonly<Record<string, Partial<Answer>>> = {
  text: { said: [['text', 'Hello 😀\nline']], finish: ['stop'], usage },
  'reasoning-summary-and-signature': {
    said: [
      ['reasoning', 'Hm.'],
      ['text', 'Hi'],
    ],
    finish: ['stop'],
  },
  'raw-reasoning-text': {
    said: [
      ['reasoning', 'Let me see'],
      ['text', 'Hi'],
    ],
  },
  'parallel-calls-that-interleave': {
    calls: [
      { id: 'call_a', name: 'f', arguments: '{"a":1}' },
      { id: 'call_b', name: 'g', arguments: '{}' },
    ],
    finish: ['tool-calls'],
  },
  'call-without-deltas': {
    calls: [{ id: 'call_a', name: 'f', arguments: '{"a":1}' }],
    finish: ['tool-calls'],
  },
  'custom-tool-call': {
    calls: [{ id: 'call_a', name: 'patch', arguments: '{"input":"*** Begin"}' }],
    finish: ['tool-calls'],
  },
  refusal: { said: [['text', 'I cannot.']], finish: ['stop'] },
  'token-limit': { said: [['text', 'Once']], finish: ['length'], usage },
  filtered: { said: [['text', 'Once']], finish: ['content-filter'], usage },
  'nothing-but-the-end': { said: [['text', 'Hi']], finish: ['stop'], usage },
  image: { said: [], finish: ['stop'] },
  'events-after-the-end': { said: [['text', 'Hi']], finish: ['stop'] },
  'carriage-returns-and-unknown-events': { said: [['text', 'Hi']], finish: ['stop'] },
};

describe('the decoder of responses', () => {
  const streams = fixtures('openai-responses', 'streams');

  test('is tested with every stream there is', () => {
    expect(streams.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  });

  test.each(streams.map(({ name, bytes }) => [name, bytes] as const))('reads %s', (name, bytes) => {
    expect(answerOf(decode(openaiResponses, bytes))).toMatchObject({ ...expected[name] });
  });

  test.each([
    ['failed', 'the model is gone'],
    ['failed-without-words', 'the engine reported that the response failed'],
    ['error-event', 'out of memory'],
    ['error-then-failed', 'out of memory'],
    ['error-of-the-other-dialect', 'no such model'],
    ['closed-without-an-end', 'the answer ended before it was complete'],
    ['cut-inside-the-end', 'the engine sent an event that is not a JSON object'],
  ])('tells what broke in %s', (name, message) => {
    const { bytes } = fixtures('openai-responses', 'broken').find((one) => one.name === name) ?? {};
    expect(answerOf(decode(openaiResponses, bytes ?? new Uint8Array())).error).toBe(message);
  });

  test('gives signatures and pictures as their own events', () => {
    const eventsOf = (name: string) =>
      decode(openaiResponses, streams.find((one) => one.name === name)?.bytes ?? new Uint8Array());
    expect(eventsOf('reasoning-summary-and-signature')).toContainEqual({
      type: 'reasoning-signature',
      signature: { protocol: 'openai-responses', value: 'gAAA' },
    });
    expect(eventsOf('image')).toContainEqual({ type: 'image', data: 'iVBORw0K', mediaType: 'image/png' });
  });
});

describe('a whole response', () => {
  test.each(
    fixtures('openai-responses', 'wholes').map((fixture) => [fixture.name, bodyOf(fixture)] as const),
  )('%s is read to its end', (_name, body) => {
    const answer = answerOf(openaiResponses.whole.decode(body, 'chat'));
    expect(answer.error).toBeUndefined();
    expect(answer.finish).toHaveLength(1);
    expect(answer.usage).toEqual(usage);
  });

  test.each([
    [{ status: 'failed', error: { code: 'server_error', message: 'gone' }, output: [] }, 'gone'],
    [{ status: 'in_progress', output: [] }, 'the answer ended before it was complete'],
    [{ error: { message: 'no such model' } }, 'no such model'],
    [{}, 'the answer ended before it was complete'],
  ])('that is %j is no answer', (body, message) => {
    expect(answerOf(openaiResponses.whole.decode(body, 'chat')).error).toBe(message);
  });
});
