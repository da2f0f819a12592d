import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../src/protocols/anthropic/index.ts';
import { gemini } from '../../src/protocols/gemini/index.ts';
import { ollama } from '../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../src/protocols/openai-chat/index.ts';
import { openaiResponses } from '../../src/protocols/openai-responses/index.ts';
import type { ChatEvent } from '../../src/spec/chat-event.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import { asJson, chatRequest, decode, encode, stamp } from './codec.ts';

const image: ChatEvent = { type: 'image', data: 'iVBORw0KGgo=', mediaType: 'image/png' };
const events: readonly ChatEvent[] = [
  { type: 'text-delta', text: 'Look' },
  image,
  { type: 'finish', reason: 'stop' },
];

const imagesIn = (read: readonly ChatEvent[]) =>
  read.flatMap((event) => (event.type === 'image' ? [[event.mediaType, event.data]] : []));

describe('an image in an answer', () => {
  test.each(
    [openaiChat, ollama, gemini, openaiResponses].map((protocol) => [protocol.id, protocol] as const),
  )('of %s is carried in a stream and in one piece', (_id, protocol) => {
    const expected = [['image/png', 'iVBORw0KGgo=']];
    expect(imagesIn(decode(protocol, encode(protocol, events)))).toEqual(expected);
    const whole = asJson(protocol.whole.encode(events, chatRequest, stamp)) as JsonObject;
    expect(imagesIn(protocol.whole.decode(whole, 'chat'))).toEqual(expected);
  });

  test('is told of in words where no block can hold it', () => {
    const said = "[image/png: a picture of the model's, for which this API has no block]";
    const textsIn = (read: readonly ChatEvent[]) =>
      read.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
    expect(textsIn(decode(anthropic, encode(anthropic, events)))).toBe(`Look${said}`);
    const whole = asJson(anthropic.whole.encode(events, chatRequest, stamp)) as JsonObject;
    expect(textsIn(anthropic.whole.decode(whole, 'chat'))).toBe(`Look${said}`);
  });

  test('that lies elsewhere is passed over', () => {
    const message = {
      content: '',
      images: [{ type: 'image_url', image_url: { url: 'https://x.example/a' } }, 7],
    };
    const read = openaiChat.whole.decode({ choices: [{ message, finish_reason: 'stop' }] }, 'chat');
    expect(imagesIn(read)).toEqual([]);
  });
});
