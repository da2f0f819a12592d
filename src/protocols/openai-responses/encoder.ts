/** Events to the server-sent answers of the Responses API. May import spec and wire. */

import type { ChatRequest } from '../../spec/chat-request.ts';
import { encodeUtf8 } from '../../wire/utf8.ts';
import type { Encoder, Stamp } from '../protocol.ts';
import { createAnswerWriter } from './answer-writer.ts';

const nothing = new Uint8Array(0);

const bytesOf = (text: string): Uint8Array => (text === '' ? nothing : encodeUtf8(text));

/** `response.completed` waits for the end, because usage may follow the finish. */
export const encoder = (request: ChatRequest, stamp: Stamp): Encoder => {
  const writer = createAnswerWriter(request, stamp);
  return {
    push: (event) => bytesOf(writer.push(event)),
    end: () => bytesOf(writer.end()),
    fail: (error) => bytesOf(writer.fail(error)),
    answer: () => writer.response(),
  };
};
