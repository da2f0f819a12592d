/** Ollama's NDJSON answers to events. May import spec and wire. */

import type { ChatEvent, Logprobs } from '../../spec/chat-event.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { Timings, Usage } from '../../spec/usage.ts';
import { tryParseJson } from '../../wire/json.ts';
import { createNdjsonFramer } from '../../wire/ndjson.ts';
import { framedDecoder } from '../framed-decoder.ts';
import { imageTypeOf } from '../image-type.ts';
import type { Decoder } from '../protocol.ts';
import { cutShort, errorText, upstreamError } from '../upstream-error.ts';
import { readDoneReason } from './schema.ts';

/** Reads the objects of one answer in their order; whole answers are one object. */
export interface AnswerReader {
  read(value: Json | undefined, events: ChatEvent[]): void;
  /** Nothing more can be read; an answer that has its end already stays as it is. */
  fail(problem: ChatEvent, events: ChatEvent[]): void;
  /** Nothing follows: an answer without its `done` line was cut. */
  end(events: ChatEvent[]): void;
}

const nanosecondsPerMillisecond = 1e6;

/** `/api/chat` wraps its delta in `message`, `/api/generate` does not; both are read, so no mode is needed. */
export const createAnswerReader = (): AnswerReader => {
  let isOpen = true;
  let isStarted = false;
  let toolCalls = 0;

  const fail = (problem: ChatEvent, events: ChatEvent[]): void => {
    if (!isOpen) return;
    isOpen = false;
    events.push(problem);
  };

  const readToolCalls = (calls: readonly Json[], events: ChatEvent[]): void => {
    for (const entry of calls) {
      const call = asObject(entry);
      const called = asObject(call?.function);
      if (call === undefined || called === undefined) continue;
      const index = toolCalls;
      toolCalls += 1;
      events.push({
        type: 'tool-call-start',
        index,
        id: asString(call.id),
        name: asString(called.name) ?? '',
      });
      events.push({ type: 'tool-call-delta', index, arguments: argumentsText(called.arguments) });
      events.push({ type: 'tool-call-end', index });
    }
  };

  const read = (value: Json | undefined, events: ChatEvent[]): void => {
    if (!isOpen) return;
    const line = asObject(value);
    if (line === undefined) {
      fail(upstreamError('the engine sent a line that is not a JSON object'), events);
      return;
    }
    const problem = errorText(line.error);
    if (problem !== undefined) {
      fail(upstreamError(problem), events);
      return;
    }
    if (!isStarted) {
      isStarted = true;
      events.push({ type: 'response-start', model: asString(line.model) });
    }
    const message = asObject(line.message) ?? line;
    const thinking = message.thinking;
    if (typeof thinking === 'string' && thinking !== '')
      events.push({ type: 'reasoning-delta', text: thinking });
    const text = asString(message.content) ?? asString(line.response) ?? '';
    const logprobs: Logprobs | undefined = asArray(line.logprobs);
    if (logprobs !== undefined) events.push({ type: 'text-delta', text, logprobs });
    else if (text !== '') events.push({ type: 'text-delta', text });
    readImages(asArray(message.images), events);
    const calls = asArray(message.tool_calls);
    if (calls !== undefined) readToolCalls(calls, events);
    if (line.done === true) {
      isOpen = false;
      const usage = readUsage(line);
      if (usage !== undefined) events.push({ type: 'usage', usage });
      events.push({ type: 'finish', reason: readDoneReason(line.done_reason, toolCalls > 0) });
    }
  };

  // An error takes its stack when it is made, so none is made for the answers that are whole.
  const end = (events: ChatEvent[]): void => {
    if (isOpen) fail(cutShort(), events);
  };

  return { read, fail, end };
};

/** A push machine over the lines of one answer. */
export const decoder = (): Decoder => {
  const { read, fail, end } = createAnswerReader();
  return framedDecoder({
    framer: createNdjsonFramer(),
    frame: 'a line',
    reader: { read: (line, events) => read(tryParseJson(line), events), fail, end },
  });
};

const readImages = (images: readonly Json[] | undefined, events: ChatEvent[]): void => {
  if (images === undefined) return;
  for (const data of images) {
    if (typeof data === 'string') {
      events.push({ type: 'image', data, mediaType: imageTypeOf(data) ?? 'image/png' });
    }
  }
};

/** Ollama sends an object; text is kept as it is, because shims of other engines send that. */
const argumentsText = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? {});

/** Zero is written as absent by Ollama; absent stays absent here, because older servers omit what they do not know. */
const readUsage = (line: JsonObject): Usage | undefined => {
  const inputTokens = asNumber(line.prompt_eval_count);
  const outputTokens = asNumber(line.eval_count);
  const timings = readTimings(line);
  if (inputTokens === undefined && outputTokens === undefined && timings === undefined) return undefined;
  return { inputTokens, outputTokens, timings };
};

/** Durations are whole nanoseconds on this wire. */
export const readTimings = (line: JsonObject): Timings | undefined => {
  const totalMs = milliseconds(line.total_duration);
  const loadMs = milliseconds(line.load_duration);
  const prefillMs = milliseconds(line.prompt_eval_duration);
  const decodeMs = milliseconds(line.eval_duration);
  return (totalMs ?? loadMs ?? prefillMs ?? decodeMs) === undefined
    ? undefined
    : { totalMs, loadMs, prefillMs, decodeMs };
};

const milliseconds = (value: Json | undefined): number | undefined => {
  const nanoseconds = asNumber(value);
  return nanoseconds === undefined ? undefined : nanoseconds / nanosecondsPerMillisecond;
};
