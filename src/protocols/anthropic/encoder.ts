/** Events to Anthropic's server-sent answers. May import spec and wire. */

import type { ChatEvent, FinishReason } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import type { Signature } from '../../spec/signature.ts';
import type { Usage } from '../../spec/usage.ts';
import { encodeUtf8 } from '../../wire/utf8.ts';
import type { Encoder, Stamp } from '../protocol.ts';
import { writeSignature } from '../signature-tag.ts';
import { refuseUnreadableCall } from '../written-call.ts';
import { leftOutImage } from './left-out-image.ts';
import { freshTokens, writeStopReason, writeUsage } from './schema.ts';

const nothing = new Uint8Array(0);

const idPart = (stamp: Stamp): string => stamp.id.replaceAll(/[^a-zA-Z0-9]/g, '').slice(-24);

/** An answer's id in Anthropic's form, from the request's own id. */
export const messageId = (stamp: Stamp): string => `msg_${idPart(stamp)}`;

/** An id for a tool call whose engine gave none; a part of the answer's id keeps it unique in a conversation. */
export const callId = (stamp: Stamp, index: number): string => `toolu_${idPart(stamp)}${index}`;

const event = (type: string, members: string): string =>
  `event: ${type}\ndata: {"type":"${type}"${members}}\n\n`;

type CallEvent = Extract<ChatEvent, { type: `tool-call-${string}` }>;

const isCallEvent = (given: ChatEvent): given is CallEvent => given.type.startsWith('tool-call-');

/**
 * Writes a message block by block. Blocks never overlap here, but other engines write their calls side by side and end
 * them all at once: while one call is open, everything else waits behind it in its order.
 */
export const encoder = (request: ChatRequest, stamp: Stamp): Encoder => {
  let isStarted = false;
  let open: 'text' | 'thinking' | 'call' | undefined;
  let index = -1;
  /** What every delta of the open block begins with. */
  let deltaHead = '';
  let openCall = -1;
  let deferred: ChatEvent[] = [];
  let hasCalls = false;
  let usage: Usage | undefined;
  let reason: FinishReason = 'stop';
  let stopSequence: string | undefined;

  const start = (): string => {
    if (isStarted) return '';
    isStarted = true;
    const { inputTokens = 0, cachedInputTokens } = usage ?? {};
    const cache =
      cachedInputTokens === undefined
        ? ''
        : `"cache_creation_input_tokens":0,"cache_read_input_tokens":${cachedInputTokens},`;
    const counts = `"usage":{"input_tokens":${freshTokens(inputTokens, cachedInputTokens)},${cache}"output_tokens":0}`;
    const head = `"id":${JSON.stringify(messageId(stamp))},"type":"message","role":"assistant","model":${JSON.stringify(request.model)}`;
    return event(
      'message_start',
      `,"message":{${head},"content":[],"stop_reason":null,"stop_sequence":null,${counts}}`,
    );
  };

  const close = (): string => {
    if (open === undefined) return '';
    open = undefined;
    openCall = -1;
    return event('content_block_stop', `,"index":${index}`);
  };

  /** Begins a block behind the one that is open. */
  const begin = (kind: 'text' | 'thinking' | 'call', block: string): string => {
    const before = start() + close();
    open = kind;
    index += 1;
    deltaHead = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":`;
    return before + event('content_block_start', `,"index":${index},"content_block":${block}`);
  };

  const text = (value: string): string => {
    const before = open === 'text' ? '' : begin('text', '{"type":"text","text":""}');
    return `${before}${deltaHead}"text_delta","text":${JSON.stringify(value)}}}\n\n`;
  };

  const beginThinking = (): string =>
    open === 'thinking' ? '' : begin('thinking', '{"type":"thinking","thinking":"","signature":""}');

  const thinking = (value: string): string =>
    `${beginThinking()}${deltaHead}"thinking_delta","thinking":${JSON.stringify(value)}}}\n\n`;

  /** A signature is the last thing in its block. */
  const sign = (signature: Signature): string => {
    const value = JSON.stringify(writeSignature(signature, 'anthropic'));
    const signed = `${beginThinking()}${deltaHead}"signature_delta","signature":${value}}}\n\n`;
    return signed + close();
  };

  const redacted = (signature: Signature): string => {
    const data = JSON.stringify(writeSignature(signature, 'anthropic'));
    return begin('text', `{"type":"redacted_thinking","data":${data}}`) + close();
  };

  const call = (given: CallEvent): string => {
    switch (given.type) {
      case 'tool-call-start': {
        const id = JSON.stringify(given.id ?? callId(stamp, given.index));
        const name = JSON.stringify(given.name);
        // What another engine signed of its call travels in the one block that clients give back without a look.
        const signed = given.signature === undefined ? '' : redacted(given.signature);
        const begun = signed + begin('call', `{"type":"tool_use","id":${id},"name":${name},"input":{}}`);
        openCall = given.index;
        hasCalls = true;
        return begun;
      }
      case 'tool-call-delta':
        if (given.index !== openCall || given.arguments === '') return '';
        return `${deltaHead}"input_json_delta","partial_json":${JSON.stringify(given.arguments)}}}\n\n`;
      case 'tool-call-end':
        return given.index === openCall ? close() + release() : '';
    }
  };

  /** What waited behind a call; what meets another call there waits again. */
  const release = (): string => {
    if (deferred.length === 0) return '';
    const waiting = deferred;
    deferred = [];
    let written = '';
    for (const each of waiting) written += write(each);
    return written;
  };

  const finish = (given: Extract<ChatEvent, { type: 'finish' }>): string => {
    if ((given.choice ?? 0) !== 0) return '';
    refuseUnreadableCall(given.reason);
    ({ reason, stopSequence } = given);
    let written = start();
    do written += close() + release();
    while (open !== undefined);
    return written;
  };

  const write = (given: ChatEvent): string => {
    if (given.type === 'usage') {
      usage = given.usage;
      return '';
    }
    if (openCall >= 0 && given.type !== 'finish' && !(isCallEvent(given) && given.index === openCall)) {
      deferred.push(given);
      return '';
    }
    switch (given.type) {
      case 'text-delta':
        return given.text === '' || (given.choice ?? 0) !== 0 ? '' : text(given.text);
      case 'reasoning-delta':
        return given.text === '' || (given.choice ?? 0) !== 0 ? '' : thinking(given.text);
      case 'image':
        return (given.choice ?? 0) === 0 ? close() + text(leftOutImage(given.mediaType)) + close() : '';
      case 'reasoning-signature':
        return sign(given.signature);
      case 'reasoning-redacted':
        return redacted(given.signature);
      case 'finish':
        return finish(given);
      default:
        return isCallEvent(given) ? call(given) : '';
    }
  };

  return {
    push: (given) => {
      const written = write(given);
      return written === '' ? nothing : encodeUtf8(written);
    },
    end: () => {
      const stop = stopSequence === undefined ? 'null' : JSON.stringify(stopSequence);
      const delta = `{"stop_reason":"${writeStopReason(reason, hasCalls)}","stop_sequence":${stop}}`;
      const last = event('message_delta', `,"delta":${delta},"usage":${JSON.stringify(writeUsage(usage))}`);
      return encodeUtf8(start() + close() + last + event('message_stop', ''));
    },
  };
};
