import { describe, expect, test } from 'bun:test';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import type { ChatEvent } from '../../../src/spec/chat-event.ts';
import { answerOf } from '../answer.ts';
import { decode } from '../codec.ts';
import { bodyOf, fixtures } from '../fixtures.ts';

const streams = new Map(fixtures('gemini', 'streams').map(({ name, bytes }) => [name, bytes]));
const broken = new Map(fixtures('gemini', 'broken').map(({ name, bytes }) => [name, bytes]));
const wholes = new Map(fixtures('gemini', 'wholes').map((fixture) => [fixture.name, bodyOf(fixture)]));

const eventsOf = (name: string): readonly ChatEvent[] => {
  const bytes = streams.get(name) ?? broken.get(name);
  if (bytes === undefined) throw new Error(`no fixture ${name}`);
  return decode(gemini, bytes);
};

describe('a Gemini stream', () => {
  test('gives its text in pieces and counts what it cost', () => {
    expect(answerOf(eventsOf('text-with-carriage-returns'))).toMatchObject({
      said: [['text', 'The sky is blue.']],
      finish: ['stop'],
      usage: { inputTokens: 4, outputTokens: 5 },
    });
  });

  test('tells thoughts from text, and adds their tokens to those of the answer', () => {
    expect(answerOf(eventsOf('thoughts-before-text'))).toMatchObject({
      said: [
        ['reasoning', 'Hm, well.'],
        ['text', 'Yes.'],
      ],
      usage: { inputTokens: 4, outputTokens: 8, reasoningTokens: 6 },
    });
    expect(answerOf(eventsOf('thought-false-is-text')).said).toEqual([['text', 'Yes.']]);
  });

  test('keeps the signature of a thought, and leaves that of a text to Google’s own clients', () => {
    const signatures = (name: string) =>
      eventsOf(name).flatMap((event) => (event.type === 'reasoning-signature' ? [event.signature] : []));
    expect(signatures('signed-thoughts')).toEqual([{ protocol: 'gemini', value: 'c2lnbmVk' }]);
    expect(signatures('thoughts-before-text')).toEqual([]);
  });

  test('gives calls side by side, the first with its signature, and says that tools were called', () => {
    const events = eventsOf('function-calls-side-by-side-first-signed');
    expect(answerOf(events)).toMatchObject({
      calls: [
        { name: 'get_weather', arguments: '{"city":"Paris"}' },
        { name: 'get_weather', arguments: '{"city":"Łódź"}' },
      ],
      finish: ['tool-calls'],
    });
    const starts = events.filter((event) => event.type === 'tool-call-start');
    expect(starts.map(({ signature }) => signature)).toEqual([
      { protocol: 'gemini', value: 'c2lnbmVk' },
      undefined,
    ]);
  });

  test('counts calls through its chunks and keeps their ids', () => {
    const { calls, finish } = answerOf(eventsOf('function-calls-in-chunks-of-their-own'));
    expect(calls.map(({ id, name }) => [id, name])).toEqual([
      ['a1', 'f'],
      ['a2', 'g'],
    ]);
    expect(finish).toEqual(['tool-calls']);
    expect(answerOf(eventsOf('function-call-without-arguments')).calls[0]?.arguments).toBe('{}');
  });

  test.each([
    ['token-limit-spent-in-thinking', 'length'],
    ['prompt-blocked-without-candidates', 'content-filter'],
    ['answer-stopped-for-safety', 'content-filter'],
    ['reason-nobody-knows', 'other'],
    ['malformed-function-call', 'unreadable-call'],
    ['unspecified-reason-is-none', 'stop'],
  ])('%s ends with %s', (name, reason) => {
    expect(answerOf(eventsOf(name)).finish).toEqual([reason]);
  });

  test('keeps candidates apart', () => {
    expect(answerOf(eventsOf('two-candidates'))).toMatchObject({
      said: [
        ['text', 'One'],
        ['text 1', 'Two'],
        ['text', '.'],
        ['text 1', '!'],
      ],
      finish: ['stop', 'length'],
    });
  });

  test('gives images where they stand, and what nobody else knows as unknown', () => {
    const kinds = (name: string) => eventsOf(name).map(({ type }) => type);
    expect(kinds('image-between-texts')).toEqual([
      'response-start',
      'text-delta',
      'image',
      'text-delta',
      'finish',
    ]);
    expect(kinds('code-that-was-run').filter((kind) => kind === 'unknown')).toHaveLength(2);
  });

  test('gives probabilities in the shape the other dialects share', () => {
    expect(answerOf(eventsOf('logprobs-of-two-tokens')).logprobs).toEqual([
      {
        token: 'Hi',
        logprob: -0.1,
        top_logprobs: [
          { token: 'Hi', logprob: -0.1 },
          { token: 'Yo', logprob: -2 },
        ],
      },
      { token: '!', logprob: -0.2, top_logprobs: [{ token: '!', logprob: -0.2 }] },
    ]);
  });

  test.each([
    ['bare-error-at-once', 'The model is overloaded. Please try again later.'],
    ['bare-error-after-text', 'The model is overloaded. Please try again later.'],
    ['bare-error-in-a-list', 'The model is overloaded. Please try again later.'],
    ['error-as-an-event', 'The model is overloaded. Please try again later.'],
    ['half-of-a-bare-error', 'the answer ended before it was complete'],
    ['cut-before-the-reason', 'the answer ended before it was complete'],
  ])('%s says why it broke off', (name, message) => {
    expect(answerOf(eventsOf(name)).error).toBe(message);
  });

  test('that goes on and on as bare JSON is not kept for ever', () => {
    const decoder = gemini.decoder('chat');
    decoder.push(new TextEncoder().encode('{"error":'));
    for (let round = 0; round < 64; round += 1) decoder.push(new Uint8Array(16 * 1024).fill(0x20));
    expect(decoder.end().map(({ type }) => type)).toEqual(['error']);
  });
});

describe('a whole Gemini answer', () => {
  const answer = (name: string) => {
    const body = wholes.get(name);
    if (body === undefined) throw new Error(`no fixture ${name}`);
    return gemini.whole.decode(body, 'chat');
  };

  test('is read as one chunk', () => {
    expect(answerOf(answer('text'))).toMatchObject({
      said: [['text', 'The sky is blue.']],
      finish: ['stop'],
    });
    expect(answerOf(answer('thoughts-and-signed-text'))).toMatchObject({
      said: [
        ['reasoning', 'Hm.'],
        ['text', 'Yes.'],
      ],
      usage: { inputTokens: 4, outputTokens: 8, cachedInputTokens: 3, reasoningTokens: 6 },
    });
    expect(answerOf(answer('function-calls'))).toMatchObject({
      calls: [{ name: 'get_weather' }, { id: 'x', name: 'now', arguments: '{}' }],
      finish: ['tool-calls'],
    });
  });

  test('may be a refusal of the prompt, or nothing at all', () => {
    expect(answerOf(answer('blocked-prompt')).finish).toEqual(['content-filter']);
    expect(answerOf(answer('nothing-said'))).toMatchObject({ said: [], finish: ['length'] });
  });

  test('that is an error says so', () => {
    expect(answerOf(gemini.whole.decode({ error: { code: 400, message: 'no' } }, 'chat')).error).toBe('no');
  });
});
