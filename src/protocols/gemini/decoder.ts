/** Gemini's server-sent answers to events. May import spec and wire. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { createSseFramer } from '../../wire/sse.ts';
import { decodeUtf8 } from '../../wire/utf8.ts';
import { type AnswerState, choiceRead, failAnswer, isComplete } from '../answer-state.ts';
import { framedDecoder } from '../framed-decoder.ts';
import type { Decoder } from '../protocol.ts';
import { readSignature } from '../signature-tag.ts';
import { cutShort, errorText, upstreamError } from '../upstream-error.ts';
import { type BareTail, createBareTail } from './bare-tail.ts';
import { readLogprobs } from './logprobs.ts';
import { readFinishReason, readUsage } from './schema.ts';

/** How far one answer was read; a whole answer is one chunk. */
export interface AnswerReader extends AnswerState {
  calls: number;
  isStarted: boolean;
}

/** Starts an answer. */
export const createAnswerReader = (): AnswerReader => ({
  finished: [],
  calls: 0,
  isBroken: false,
  isStarted: false,
});

/** Calls come whole, each in a part of its own. */
const readCall = (
  reader: AnswerReader,
  call: JsonObject,
  signature: string | undefined,
  events: ChatEvent[],
): void => {
  const index = reader.calls;
  reader.calls += 1;
  const start = {
    type: 'tool-call-start',
    index,
    id: asString(call.id),
    name: asString(call.name) ?? '',
  } as const;
  events.push(signature === undefined ? start : { ...start, signature: readSignature(signature, 'gemini') });
  events.push({ type: 'tool-call-delta', index, arguments: JSON.stringify(call.args ?? {}) });
  events.push({ type: 'tool-call-end', index });
};

/** A text may come with the candidate's probabilities, which are those of its tokens. */
const readPart = (
  reader: AnswerReader,
  part: JsonObject,
  choice: number | undefined,
  logprobs: readonly Json[] | undefined,
  events: ChatEvent[],
): void => {
  const signature = asString(part.thoughtSignature) || undefined;
  const call = asObject(part.functionCall);
  if (call !== undefined) {
    if (choice === undefined) readCall(reader, call, signature, events);
    return;
  }
  const { text } = part;
  const blob = asObject(part.inlineData);
  if (typeof text === 'string') {
    if (part.thought === true) readThought(text, signature, choice, events);
    else if (logprobs !== undefined) events.push({ type: 'text-delta', text, choice, logprobs });
    else if (text !== '')
      events.push(choice === undefined ? { type: 'text-delta', text } : { type: 'text-delta', text, choice });
  } else if (blob !== undefined) {
    const mediaType = asString(blob.mimeType) ?? 'image/png';
    events.push({ type: 'image', data: asString(blob.data) ?? '', mediaType, choice });
  } else if (signature === undefined) events.push({ type: 'unknown', raw: part });
};

/** The signature of a text is for Google's own clients: it closes no thought, and nobody is refused without it. */
const readThought = (
  text: string,
  signature: string | undefined,
  choice: number | undefined,
  events: ChatEvent[],
): void => {
  if (text !== '') events.push({ type: 'reasoning-delta', text, choice });
  if (signature !== undefined && choice === undefined) {
    events.push({ type: 'reasoning-signature', signature: readSignature(signature, 'gemini') });
  }
};

const isText = (part: Json): boolean => {
  const object = asObject(part);
  return typeof object?.text === 'string' && object.thought !== true;
};

const readCandidate = (
  reader: AnswerReader,
  candidate: JsonObject,
  position: number,
  events: ChatEvent[],
): void => {
  const index = choiceRead(reader, candidate.index, position);
  if (index === undefined) return;
  const choice = index === 0 ? undefined : index;
  let logprobs = candidate.logprobsResult === undefined ? undefined : readLogprobs(candidate.logprobsResult);
  const parts = asArray(asObject(candidate.content)?.parts) ?? [];
  for (const value of parts) {
    const part = asObject(value);
    if (part === undefined) continue;
    const isSpoken = logprobs !== undefined && isText(part);
    readPart(reader, part, choice, isSpoken ? logprobs : undefined, events);
    if (isSpoken) logprobs = undefined;
  }
  if (logprobs !== undefined) events.push({ type: 'text-delta', text: '', choice, logprobs });
  const reason = candidate.finishReason;
  if (typeof reason !== 'string' || reason === 'FINISH_REASON_UNSPECIFIED') return;
  reader.finished[index] = true;
  events.push({
    type: 'finish',
    reason: readFinishReason(reason, choice === undefined && reader.calls > 0),
    choice,
  });
};

/** Reads the next object of an answer. */
export const readAnswer = (reader: AnswerReader, value: Json | undefined, events: ChatEvent[]): void => {
  if (reader.isBroken) return;
  const chunk = asObject(value);
  if (chunk === undefined) {
    failAnswer(reader, upstreamError('the engine sent an event that is not a JSON object'), events);
    return;
  }
  const problem = errorText(chunk.error);
  if (problem !== undefined) {
    failAnswer(reader, upstreamError(problem), events);
    return;
  }
  if (!reader.isStarted) {
    reader.isStarted = true;
    events.push({
      type: 'response-start',
      id: asString(chunk.responseId),
      model: asString(chunk.modelVersion),
    });
  }
  const usage = asObject(chunk.usageMetadata);
  if (usage !== undefined) events.push({ type: 'usage', usage: readUsage(usage) });
  const candidates = asArray(chunk.candidates) ?? [];
  for (const [position, each] of candidates.entries()) {
    const candidate = asObject(each);
    if (candidate !== undefined) readCandidate(reader, candidate, position, events);
  }
  // A prompt that was blocked has no candidates, and that is the whole answer.
  if (candidates.length === 0 && reader.finished.length === 0 && isBlocked(chunk)) {
    reader.finished.push(true);
    events.push({ type: 'finish', reason: 'content-filter' });
  }
};

const isBlocked = (chunk: JsonObject): boolean =>
  typeof asObject(chunk.promptFeedback)?.blockReason === 'string';

/** Nothing follows: an answer with a candidate that has no end was cut. */
export const endAnswer = (reader: AnswerReader, events: ChatEvent[]): void => {
  // An error takes its stack when it is made, so none is made for the answers that are whole.
  if (!reader.isBroken && !isComplete(reader)) failAnswer(reader, cutShort(), events);
};

/** A push machine over the events of one answer. */
export const decoder = (): Decoder => {
  const reader = createAnswerReader();
  const tail = createBareTail();
  const framed = framedDecoder({
    framer: createSseFramer(),
    frame: 'an event',
    reader: {
      read: ({ data }, events) => {
        if (data !== '') readAnswer(reader, tryParseJson(data), events);
      },
      fail: (problem, events) => failAnswer(reader, problem, events),
      end: (events) => {
        readBare(reader, tail, events);
        endAnswer(reader, events);
      },
    },
  });

  return {
    stray: tail.last,
    push: (chunk) => {
      const events = framed.push(tail.push(chunk));
      if (tail.last() === 0) return events;
      const all = [...events];
      readBare(reader, tail, all);
      return all;
    },
    end: framed.end,
  };
};

/** What stands between the events is an error once it is whole, or nothing that could be read. */
const readBare = (reader: AnswerReader, tail: BareTail, events: ChatEvent[]): void => {
  const bytes = tail.bytes();
  if (bytes === undefined || reader.isBroken) return;
  const value = tryParseJson(decodeUtf8(bytes));
  const problem = errorText((asObject(value) ?? asObject(asArray(value)?.[0]))?.error);
  if (problem !== undefined) failAnswer(reader, upstreamError(problem), events);
};
