/** OpenAI's answers in one piece. May import spec and wire. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import type { JsonObject } from '../../spec/json.ts';
import { type GatheredCall, type GatheredChoice, gather } from '../gathered.ts';
import type { Stamp } from '../protocol.ts';
import { refuseUnreadableCall } from '../written-call.ts';
import { createAnswerReader, endAnswer, readAnswer } from './decoder.ts';
import { chatId, completionId, toolCallId } from './encoder.ts';
import { writeParallelLogprobs } from './logprobs.ts';
import { writeFinishReason, writeImage, writeUsage } from './schema.ts';

/** A whole answer has messages where a chunk has deltas, so it is read as one chunk. */
export const whole = {
  decode: (body: JsonObject): readonly ChatEvent[] => {
    const events: ChatEvent[] = [];
    const reader = createAnswerReader();
    readAnswer(reader, body, events);
    endAnswer(reader, events);
    return events;
  },

  encode: (events: readonly ChatEvent[], request: ChatRequest, stamp: Stamp): JsonObject => {
    const { choices, toolCalls, usage } = gather(events);
    refuseUnreadableCall(choices[0]?.reason);
    const calls = toolCalls.map((call) => writeToolCall(call, stamp));
    const isChat = request.prompt === undefined;
    return {
      id: isChat ? chatId(stamp) : completionId(stamp),
      object: isChat ? 'chat.completion' : 'text_completion',
      created: stamp.createdUnix,
      model: request.model,
      choices: choices.map((choice, index) =>
        isChat ? chatChoice(choice, index, index === 0 ? calls : []) : completionChoice(choice, index),
      ),
      ...(usage === undefined ? {} : { usage: writeUsage(usage) }),
    };
  },
};

/** `content` is null beside tool calls alone, and only there. */
const chatChoice = (choice: GatheredChoice, index: number, calls: readonly JsonObject[]): JsonObject => ({
  index,
  message: {
    role: 'assistant',
    content: choice.text === '' && calls.length > 0 ? null : choice.text,
    ...(choice.reasoning === '' ? {} : { reasoning_content: choice.reasoning }),
    ...(choice.images.length === 0
      ? {}
      : { images: choice.images.map(({ mediaType, data }) => writeImage(mediaType, data)) }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  },
  logprobs: choice.logprobs === undefined ? null : { content: choice.logprobs },
  finish_reason: writeFinishReason(choice.reason ?? 'stop'),
});

const completionChoice = (choice: GatheredChoice, index: number): JsonObject => ({
  text: choice.text,
  index,
  logprobs: choice.logprobs === undefined ? null : writeParallelLogprobs(choice.logprobs, 0),
  finish_reason: writeFinishReason(choice.reason ?? 'stop'),
});

const writeToolCall = (call: GatheredCall, stamp: Stamp): JsonObject => ({
  id: call.id ?? toolCallId(stamp, call.index),
  type: 'function',
  function: { name: call.name, arguments: call.arguments },
});
