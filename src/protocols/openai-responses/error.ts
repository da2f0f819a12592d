/** Errors of the Responses API: OpenAI's error object, and two events inside a stream. May import spec and wire. */

import type { ErrorCode, GatewayError } from '../../spec/gateway-error.ts';
import type { JsonObject } from '../../spec/json.ts';
import { encodeUtf8 } from '../../wire/utf8.ts';
import { error as chatError } from '../openai-chat/error.ts';

/** Codes that clients act on; Codex gives up on a full context and waits at a busy server. */
const streamCodes: Partial<Record<ErrorCode, string>> = {
  context_too_long: 'context_length_exceeded',
  invalid_request: 'invalid_prompt',
  unprocessable: 'invalid_prompt',
  rate_limited: 'rate_limit_exceeded',
  overloaded: 'server_is_overloaded',
  model_loading: 'server_is_overloaded',
};

const codeOf = ({ code }: GatewayError): string => streamCodes[code] ?? 'server_error';

/** The `error` member of a failed response. */
export const failureOf = (failure: GatewayError): JsonObject => ({
  code: codeOf(failure),
  message: failure.message,
});

/**
 * The last events of a stream that broke: `error`, at which OpenAI's SDKs throw, and `response.failed`,
 * which is what Codex listens for. `response` is the answer so far.
 */
export const lastEvents = (failure: GatewayError, response: JsonObject, sequence: number): string => {
  const event = {
    type: 'error',
    code: codeOf(failure),
    message: failure.message,
    param: failure.details.param ?? null,
    sequence_number: sequence,
  };
  const failed = {
    type: 'response.failed',
    sequence_number: sequence + 1,
    response: { ...response, status: 'failed', error: failureOf(failure) },
  };
  return `event: error\ndata: ${JSON.stringify(event)}\n\nevent: response.failed\ndata: ${JSON.stringify(failed)}\n\n`;
};

/** Before a stream an error is the same object as in OpenAI's other dialect. */
export const error = {
  write: chatError.write,
  inStream: (failure: GatewayError, requestId: string): Uint8Array =>
    encodeUtf8(lastEvents(failure, { id: `resp_${requestId}`, object: 'response', output: [] }, 0)),
};
