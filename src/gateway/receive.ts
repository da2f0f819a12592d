/** Stages 1 and 2: from bytes to a checked request, in the words of its dialect. Throws a `GatewayError`. */

import { isStrict, strictField, strictHeader } from '../core/strict.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, type Json } from '../spec/json.ts';
import { InvalidJson, type ParsedBody, parseBody } from '../wire/json.ts';
import type { Parsed, Received } from './stages.ts';

const none: readonly string[] = [];

const parsed = (received: Received): ParsedBody => {
  if (received.bytes.length === 0) throw new GatewayError('invalid_request', 'missing request body');
  try {
    return parseBody(received.bytes, received);
  } catch (error) {
    if (error instanceof InvalidJson)
      throw new GatewayError('invalid_request', `the body is not usable JSON: ${error.message}`);
    throw error;
  }
};

/** Parses and checks the body; nothing has been sent anywhere when this throws. */
export const receive = (received: Received): Parsed => {
  const { value, large } = parsed(received);
  const sent = asObject(value as Json);
  if (sent === undefined) throw new GatewayError('invalid_request', 'the body must be a JSON object');
  const { named } = received;
  const body = named === undefined ? sent : { ...sent, ...named };
  const asked = body[strictField];
  const peek = received.protocol.peek(body, received.operation);
  const strict = isStrict(asked, received.headers.get(strictHeader));
  const remembered = undefined;
  if (asked === undefined) return { received, body, large, peek, strict, ownMembers: none, remembered };
  const { [strictField]: _own, ...rest } = body;
  return { received, body: rest, large, peek, strict, ownMembers: [strictField], remembered };
};
