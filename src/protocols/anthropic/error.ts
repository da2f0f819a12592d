/** Errors as Anthropic's clients read them. May import spec and wire. */

import { type ErrorCode, type GatewayError, statusOf } from '../../spec/gateway-error.ts';
import type { JsonObject } from '../../spec/json.ts';
import { encodeSse } from '../../wire/sse.ts';
import type { WrittenError } from '../protocol.ts';

/** The dialect's own status for a server that has no room: its clients wait and ask again. */
const overloadedStatus = 529;

const statusFor = (code: ErrorCode): number =>
  code === 'overloaded' || code === 'model_loading' ? overloadedStatus : statusOf[code];

const types: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

const typeOf = (status: number): string =>
  types.get(status) ?? (status < 499 ? 'invalid_request_error' : 'api_error');

/** Clients that shorten a conversation by themselves look for these words. */
const tooLong = 'prompt is too long';

/** The message is the only place for the field at fault here. */
const textOf = ({ code, message, details: { param } }: GatewayError): string => {
  if (code === 'context_too_long' && !message.toLowerCase().includes(tooLong))
    return `${tooLong}: ${message}`;
  return param === undefined || message.includes(param) ? message : `${param}: ${message}`;
};

const bodyOf = (failure: GatewayError, requestId: string): JsonObject => ({
  type: 'error',
  error: { type: typeOf(statusFor(failure.code)), message: textOf(failure) },
  request_id: requestId,
});

/** One envelope for both places; a stream ends behind it without a `message_stop`. */
export const error = {
  write: (failure: GatewayError, requestId: string): WrittenError => ({
    status: statusFor(failure.code),
    body: bodyOf(failure, requestId),
  }),
  inStream: (failure: GatewayError, requestId: string): Uint8Array =>
    encodeSse(JSON.stringify(bodyOf(failure, requestId)), 'error'),
};
