/** OpenAI's server-sent answers to events. May import spec and wire. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { createSseFramer, type SseEvent } from '../../wire/sse.ts';
import type { Decoder } from '../protocol.ts';
import { cutShort, errorText, upstreamError } from '../upstream-error.ts';
import { readLogprobs } from './logprobs.ts';
import { readFinishReason, readReasoning, readUsage } from './schema.ts';
import { createToolCallReader } from './tool-call-reader.ts';

/** Reads the objects of one answer in their order; a whole answer is one object with messages for deltas. */
export interface AnswerReader {
  read(value: Json | undefined, events: ChatEvent[]): void;
  /** Nothing more can be read; an answer that has its end already stays as it is. */
  fail(problem: ChatEvent, events: ChatEvent[]): void;
  /** Nothing follows: an answer with a choice that has no end was cut. */
  end(events: ChatEvent[]): void;
}

/** Reads chat completions and completions, whole or in chunks; they differ in where the text lies. */
export const createAnswerReader = (): AnswerReader => {
  /** Per choice seen, whether it has its end. */
  const finished: boolean[] = [];
  const toolCalls = createToolCallReader();
  let isBroken = false;
  let isStarted = false;
  let timings: JsonObject | undefined;

  const isComplete = (): boolean => finished.length > 0 && !finished.includes(false);

  const fail = (problem: ChatEvent, events: ChatEvent[]): void => {
    if (isBroken || isComplete()) return;
    isBroken = true;
    events.push(problem);
  };

  const finishChoice = (index: number, reason: string, events: ChatEvent[]): void => {
    if (!toolCalls.finish(events)) {
      fail(upstreamError('the engine sent a tool call without a name'), events);
      return;
    }
    finished[index] = true;
    events.push(finish(readFinishReason(reason, toolCalls.count() > 0), index));
  };

  const readChoice = (choice: JsonObject, position: number, events: ChatEvent[]): void => {
    const index = asNumber(choice.index) ?? position;
    if (!Number.isInteger(index) || index < 0 || index >= maxChoices || finished[index] === true) return;
    while (finished.length <= index) finished.push(false);
    const message = asObject(choice.message);
    const delta = message ?? asObject(choice.delta) ?? choice;
    readText(choice, delta, index, events);
    const calls = asArray(delta.tool_calls);
    if (calls !== undefined) toolCalls.read(calls, events, message === undefined ? 'stream' : 'message');
    // A message is complete as its JSON is, whatever its server says of the reason.
    const reason = choice.finish_reason ?? (message === undefined ? undefined : 'stop');
    if (typeof reason === 'string') finishChoice(index, reason, events);
  };

  const readChoices = (choices: readonly Json[], events: ChatEvent[]): void => {
    for (let position = 0; position < choices.length; position += 1) {
      const choice = asObject(choices[position]);
      if (choice !== undefined && !isBroken) readChoice(choice, position, events);
    }
  };

  const read = (value: Json | undefined, events: ChatEvent[]): void => {
    if (isBroken) return;
    const chunk = asObject(value);
    if (chunk === undefined) {
      fail(upstreamError('the engine sent an event that is not a JSON object'), events);
      return;
    }
    const problem = errorText(chunk.error ?? (chunk.object === 'error' ? chunk : undefined));
    if (problem !== undefined) {
      fail(upstreamError(problem), events);
      return;
    }
    if (!isStarted) {
      isStarted = true;
      events.push({ type: 'response-start', id: asString(chunk.id), model: asString(chunk.model) });
    }
    readChoices(asArray(chunk.choices) ?? [], events);
    timings = asObject(chunk.timings) ?? timings;
    const usage = asObject(chunk.usage);
    if (!isBroken && (usage !== undefined || chunk.timings !== undefined)) {
      events.push({ type: 'usage', usage: readUsage(usage, timings) });
    }
  };

  // An error takes its stack when it is made, so none is made for the answers that are whole.
  const end = (events: ChatEvent[]): void => {
    if (!isBroken && !isComplete()) fail(cutShort(), events);
  };

  return { read, fail, end };
};

/** A push machine over the events of one answer. */
export const decoder = (): Decoder => {
  const framer = createSseFramer();
  const reader = createAnswerReader();

  const readEvent = (event: SseEvent, events: ChatEvent[]): void => {
    if (event.data === '[DONE]') reader.end(events);
    else if (event.event === 'error') reader.fail(upstreamError(textOfErrorEvent(event.data)), events);
    else if (event.data !== '') reader.read(tryParseJson(event.data), events);
  };

  const readEvents = (take: () => readonly SseEvent[], events: ChatEvent[]): void => {
    try {
      for (const event of take()) readEvent(event, events);
    } catch (cause) {
      reader.fail(upstreamError('the engine sent an event beyond the size limit', cause), events);
    }
  };

  return {
    push: (chunk) => {
      const events: ChatEvent[] = [];
      readEvents(() => framer.push(chunk), events);
      return events;
    },
    end: () => {
      const events: ChatEvent[] = [];
      readEvents(() => framer.end(), events);
      reader.end(events);
      return events;
    },
  };
};

/** OpenAI's own bound for `n`; it also keeps a wrong index from growing a list. */
const maxChoices = 128;

/** A refusal is text for whoever reads the answer. */
const readText = (choice: JsonObject, delta: JsonObject, index: number, events: ChatEvent[]): void => {
  const reasoning = readReasoning(delta);
  if (reasoning !== undefined && reasoning !== '') events.push(reasoningDelta(reasoning, index));
  const text = asString(delta.content) ?? asString(delta.text) ?? asString(delta.refusal) ?? '';
  const logprobs = choice.logprobs === undefined ? undefined : readLogprobs(choice.logprobs);
  if (text !== '' || logprobs !== undefined) events.push(textDelta(text, index, logprobs));
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
