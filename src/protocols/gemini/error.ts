/** Errors as Google's clients read them. May import spec and wire. */

import { type GatewayError, statusOf } from '../../spec/gateway-error.ts';
import type { JsonObject } from '../../spec/json.ts';
import { encodeUtf8 } from '../../wire/utf8.ts';
import type { WrittenError } from '../protocol.ts';

/** Google's status word by HTTP status; its clients branch on both. */
const words: ReadonlyMap<number, string> = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [405, 'UNIMPLEMENTED'],
  [413, 'INVALID_ARGUMENT'],
  [415, 'INVALID_ARGUMENT'],
  [422, 'INVALID_ARGUMENT'],
  [429, 'RESOURCE_EXHAUSTED'],
  [499, 'CANCELLED'],
  [501, 'UNIMPLEMENTED'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

const detailsOf = ({ message, details }: GatewayError): readonly JsonObject[] => {
  const { param, retryAfterMs } = details;
  const found: JsonObject[] = [];
  if (param !== undefined) {
    found.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: param, description: message }],
    });
  }
  if (retryAfterMs !== undefined) {
    found.push({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: `${Math.ceil(retryAfterMs / 1000)}s`,
    });
  }
  return found;
};

const bodyOf = (failure: GatewayError): JsonObject => {
  const code = statusOf[failure.code];
  const details = detailsOf(failure);
  return {
    error: {
      code,
      message: failure.message,
      status: words.get(code) ?? 'INTERNAL',
      ...(details.length === 0 ? {} : { details }),
    },
  };
};

/** One object with code, message, status word and typed details. */
export const error = {
  write: (failure: GatewayError): WrittenError => ({ status: statusOf[failure.code], body: bodyOf(failure) }),
  /**
   * Bare JSON between the events and no blank line after it, as Google's servers break off: its JavaScript client
   * throws for that alone, and reads an event with an error in it as an empty chunk.
   */
  inStream: (failure: GatewayError): Uint8Array => encodeUtf8(`${JSON.stringify(bodyOf(failure))}\n`),
};
