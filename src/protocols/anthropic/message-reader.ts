/** Blocks, usage and end of one message of Anthropic's, streamed or whole, to events. May import spec. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import { asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { readSignature } from '../signature-tag.ts';
import { inputText, noteUsage, readStopReason, type UsageCounts, usageOf } from './schema.ts';

/** A block that is open: calls have a number, what no other dialect knows is passed over. */
interface OpenBlock {
  readonly kind: 'text' | 'thinking' | 'call' | 'other';
  readonly call: number;
  /** The input a call began with, in place of which its fragments come. */
  input: string;
}

/** How far one message was read; a whole one is read as a stream that came at once. */
export interface MessageReader {
  readonly blocks: Map<number, OpenBlock>;
  readonly usage: UsageCounts;
  calls: number;
  isStarted: boolean;
  isFinished: boolean;
  isBroken: boolean;
}

/** Starts a message. */
export const createMessageReader = (): MessageReader => ({
  blocks: new Map(),
  usage: { fresh: undefined, read: undefined, written: undefined, output: undefined, thinking: undefined },
  calls: 0,
  isStarted: false,
  isFinished: false,
  isBroken: false,
});

/** Nothing more can be read; a message that has its end already stays as it is. */
export const failMessage = (reader: MessageReader, problem: ChatEvent, events: ChatEvent[]): void => {
  if (reader.isBroken || reader.isFinished) return;
  reader.isBroken = true;
  events.push(problem);
};

/** Takes an event's `usage`, which may also come behind the end. */
export const readUsage = (reader: MessageReader, value: Json | undefined, events: ChatEvent[]): void => {
  const usage = asObject(value);
  if (usage === undefined) return;
  noteUsage(reader.usage, usage);
  events.push({ type: 'usage', usage: usageOf(reader.usage) });
};

/** The same at a message's start, where the output is counted before there is any. */
export const readFirstUsage = (reader: MessageReader, value: Json | undefined, events: ChatEvent[]): void => {
  const usage = asObject(value);
  if (usage !== undefined) readUsage(reader, { ...usage, output_tokens: undefined }, events);
};

const text = (value: string | undefined, events: ChatEvent[]): void => {
  if (value !== undefined && value !== '') events.push({ type: 'text-delta', text: value });
};

const reasoning = (value: string | undefined, events: ChatEvent[]): void => {
  if (value !== undefined && value !== '') events.push({ type: 'reasoning-delta', text: value });
};

/** Servers of this dialect that sign nothing send an empty one, or none. */
const signature = (value: string | undefined, events: ChatEvent[]): void => {
  if (value !== undefined && value !== '') {
    events.push({ type: 'reasoning-signature', signature: readSignature(value, 'anthropic') });
  }
};

/** Opens a block and says what it holds already: in a whole message that is everything. */
export const openBlock = (
  reader: MessageReader,
  block: JsonObject,
  index: number,
  events: ChatEvent[],
): void => {
  const open = (kind: OpenBlock['kind'], call = -1, input = ''): void => {
    reader.blocks.set(index, { kind, call, input });
  };
  switch (block.type) {
    case 'text':
      open('text');
      text(asString(block.text), events);
      return;
    case 'thinking':
      open('thinking');
      reasoning(asString(block.thinking), events);
      signature(asString(block.signature), events);
      return;
    case 'redacted_thinking':
      open('other');
      events.push({
        type: 'reasoning-redacted',
        signature: readSignature(asString(block.data) ?? '', 'anthropic'),
      });
      return;
    case 'tool_use':
      open('call', reader.calls, inputText(block.input));
      events.push({
        type: 'tool-call-start',
        index: reader.calls,
        id: asString(block.id),
        name: asString(block.name) ?? '',
      });
      reader.calls += 1;
      return;
    default:
      open('other');
      events.push({ type: 'unknown', raw: block });
  }
};

/** Takes a piece of the block it belongs to. */
export const readDelta = (reader: MessageReader, event: JsonObject, events: ChatEvent[]): void => {
  const delta = asObject(event.delta);
  if (delta === undefined) return;
  switch (delta.type) {
    case 'text_delta':
      text(asString(delta.text), events);
      return;
    case 'thinking_delta':
      reasoning(asString(delta.thinking), events);
      return;
    case 'signature_delta':
      signature(asString(delta.signature), events);
      return;
    case 'input_json_delta': {
      const block = reader.blocks.get(asNumber(event.index) ?? -1);
      const fragment = asString(delta.partial_json) ?? '';
      if (block?.kind !== 'call' || fragment === '') return;
      block.input = '';
      events.push({ type: 'tool-call-delta', index: block.call, arguments: fragment });
      return;
    }
    default:
      events.push({ type: 'unknown', raw: event });
  }
};

/** A call without a fragment has the input it began with, which is no arguments as a rule. */
export const closeBlock = (reader: MessageReader, index: number, events: ChatEvent[]): void => {
  const block = reader.blocks.get(index);
  if (block === undefined) return;
  reader.blocks.delete(index);
  if (block.kind !== 'call') return;
  if (block.input !== '') events.push({ type: 'tool-call-delta', index: block.call, arguments: block.input });
  events.push({ type: 'tool-call-end', index: block.call });
};

/** The end of the message, with its blocks closed where a server forgot to. */
export const finishMessage = (
  reader: MessageReader,
  reason: string | undefined,
  stopSequence: string | undefined,
  events: ChatEvent[],
): void => {
  if (reader.isFinished || reader.isBroken) return;
  for (const index of [...reader.blocks.keys()]) closeBlock(reader, index, events);
  reader.isFinished = true;
  const known = readStopReason(reason ?? 'end_turn', reader.calls > 0);
  events.push(
    stopSequence === undefined
      ? { type: 'finish', reason: known }
      : { type: 'finish', reason: known, stopSequence },
  );
};

/** The start of a message; servers that stand in for the provider may leave it out, so every event begins one. */
export const startMessage = (
  reader: MessageReader,
  message: JsonObject | undefined,
  events: ChatEvent[],
): void => {
  if (reader.isStarted) return;
  reader.isStarted = true;
  events.push({ type: 'response-start', id: asString(message?.id), model: asString(message?.model) });
};

/** Takes the end of a message, or a count on the way there. */
export const readMessageDelta = (reader: MessageReader, event: JsonObject, events: ChatEvent[]): void => {
  readUsage(reader, event.usage, events);
  const delta = asObject(event.delta);
  const reason = asString(delta?.stop_reason);
  if (reason !== undefined) finishMessage(reader, reason, asString(delta?.stop_sequence), events);
};
