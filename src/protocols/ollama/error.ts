/** Errors as Ollama's clients read them. May import spec and wire. */

import { type GatewayError, statusOf } from '../../spec/gateway-error.ts';
import { encodeUtf8 } from '../../wire/utf8.ts';
import type { WrittenError } from '../protocol.ts';

/** `error` is always a string here: the JavaScript client uses it as the message without looking. */
export const error = {
  write: (failure: GatewayError): WrittenError => ({
    status: statusOf[failure.code],
    body: { error: failure.message },
  }),
  /** A line with `error` ends the call in every client. */
  inStream: (failure: GatewayError): Uint8Array =>
    encodeUtf8(`${JSON.stringify({ error: failure.message })}\n`),
};
