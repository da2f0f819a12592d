/** Errors as OpenAI's clients read them. May import spec and wire. */

import { type ErrorCode, type GatewayError, statusOf } from '../../spec/gateway-error.ts';
import type { JsonObject } from '../../spec/json.ts';
import { encodeSse } from '../../wire/sse.ts';
import type { WrittenError } from '../protocol.ts';

/** OpenAI's `type` by status; clients branch on status and `code`, people read this. */
const typeOf = (status: number): string => {
  if (status === 429) return 'rate_limit_error';
  if (status < 499) return 'invalid_request_error';
  return status === 500 || status === 503 ? 'server_error' : 'api_error';
};

/** OpenAI's own code strings where it has one; it gives plain bad requests none. */
const ownCodes: Partial<Record<ErrorCode, string | null>> = {
  invalid_request: null,
  unauthorized: 'invalid_api_key',
  context_too_long: 'context_length_exceeded',
  rate_limited: 'rate_limit_exceeded',
  overloaded: 'server_is_overloaded',
};

const bodyOf = ({ code, message, details }: GatewayError): JsonObject => {
  const ownCode = ownCodes[code];
  const param = details.param ?? (code === 'model_not_found' ? 'model' : null);
  return {
    error: { message, type: typeOf(statusOf[code]), param, code: ownCode === undefined ? code : ownCode },
  };
};

/** One object with message, type, param and code, which the official clients turn into their error classes. */
export const error = {
  write: (failure: GatewayError): WrittenError => ({ status: statusOf[failure.code], body: bodyOf(failure) }),
  /** No `[DONE]` follows: strict clients would take the answer for whole. */
  inStream: (failure: GatewayError): Uint8Array => encodeSse(JSON.stringify(bodyOf(failure))),
};
