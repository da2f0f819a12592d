/** Ollama's answers in one piece. May import spec and wire. */

import type { ChatEvent, FinishReason } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import type { JsonObject } from '../../spec/json.ts';
import { parseJson } from '../../wire/json.ts';
import { type GatheredCall, gather } from '../gathered.ts';
import type { Stamp } from '../protocol.ts';
import { argumentsObject, passOverCut, refuseUnreadableCall } from '../written-call.ts';
import { createAnswerReader } from './decoder.ts';
import { metricsOf } from './encoder.ts';
import { writeDoneReason } from './schema.ts';

/** A whole answer has the shape of a stream's `done` line, so it is read as one. */
export const whole = {
  decode: (body: JsonObject): readonly ChatEvent[] => {
    const events: ChatEvent[] = [];
    const reader = createAnswerReader();
    reader.read(body, events);
    reader.end(events);
    return events;
  },

  encode: (events: readonly ChatEvent[], request: ChatRequest, stamp: Stamp): JsonObject => {
    const { choices, toolCalls, usage } = gather(events);
    const { text = '', reasoning, images = [], logprobs, reason } = choices[0] ?? {};
    refuseUnreadableCall(reason);
    const calls = toolCalls.flatMap((call) => writeToolCall(call, reason));
    const extras = {
      ...(reasoning ? { thinking: reasoning } : {}),
      ...(images.length === 0 ? {} : { images: images.map(({ data }) => data) }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    };
    return {
      model: request.model,
      created_at: stamp.now(),
      ...(request.prompt === undefined
        ? { message: { role: 'assistant', content: text, ...extras } }
        : { response: text, ...extras }),
      ...(logprobs === undefined ? {} : { logprobs }),
      done: true,
      done_reason: writeDoneReason(reason ?? 'stop'),
      ...metricsOf(usage, stamp.elapsedMs(), undefined),
    };
  },
};

const writeToolCall = (call: GatheredCall, ended: FinishReason | undefined): readonly JsonObject[] => {
  const given = argumentsObject(call.arguments);
  if (given === undefined) {
    passOverCut(ended);
    return [];
  }
  const { id, index, name } = call;
  return [{ ...(id === undefined ? {} : { id }), function: { index, name, arguments: parseJson(given) } }];
};
