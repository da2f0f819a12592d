import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../../src/protocols/anthropic/index.ts';
import type { ChatEvent } from '../../../src/spec/chat-event.ts';
import type { Json, JsonObject } from '../../../src/spec/json.ts';
import { answerOf } from '../answer.ts';
import { chatRequest, decode, encode, stamp } from '../codec.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Each event as its name and its data, which must say the same type. */
const eventsOf = (events: readonly ChatEvent[]): readonly JsonObject[] =>
  text(encode(anthropic, events))
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      const value = JSON.parse(data ?? '') as JsonObject;
      expect(value.type).toBe(name as Json);
      return value;
    });

const outline = (events: readonly ChatEvent[]): readonly string[] =>
  eventsOf(events).map((event) => {
    const { type, index, content_block: block, delta } = event as Record<string, JsonObject | undefined>;
    const what = (block?.type ?? delta?.type ?? '') as string;
    return [type as unknown as string, index === undefined ? '' : String(index), what].join(' ').trim();
  });

const hi: ChatEvent = { type: 'text-delta', text: 'Hi' };
const hm: ChatEvent = { type: 'reasoning-delta', text: 'Hm' };
const stop: ChatEvent = { type: 'finish', reason: 'stop' };
const start = (index: number): ChatEvent => ({ type: 'tool-call-start', index, id: `c${index}`, name: 'f' });
const part = (index: number, json: string): ChatEvent => ({
  type: 'tool-call-delta',
  index,
  arguments: json,
});
const end = (index: number): ChatEvent => ({ type: 'tool-call-end', index });

describe('the anthropic encoder', () => {
  test('says in a block of its own, streamed or whole, that there was a picture', () => {
    const picture: ChatEvent = { type: 'image', data: 'iVBORw0K', mediaType: 'image/png' };
    const events = [hi, picture, hi, stop];
    expect(outline(events).filter((line) => line.startsWith('content_block_start'))).toEqual([
      'content_block_start 0 text',
      'content_block_start 1 text',
      'content_block_start 2 text',
    ]);
    const said = expect.stringContaining('image/png');
    expect(answerOf(decode(anthropic, encode(anthropic, events))).said).toEqual([['text', said]]);
    expect(anthropic.whole.encode(events, chatRequest, stamp).content).toMatchObject([
      { text: 'Hi' },
      { text: said },
      { text: 'Hi' },
    ]);
  });

  test('writes the start, the block, the reason with the counts, and the stop', () => {
    expect(
      eventsOf([
        { type: 'response-start' },
        hi,
        { type: 'usage', usage: { inputTokens: 9, outputTokens: 2 } },
        stop,
      ]),
    ).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_req01234567',
          type: 'message',
          role: 'assistant',
          model: 'asked/for:this',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 0, output_tokens: 0 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { input_tokens: 9, output_tokens: 2 },
      },
      { type: 'message_stop' },
    ]);
  });

  test('tells the input at the start where the engine told it before it spoke', () => {
    const usage: ChatEvent = { type: 'usage', usage: { inputTokens: 1003, cachedInputTokens: 1000 } };
    const [first] = eventsOf([usage, hi, stop]);
    expect(first?.message).toMatchObject({
      usage: {
        input_tokens: 3,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 1000,
        output_tokens: 0,
      },
    });
  });

  test('puts reasoning and text into blocks of their own', () => {
    expect(outline([hm, hm, hi, hm, stop])).toEqual([
      'message_start',
      'content_block_start 0 thinking',
      'content_block_delta 0 thinking_delta',
      'content_block_delta 0 thinking_delta',
      'content_block_stop 0',
      'content_block_start 1 text',
      'content_block_delta 1 text_delta',
      'content_block_stop 1',
      'content_block_start 2 thinking',
      'content_block_delta 2 thinking_delta',
      'content_block_stop 2',
      'message_delta',
      'message_stop',
    ]);
  });

  test('ends a block of reasoning with its signature, that of another dialect under its name', () => {
    const signature = (protocol: 'anthropic' | 'gemini'): ChatEvent => ({
      type: 'reasoning-signature',
      signature: { protocol, value: 'c2ln' },
    });
    const values = eventsOf([hm, signature('anthropic'), hm, signature('gemini'), hi, stop]).flatMap(
      ({ delta }) => (delta as JsonObject | undefined)?.signature ?? [],
    );
    expect(values).toEqual(['c2ln', 'pointsman.gemini.c2ln']);
  });

  test('writes a signature without a word of reasoning, and reasoning that nobody can read', () => {
    const signature = { protocol: 'anthropic', value: 'x' } as const;
    expect(
      outline([{ type: 'reasoning-signature', signature }, { type: 'reasoning-redacted', signature }, stop]),
    ).toEqual([
      'message_start',
      'content_block_start 0 thinking',
      'content_block_delta 0 signature_delta',
      'content_block_stop 0',
      'content_block_start 1 redacted_thinking',
      'content_block_stop 1',
      'message_delta',
      'message_stop',
    ]);
  });

  test('puts what was signed of a call into a block before it', () => {
    const signed: ChatEvent = {
      type: 'tool-call-start',
      index: 0,
      name: 'f',
      signature: { protocol: 'gemini', value: 'abc' },
    };
    const blocks = eventsOf([signed, end(0), stop]).flatMap((event) => event.content_block ?? []);
    expect(blocks).toEqual([
      { type: 'redacted_thinking', data: 'pointsman.gemini.abc' },
      { type: 'tool_use', id: 'toolu_req012345670', name: 'f', input: {} },
    ]);
    const body = { content: blocks, role: 'assistant' };
    const { messages } = anthropic.parse({ model: 'm', max_tokens: 1, messages: [body] }, 'chat');
    expect(messages[0]).toMatchObject({ toolCalls: [{ signature: { protocol: 'gemini', value: 'abc' } }] });
    expect(messages[0]?.reasoningBlocks).toBeUndefined();
  });

  test('streams the arguments of one call, and keeps what another says beside it until it ended', () => {
    const encoder = anthropic.encoder(chatRequest, stamp);
    encoder.push(start(0));
    expect(text(encoder.push(part(0, '{"a":')))).toContain('{\\"a\\":');
    expect(text(encoder.push(start(1)))).toBe('');
    expect(text(encoder.push(part(1, '{}')))).toBe('');
    expect(text(encoder.push(part(0, '1}')))).toContain('1}');
    expect(text(encoder.push(end(0)))).toContain('"index":1');
  });

  test('never lets blocks overlap, however calls are interleaved', () => {
    const interleaved = [
      start(0),
      start(1),
      part(1, '{"b"'),
      part(0, '{"a"'),
      hi,
      part(0, ':1}'),
      part(1, ':2}'),
      start(2),
      end(1),
      end(2),
      end(0),
      stop,
    ];
    const { calls, said } = answerOf(decode(anthropic, encode(anthropic, interleaved)));
    expect(calls).toEqual([
      { id: 'c0', name: 'f', arguments: '{"a":1}' },
      { id: 'c1', name: 'f', arguments: '{"b":2}' },
      { id: 'c2', name: 'f', arguments: '{}' },
    ]);
    expect(said).toEqual([['text', 'Hi']]);
    let open = -1;
    for (const event of eventsOf(interleaved)) {
      if (event.type === 'content_block_start') {
        expect(open).toBe(-1);
        open = event.index as number;
      } else if (event.type === 'content_block_stop') {
        expect(event.index).toBe(open);
        open = -1;
      } else if (event.type === 'content_block_delta') expect(event.index).toBe(open);
    }
  });

  test('closes calls that an engine never closed', () => {
    const { calls } = answerOf(
      decode(anthropic, encode(anthropic, [start(0), start(1), part(1, '{}'), stop])),
    );
    expect(calls).toHaveLength(2);
  });

  const reasons = [
    ['stop', 'end_turn'],
    ['stop-sequence', 'stop_sequence'],
    ['length', 'max_tokens'],
    ['tool-calls', 'tool_use'],
    ['content-filter', 'refusal'],
    ['refusal', 'refusal'],
    ['pause', 'pause_turn'],
    ['load', 'end_turn'],
    ['unload', 'end_turn'],
    ['other', 'end_turn'],
  ] as const;
  test.each(reasons)('says of %s that it is %s', (reason, written) => {
    const delta = eventsOf([hi, { type: 'finish', reason }]).find(
      ({ type }) => type === 'message_delta',
    )?.delta;
    expect(delta).toEqual({ stop_reason: written, stop_sequence: null });
  });

  test('says which sequence ended it', () => {
    const finish: ChatEvent = { type: 'finish', reason: 'stop-sequence', stopSequence: 'END' };
    expect(eventsOf([finish]).at(-2)?.delta).toEqual({ stop_reason: 'stop_sequence', stop_sequence: 'END' });
  });

  test('says that there are calls whatever an engine calls its end', () => {
    expect(eventsOf([start(0), end(0), stop]).at(-2)?.delta).toMatchObject({ stop_reason: 'tool_use' });
  });

  test('writes a message even where nothing was said, and leaves out other choices', () => {
    const events: ChatEvent[] = [
      { type: 'text-delta', text: 'no', choice: 1 },
      { type: 'image', data: 'AA==', mediaType: 'image/png', choice: 1 },
      { type: 'finish', reason: 'stop', choice: 1 },
      stop,
    ];
    expect(outline(events)).toEqual(['message_start', 'message_delta', 'message_stop']);
  });
});
