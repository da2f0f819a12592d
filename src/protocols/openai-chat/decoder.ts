/** OpenAI's server-sent answers to events. May import spec and wire. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { createSseFramer } from '../../wire/sse.ts';
import { type AnswerState, choiceRead, failAnswer, isComplete } from '../answer-state.ts';
import { framedDecoder } from '../framed-decoder.ts';
import type { Decoder } from '../protocol.ts';
import { cutShort, errorText, upstreamError } from '../upstream-error.ts';
import { readLogprobs } from './logprobs.ts';
import { readFinishReason, readImage, readReasoning, readUsage } from './schema.ts';
import { createToolCallReader, type ToolCallReader } from './tool-call-reader.ts';

/** How far one answer was read; a whole answer is one object with messages for deltas. */
export interface AnswerReader extends AnswerState {
  /** Made when the first call comes; most answers have none. */
  toolCalls: ToolCallReader | undefined;
  isStarted: boolean;
  timings: JsonObject | undefined;
}

/** Starts an answer: chat completions and completions, whole or in chunks, differ only in where the text lies. */
export const createAnswerReader = (): AnswerReader => ({
  finished: [],
  toolCalls: undefined,
  isBroken: false,
  isStarted: false,
  timings: undefined,
});

const finishChoice = (reader: AnswerReader, index: number, reason: string, events: ChatEvent[]): void => {
  const { toolCalls } = reader;
  if (toolCalls !== undefined && !toolCalls.finish(events)) {
    failAnswer(reader, upstreamError('the engine sent a tool call without a name'), events);
    return;
  }
  reader.finished[index] = true;
  events.push(finish(readFinishReason(reason, toolCalls !== undefined && toolCalls.count() > 0), index));
};

const readChoice = (
  reader: AnswerReader,
  choice: JsonObject,
  position: number,
  events: ChatEvent[],
): void => {
  const index = choiceRead(reader, choice.index, position);
  if (index === undefined) return;
  const message = asObject(choice.message);
  const delta = message ?? asObject(choice.delta) ?? choice;
  readText(choice, delta, index, events);
  if (delta.images !== undefined) readImages(asArray(delta.images) ?? [], index, events);
  const calls = asArray(delta.tool_calls);
  if (calls !== undefined) {
    reader.toolCalls ??= createToolCallReader();
    reader.toolCalls.read(calls, events, message === undefined ? 'stream' : 'message');
  }
  // A message is complete as its JSON is, whatever its server says of the reason.
  const reason = choice.finish_reason ?? (message === undefined ? undefined : 'stop');
  if (typeof reason === 'string') finishChoice(reader, index, reason, events);
};

const readChoices = (reader: AnswerReader, choices: readonly Json[], events: ChatEvent[]): void => {
  for (let position = 0; position < choices.length; position += 1) {
    const choice = asObject(choices[position]);
    if (choice !== undefined && !reader.isBroken) readChoice(reader, choice, position, events);
  }
};

/** Reads the next object of an answer. */
export const readAnswer = (reader: AnswerReader, value: Json | undefined, events: ChatEvent[]): void => {
  if (reader.isBroken) return;
  const chunk = asObject(value);
  if (chunk === undefined) {
    failAnswer(reader, upstreamError('the engine sent an event that is not a JSON object'), events);
    return;
  }
  const problem = errorText(chunk.error ?? (chunk.object === 'error' ? chunk : undefined));
  if (problem !== undefined) {
    failAnswer(reader, upstreamError(problem), events);
    return;
  }
  if (!reader.isStarted) {
    reader.isStarted = true;
    events.push({ type: 'response-start', id: asString(chunk.id), model: asString(chunk.model) });
  }
  const choices = asArray(chunk.choices);
  if (choices !== undefined) readChoices(reader, choices, events);
  reader.timings = asObject(chunk.timings) ?? reader.timings;
  const usage = asObject(chunk.usage);
  if (!reader.isBroken && (usage !== undefined || chunk.timings !== undefined)) {
    events.push({ type: 'usage', usage: readUsage(usage, reader.timings) });
  }
};

/** Nothing follows: an answer with a choice that has no end was cut. */
export const endAnswer = (reader: AnswerReader, events: ChatEvent[]): void => {
  // An error takes its stack when it is made, so none is made for the answers that are whole.
  if (!reader.isBroken && !isComplete(reader)) failAnswer(reader, cutShort(), events);
};

/** A push machine over the events of one answer. */
export const decoder = (): Decoder => {
  const reader = createAnswerReader();
  return framedDecoder({
    framer: createSseFramer(),
    frame: 'an event',
    reader: {
      read: ({ data, event }, events) => {
        if (data === '[DONE]') endAnswer(reader, events);
        else if (event === 'error') failAnswer(reader, upstreamError(textOfErrorEvent(data)), events);
        else if (data !== '') readAnswer(reader, tryParseJson(data), events);
      },
      fail: (problem, events) => failAnswer(reader, problem, events),
      end: (events) => endAnswer(reader, events),
    },
  });
};

/** A refusal is text for whoever reads the answer. */
const readText = (choice: JsonObject, delta: JsonObject, index: number, events: ChatEvent[]): void => {
  const reasoning = readReasoning(delta);
  if (reasoning !== undefined && reasoning !== '') events.push(reasoningDelta(reasoning, index));
  const text = asString(delta.content) ?? asString(delta.text) ?? asString(delta.refusal) ?? '';
  const logprobs = choice.logprobs === undefined ? undefined : readLogprobs(choice.logprobs);
  if (text !== '' || logprobs !== undefined) events.push(textDelta(text, index, logprobs));
};

const readImages = (images: readonly Json[], index: number, events: ChatEvent[]): void => {
  for (const value of images) {
    const image = readImage(value);
    if (image !== undefined) events.push({ type: 'image', ...image, choice: choiceOf(index) });
  }
};

const textDelta = (text: string, choice: number, logprobs: readonly Json[] | undefined): ChatEvent => {
  if (logprobs !== undefined) return { type: 'text-delta', text, choice: choiceOf(choice), logprobs };
  return choice === 0 ? { type: 'text-delta', text } : { type: 'text-delta', text, choice };
};

const reasoningDelta = (text: string, choice: number): ChatEvent =>
  choice === 0 ? { type: 'reasoning-delta', text } : { type: 'reasoning-delta', text, choice };

const finish = (reason: FinishEvent['reason'], choice: number): ChatEvent => ({
  type: 'finish',
  reason,
  choice: choiceOf(choice),
});

type FinishEvent = Extract<ChatEvent, { type: 'finish' }>;

const choiceOf = (choice: number): number | undefined => (choice === 0 ? undefined : choice);

/** `event: error` carries an error object, bare or wrapped, or plain text. */
const textOfErrorEvent = (data: string): string => {
  const value = tryParseJson(data);
  const wrapped = asObject(value)?.error;
  return errorText(wrapped ?? value ?? data) ?? 'the engine reported an error without a message';
};
