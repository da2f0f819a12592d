/** The server-sent answers of the Responses API to events. May import spec and wire. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { createSseFramer } from '../../wire/sse.ts';
import { framedDecoder } from '../framed-decoder.ts';
import type { Decoder } from '../protocol.ts';
import { cutShort, errorText, upstreamError } from '../upstream-error.ts';
import {
  argumentsOf,
  createOutputReader,
  problemOf,
  readEnd,
  readImage,
  readOutput,
  readSigned,
  startCall,
} from './read-response.ts';

/** A call that began in the stream. */
interface StreamedCall {
  readonly number: number;
  hasArguments: boolean;
}

const saidError = (data: JsonObject): ChatEvent =>
  upstreamError(errorText(data.error ?? data) ?? 'the engine reported an error without a message');

/** A push machine over the events of one answer; the type is read from the data, where every server puts it. */
export const decoder = (): Decoder => {
  const reader = createOutputReader();
  /** By `output_index`. */
  const calls = new Map<number, StreamedCall>();
  const ended = new Set<number>();
  let isStarted = false;
  let isOver = false;
  let saidAnything = false;

  const fail = (problem: ChatEvent, events: ChatEvent[]): void => {
    if (isOver) return;
    isOver = true;
    events.push(problem);
  };

  const addArguments = (data: JsonObject, events: ChatEvent[]): void => {
    const call = calls.get(asNumber(data.output_index) ?? -1);
    const text = asString(data.delta) ?? '';
    if (call === undefined || text === '') return;
    call.hasArguments = true;
    events.push({ type: 'tool-call-delta', index: call.number, arguments: text });
  };

  const addItem = (data: JsonObject, events: ChatEvent[]): void => {
    const item = asObject(data.item);
    const index = asNumber(data.output_index);
    if (index === undefined || item === undefined || calls.has(index) || ended.has(index)) return;
    if (item.type !== 'function_call' && item.type !== 'custom_tool_call') return;
    saidAnything = true;
    calls.set(index, { number: startCall(item, reader, events), hasArguments: false });
  };

  const endItem = (data: JsonObject, events: ChatEvent[]): void => {
    const item = asObject(data.item);
    if (item === undefined || ended.has(asNumber(data.output_index) ?? -1)) return;
    if (item.type === 'reasoning') readSigned(item, reader, events);
    else if (item.type === 'image_generation_call') {
      saidAnything = true;
      readImage(item, events);
    } else if (item.type === 'function_call' || item.type === 'custom_tool_call') {
      addItem(data, events);
      const index = asNumber(data.output_index) ?? -1;
      const call = calls.get(index);
      if (call === undefined) return;
      const text = call.hasArguments ? '' : argumentsOf(item);
      if (text !== '') events.push({ type: 'tool-call-delta', index: call.number, arguments: text });
      events.push({ type: 'tool-call-end', index: call.number });
      calls.delete(index);
      ended.add(index);
    }
  };

  const finish = (data: JsonObject, events: ChatEvent[]): void => {
    const response = asObject(data.response) ?? {};
    for (const { number } of calls.values()) events.push({ type: 'tool-call-end', index: number });
    calls.clear();
    // Some servers stream nothing but the end.
    if (!saidAnything) readOutput(asArray(response.output) ?? [], reader, events);
    isOver = true;
    readEnd(
      { ...response, status: data.type === 'response.incomplete' ? 'incomplete' : 'completed' },
      reader,
      events,
    );
  };

  const addText = (data: JsonObject, events: ChatEvent[]): void => {
    const text = asString(data.delta) ?? '';
    const logprobs = asArray(data.logprobs);
    saidAnything = true;
    if (logprobs !== undefined && logprobs.length > 0) events.push({ type: 'text-delta', text, logprobs });
    else if (text !== '') events.push({ type: 'text-delta', text });
  };

  const addReasoning = (data: JsonObject, events: ChatEvent[]): void => {
    const text = asString(data.delta) ?? '';
    saidAnything = true;
    if (text !== '') events.push({ type: 'reasoning-delta', text });
  };

  const failed = (data: JsonObject, events: ChatEvent[]): void => {
    const words = problemOf(asObject(data.response) ?? {});
    fail(upstreamError(words ?? 'the engine reported that the response failed'), events);
  };

  const readers: ReadonlyMap<string, (data: JsonObject, events: ChatEvent[]) => void> = new Map([
    ['response.output_text.delta', addText],
    ['response.refusal.delta', addText],
    ['response.reasoning_summary_text.delta', addReasoning],
    ['response.reasoning_text.delta', addReasoning],
    ['response.function_call_arguments.delta', addArguments],
    ['response.output_item.added', addItem],
    ['response.output_item.done', endItem],
    ['response.completed', finish],
    ['response.incomplete', finish],
    ['response.failed', failed],
    ['response.cancelled', failed],
    ['error', (data, events) => fail(saidError(data), events)],
  ]);

  const readData = (data: JsonObject, events: ChatEvent[]): void => {
    const response = asObject(data.response);
    if (!isStarted && response !== undefined) {
      isStarted = true;
      events.push({ type: 'response-start', id: asString(response.id), model: asString(response.model) });
    }
    const type = asString(data.type);
    if (type === undefined && data.error !== undefined) fail(saidError(data), events);
    else readers.get(type ?? '')?.(data, events);
  };

  return framedDecoder({
    framer: createSseFramer(),
    frame: 'an event',
    reader: {
      read: ({ data }, events) => {
        if (isOver || data === '' || data === '[DONE]') return;
        const value = asObject(tryParseJson(data));
        if (value === undefined)
          fail(upstreamError('the engine sent an event that is not a JSON object'), events);
        else readData(value, events);
      },
      fail,
      end: (events) => {
        // An error takes its stack when it is made, so none is made for the answers that are whole.
        if (!isOver) fail(cutShort(), events);
      },
    },
  });
};
