/** A `response` object to events. May import spec. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import { cutShort, errorText, upstreamError } from '../upstream-error.ts';
import { readIncomplete, readUsage } from './schema.ts';
import { readSignature } from './signature.ts';
import { customArguments, plainName } from './told-tools.ts';

/** What was read of an answer so far. */
export interface OutputReader {
  /** How many calls began. */
  calls: number;
  /** Signs the next call. */
  callSignature: Signature | undefined;
}

/** Starts one. */
export const createOutputReader = (): OutputReader => ({ calls: 0, callSignature: undefined });

/** The end of a reasoning item: what it is signed with, or what alone there is of it. */
export const readSigned = (item: JsonObject, reader: OutputReader, events: ChatEvent[]): void => {
  const text = asString(item.encrypted_content);
  if (text === undefined || text === '') return;
  const shown = textOf(item.summary) || textOf(item.content);
  const { signature, signed } = readSignature(text, shown);
  if (signed === 'call') {
    reader.callSignature = signature;
    return;
  }
  events.push({ type: signed === 'redacted' ? 'reasoning-redacted' : 'reasoning-signature', signature });
};

/** A picture the model made. */
export const readImage = (item: JsonObject, events: ChatEvent[]): void => {
  const data = asString(item.result);
  if (data !== undefined && data !== '') {
    events.push({ type: 'image', data, mediaType: `image/${asString(item.output_format) ?? 'png'}` });
  }
};

/** Begins a call; gives its number. */
export const startCall = (item: JsonObject, reader: OutputReader, events: ChatEvent[]): number => {
  const index = reader.calls;
  reader.calls += 1;
  const signature = reader.callSignature;
  reader.callSignature = undefined;
  const started = {
    type: 'tool-call-start',
    index,
    id: asString(item.call_id),
    name: plainName(asString(item.namespace), asString(item.name) ?? ''),
  } as const;
  events.push(signature === undefined ? started : { ...started, signature });
  return index;
};

/** A call's arguments as JSON text. */
export const argumentsOf = (item: JsonObject): string =>
  item.type === 'custom_tool_call'
    ? customArguments(asString(item.input) ?? '')
    : (asString(item.arguments) ?? '');

const textOf = (parts: Json | undefined): string => {
  let text = '';
  for (const part of asArray(parts) ?? []) text += asString(asObject(part)?.text) ?? '';
  return text;
};

const readMessage = (item: JsonObject, events: ChatEvent[]): void => {
  for (const value of asArray(item.content) ?? []) {
    const part = asObject(value);
    const text = asString(part?.text) ?? asString(part?.refusal) ?? '';
    const logprobs = asArray(part?.logprobs);
    if (logprobs !== undefined && logprobs.length > 0) events.push({ type: 'text-delta', text, logprobs });
    else if (text !== '') events.push({ type: 'text-delta', text });
  }
};

/** All items of an answer. */
export const readOutput = (output: readonly Json[], reader: OutputReader, events: ChatEvent[]): void => {
  for (const value of output) {
    const item = asObject(value) ?? {};
    switch (item.type) {
      case 'message':
        readMessage(item, events);
        break;
      case 'reasoning': {
        const text = textOf(item.summary) || textOf(item.content);
        if (text !== '') events.push({ type: 'reasoning-delta', text });
        readSigned(item, reader, events);
        break;
      }
      case 'function_call':
      case 'custom_tool_call': {
        const index = startCall(item, reader, events);
        const text = argumentsOf(item);
        if (text !== '') events.push({ type: 'tool-call-delta', index, arguments: text });
        events.push({ type: 'tool-call-end', index });
        break;
      }
      case 'image_generation_call':
        readImage(item, events);
        break;
      default:
    }
  }
};

/** Usage and finish of a response that has its end. */
export const readEnd = (response: JsonObject, reader: OutputReader, events: ChatEvent[]): void => {
  const usage = asObject(response.usage);
  if (usage !== undefined) events.push({ type: 'usage', usage: readUsage(usage) });
  if (response.status === 'incomplete') {
    const reason = readIncomplete(asString(asObject(response.incomplete_details)?.reason));
    events.push({ type: 'finish', reason });
  } else events.push({ type: 'finish', reason: reader.calls > 0 ? 'tool-calls' : 'stop' });
};

/** The words of a response that failed; undefined where it did not. */
export const problemOf = (response: JsonObject): string | undefined => {
  const text = errorText(response.error);
  if (text !== undefined) return text;
  return response.status === 'failed' || response.status === 'cancelled'
    ? 'the engine reported that the response failed'
    : undefined;
};

/** Reads a whole answer. */
export const readResponse = (response: JsonObject): readonly ChatEvent[] => {
  const problem = problemOf(response);
  if (problem !== undefined) return [upstreamError(problem)];
  const output = asArray(response.output);
  if (output === undefined || response.status === 'in_progress' || response.status === 'queued')
    return [cutShort()];
  const events: ChatEvent[] = [
    { type: 'response-start', id: asString(response.id), model: asString(response.model) },
  ];
  const reader = createOutputReader();
  readOutput(output, reader, events);
  readEnd(response, reader, events);
  return events;
};
