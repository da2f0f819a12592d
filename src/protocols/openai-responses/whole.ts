/** Whole answers of the Responses API. May import spec and wire. */

import type { ChatEvent } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import type { JsonObject } from '../../spec/json.ts';
import type { Stamp } from '../protocol.ts';
import { createAnswerWriter } from './answer-writer.ts';
import { readResponse } from './read-response.ts';

/** A whole answer is the `response` object that a stream ends with. */
export const whole = {
  decode: (body: JsonObject): readonly ChatEvent[] => readResponse(body),

  encode: (events: readonly ChatEvent[], request: ChatRequest, stamp: Stamp): JsonObject => {
    const writer = createAnswerWriter(request, stamp);
    for (const event of events) writer.push(event);
    return writer.response();
  },
};
