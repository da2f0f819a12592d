/** Stages 1 to 3: from bytes to a checked request, in the words of its dialect. Throws a `GatewayError`. */

import type { Ask } from '../core/candidate.ts';
import type { Peek } from '../protocols/protocol.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, type Json } from '../spec/json.ts';
import type { Intent } from '../spec/vocabulary.ts';
import { InvalidJson, type ParsedBody, parseBody } from '../wire/json.ts';
import type { Received, Resolved } from './stages.ts';

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

const intents: readonly string[] = ['fast', 'heavy'] satisfies readonly Intent[];

const intentOf = ({ headers }: Received, peek: Peek): Intent => {
  const wanted = headers.get('x-pointsman-intent') ?? peek.intent ?? 'fast';
  if (intents.includes(wanted)) return wanted as Intent;
  throw new GatewayError('invalid_request', `intent must be one of ${intents.join(', ')}`, {
    param: 'intent',
  });
};

/** Parses and checks the body, and says what the planner is asked; nothing has been sent anywhere when this throws. */
export const receive = (received: Received): Resolved => {
  const { value, large } = parsed(received);
  const body = asObject(value as Json);
  if (body === undefined) throw new GatewayError('invalid_request', 'the body must be a JSON object');
  const { protocol, operation } = received;
  const peek = protocol.peek(body, operation);
  const ask: Ask = {
    model: peek.model,
    operation,
    protocol: protocol.id,
    intent: intentOf(received, peek),
    needs: peek.needs,
    localOnly: false,
    tried: [],
  };
  return { received, body, large, peek, ask, neutral: undefined };
};
