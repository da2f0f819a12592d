/** Events of content to the JSON of Gemini's parts. May import spec and wire. */

import type { ChatEvent, FinishReason } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import { asObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import { keptOf } from '../extension.ts';
import type { Stamp } from '../protocol.ts';
import { writeSignature } from '../signature-tag.ts';
import { argumentsObject, passOverCut } from '../written-call.ts';
import { configOf, member } from './schema.ts';

interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly signature: Signature | undefined;
  arguments: string;
}

/** Holds calls until they are whole, because they have no fragments here. */
export interface PartsWriter {
  /** The part of an event as JSON text; empty where it has none yet. */
  part(event: ChatEvent): string;
  /** Calls whose end never came, or that were no whole calls before it was known what ended the answer. */
  rest(ended: FinishReason): readonly string[];
}

/**
 * An id for a call whose engine gave none: unique in a conversation by a part of the answer's id, and the same
 * however often the answer is written.
 */
const callId = (stamp: Stamp, index: number): string =>
  `call_${stamp.id.replaceAll(/[^a-zA-Z0-9]/g, '').slice(-24)}${index}`;

const signed = (signature: Signature | undefined): string =>
  signature === undefined ? '' : `,"thoughtSignature":${JSON.stringify(writeSignature(signature, 'gemini'))}`;

/** Google shows thoughts to those who asked for them and to nobody else; callers of other dialects are told all. */
const hidesThoughts = ({ ext }: ChatRequest): boolean => {
  if (ext?.gemini === undefined) return false;
  const config = asObject(member(configOf(keptOf(ext, 'gemini').sent), 'thinkingConfig', 'thinking_config'));
  return config === undefined || member(config, 'includeThoughts', 'include_thoughts') !== true;
};

/** A writer for one answer. */
export const createPartsWriter = (request: ChatRequest, stamp: Stamp): PartsWriter => {
  const isHiding = hidesThoughts(request);
  const calls = new Map<number, OpenCall>();
  /** Whether the last that was said was thought: a signature belongs to what it follows. */
  let isThinking = false;

  const write = (index: number, ended?: FinishReason): string => {
    const call = calls.get(index);
    if (call === undefined) return '';
    const given = argumentsObject(call.arguments);
    if (given === undefined) {
      if (ended !== undefined) passOverCut(ended);
      return '';
    }
    calls.delete(index);
    const { id, name, signature } = call;
    const called = `"id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"args":${given}`;
    return `{"functionCall":{${called}}${signed(signature)}}`;
  };

  const part = (event: ChatEvent): string => {
    switch (event.type) {
      case 'text-delta':
        isThinking = false;
        return event.text === '' && event.logprobs === undefined
          ? ''
          : `{"text":${JSON.stringify(event.text)}}`;
      case 'reasoning-delta':
        isThinking = true;
        return event.text === '' || isHiding ? '' : `{"text":${JSON.stringify(event.text)},"thought":true}`;
      case 'reasoning-signature':
        if (isHiding) {
          // Of use without the thought it signs to Google alone.
          return event.signature.protocol === 'gemini' ? `{"text":""${signed(event.signature)}}` : '';
        }
        return `{"text":""${isThinking ? ',"thought":true' : ''}${signed(event.signature)}}`;
      case 'reasoning-redacted':
        isThinking = false;
        return `{"text":""${signed(event.signature)}}`;
      case 'image':
        isThinking = false;
        return `{"inlineData":${JSON.stringify({ mimeType: event.mediaType, data: event.data })}}`;
      case 'tool-call-start': {
        isThinking = false;
        const { id = callId(stamp, event.index), name, signature } = event;
        calls.set(event.index, { id, name, signature, arguments: '' });
        return '';
      }
      case 'tool-call-delta': {
        const call = calls.get(event.index);
        if (call !== undefined) call.arguments += event.arguments;
        return '';
      }
      case 'tool-call-end':
        return write(event.index);
      default:
        return '';
    }
  };

  return {
    part,
    rest: (ended) => [...calls.keys()].map((index) => write(index, ended)).filter((text) => text !== ''),
  };
};
