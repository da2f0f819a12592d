/** Anthropic's server-sent answers to events. May import spec and wire. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import { asNumber, asObject, type Json } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { createSseFramer } from '../../wire/sse.ts';
import { framedDecoder } from '../framed-decoder.ts';
import type { Decoder } from '../protocol.ts';
import { cutShort, upstreamError } from '../upstream-error.ts';
import {
  closeBlock,
  createMessageReader,
  failMessage,
  finishMessage,
  type MessageReader,
  openBlock,
  readDelta,
  readFirstUsage,
  readMessageDelta,
  readUsage,
  startMessage,
} from './message-reader.ts';
import { readError } from './schema.ts';

const readEvent = (reader: MessageReader, value: Json | undefined, events: ChatEvent[]): void => {
  if (reader.isBroken) return;
  const event = asObject(value);
  if (event === undefined) {
    failMessage(reader, upstreamError('the engine sent an event that is not a JSON object'), events);
    return;
  }
  const { type } = event;
  if (type === 'ping') return;
  const problem = asObject(event.error);
  if (type === 'error' || problem !== undefined) {
    failMessage(reader, upstreamError(readError(problem ?? event)), events);
    return;
  }
  if (reader.isFinished) {
    if (type === 'message_delta') readUsage(reader, event.usage, events);
    return;
  }
  const message = type === 'message_start' ? asObject(event.message) : undefined;
  startMessage(reader, message, events);
  const index = asNumber(event.index) ?? -1;
  switch (type) {
    case 'message_start':
      readFirstUsage(reader, message?.usage, events);
      return;
    case 'content_block_start':
      closeBlock(reader, index, events);
      openBlock(reader, asObject(event.content_block) ?? {}, index, events);
      return;
    case 'content_block_delta':
      readDelta(reader, event, events);
      return;
    case 'content_block_stop':
      closeBlock(reader, index, events);
      return;
    case 'message_delta':
      readMessageDelta(reader, event, events);
      return;
    case 'message_stop':
      finishMessage(reader, undefined, undefined, events);
      return;
    default:
      events.push({ type: 'unknown', raw: event });
  }
};

/** A push machine over the events of one message. */
export const decoder = (): Decoder => {
  const reader = createMessageReader();
  return framedDecoder({
    framer: createSseFramer(),
    frame: 'an event',
    reader: {
      read: ({ data }, events) => {
        if (data !== '') readEvent(reader, tryParseJson(data), events);
      },
      fail: (problem, events) => failMessage(reader, problem, events),
      end: (events) => {
        // An error takes its stack when it is made, so none is made for the answers that are whole.
        if (!reader.isBroken && !reader.isFinished) failMessage(reader, cutShort(), events);
      },
    },
  });
};
