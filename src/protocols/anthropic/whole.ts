/** Anthropic's answers in one piece. May import spec and wire. */

import type { ChatEvent, FinishReason } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type JsonObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import { tryParseJson } from '../../wire/json.ts';
import { gather } from '../gathered.ts';
import type { Stamp } from '../protocol.ts';
import { writeSignature } from '../signature-tag.ts';
import { cutShort, upstreamError } from '../upstream-error.ts';
import { passOverCut, refuseUnreadableCall } from '../written-call.ts';
import { callId, messageId } from './encoder.ts';
import { leftOutImage } from './left-out-image.ts';
import {
  closeBlock,
  createMessageReader,
  failMessage,
  finishMessage,
  openBlock,
  readUsage,
  startMessage,
} from './message-reader.ts';
import { readError, writeStopReason, writeUsage } from './schema.ts';

/** A message's blocks are what a stream's events build, so they are read as if they came one by one. */
const decode = (body: JsonObject): readonly ChatEvent[] => {
  const events: ChatEvent[] = [];
  const reader = createMessageReader();
  const problem = asObject(body.error);
  if (body.type === 'error' || problem !== undefined) {
    failMessage(reader, upstreamError(readError(problem ?? body)), events);
    return events;
  }
  const content = asArray(body.content);
  if (content === undefined && body.type !== 'message') {
    failMessage(reader, cutShort(), events);
    return events;
  }
  startMessage(reader, body, events);
  for (const [index, block] of (content ?? []).entries()) {
    openBlock(reader, asObject(block) ?? {}, index, events);
    closeBlock(reader, index, events);
  }
  readUsage(reader, body.usage, events);
  finishMessage(reader, asString(body.stop_reason), asString(body.stop_sequence), events);
  return events;
};

/** No text at all means no arguments; a call that was cut off has an empty input, as the provider has it. */
const inputOf = (text: string, ended: FinishReason | undefined): JsonObject => {
  const input = text.trim() === '' ? {} : asObject(tryParseJson(text));
  if (input === undefined) passOverCut(ended);
  return input ?? {};
};

type Block = Record<string, string>;

/** Text and reasoning in blocks, in the order in which they were said. */
const spokenBlocks = (events: readonly ChatEvent[]): readonly JsonObject[] => {
  const blocks: Block[] = [];
  let open: Block | undefined;
  const within = (type: string, made: () => Block): Block => {
    if (open === undefined || open.type !== type) {
      open = made();
      blocks.push(open);
    }
    return open;
  };
  const thinking = (): Block => within('thinking', () => ({ type: 'thinking', thinking: '', signature: '' }));

  for (const event of events) {
    switch (event.type) {
      case 'text-delta':
        if (event.text === '' || (event.choice ?? 0) !== 0) break;
        within('text', () => ({ type: 'text', text: '' })).text += event.text;
        break;
      case 'reasoning-delta':
        if (event.text === '' || (event.choice ?? 0) !== 0) break;
        thinking().thinking += event.text;
        break;
      case 'image':
        if ((event.choice ?? 0) !== 0) break;
        blocks.push({ type: 'text', text: leftOutImage(event.mediaType) });
        open = undefined;
        break;
      case 'reasoning-signature':
        thinking().signature = writeSignature(event.signature, 'anthropic');
        open = undefined;
        break;
      case 'reasoning-redacted':
        blocks.push({ type: 'redacted_thinking', data: writeSignature(event.signature, 'anthropic') });
        open = undefined;
        break;
      default:
    }
  }
  return blocks;
};

const callSignatures = (events: readonly ChatEvent[]): ReadonlyMap<number, Signature> => {
  const signatures = new Map<number, Signature>();
  for (const event of events) {
    if (event.type === 'tool-call-start' && event.signature !== undefined) {
      signatures.set(event.index, event.signature);
    }
  }
  return signatures;
};

const stopSequenceOf = (events: readonly ChatEvent[]): string | null => {
  for (const event of events) if (event.type === 'finish') return event.stopSequence ?? null;
  return null;
};

const encode = (events: readonly ChatEvent[], request: ChatRequest, stamp: Stamp): JsonObject => {
  const { choices, toolCalls, usage } = gather(events);
  const { reason } = choices[0] ?? {};
  refuseUnreadableCall(reason);
  const signatures = callSignatures(events);
  const calls = toolCalls.flatMap((call) => {
    const signature = signatures.get(call.index);
    const data = signature === undefined ? undefined : writeSignature(signature, 'anthropic');
    return [
      ...(data === undefined ? [] : [{ type: 'redacted_thinking', data }]),
      {
        type: 'tool_use',
        id: call.id ?? callId(stamp, call.index),
        name: call.name,
        input: inputOf(call.arguments, reason),
      },
    ];
  });
  return {
    id: messageId(stamp),
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [...spokenBlocks(events), ...calls],
    stop_reason: writeStopReason(reason ?? 'stop', toolCalls.length > 0),
    stop_sequence: stopSequenceOf(events),
    usage: { input_tokens: 0, ...writeUsage(usage) },
  };
};

/** Both directions. */
export const whole = { decode, encode };
