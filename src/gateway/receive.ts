/** Stage 1 and 2: from bytes to a checked request, in the words of its dialect. Throws a `GatewayError`. */

import type { Ask } from '../core/candidate.ts';
import type { ChatRequest } from '../spec/chat-request.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, type Json } from '../spec/json.ts';
import type { Intent } from '../spec/vocabulary.ts';
import { InvalidJson, type ParsedBody, parseBody } from '../wire/json.ts';
import type { Admitted, Received, Resolved } from './stages.ts';

const parsed = (received: Received): ParsedBody => {
  if (received.bytes.length === 0) throw new GatewayError('invalid_request', 'missing request body');
  try {
    return parseBody(received.bytes, { maxDepth: received.maxDepth });
  } catch (error) {
    if (error instanceof InvalidJson)
      throw new GatewayError('invalid_request', `the body is not usable JSON: ${error.message}`);
    throw error;
  }
};

/** Parses and checks the body; nothing has been sent anywhere when this throws. */
export const receive = (received: Received): Admitted => {
  const { value, large } = parsed(received);
  const body = asObject(value as Json);
  if (body === undefined) throw new GatewayError('invalid_request', 'the body must be a JSON object');
  const { protocol, operation } = received;
  const peek = protocol.peek(body, operation);
  let neutral: ChatRequest | undefined;
  return {
    received,
    body,
    large,
    peek,
    neutral: () => {
      if (operation === 'embed') throw new RangeError('an embedding request has no chat form');
      neutral ??= protocol.parse(body, operation);
      return neutral;
    },
  };
};

const intents: readonly string[] = ['fast', 'heavy'] satisfies readonly Intent[];

const intentOf = ({ received, peek }: Admitted): Intent => {
  const wanted = received.header('x-pointsman-intent') ?? peek.intent ?? 'fast';
  if (intents.includes(wanted)) return wanted as Intent;
  throw new GatewayError('invalid_request', `intent must be one of ${intents.join(', ')}`, {
    param: 'intent',
  });
};

/** Stage 3: what the planner is asked. */
export const resolve = (admitted: Admitted): Resolved => {
  const { received, peek } = admitted;
  const ask: Ask = {
    model: peek.model,
    operation: received.operation,
    protocol: received.protocol.id,
    intent: intentOf(admitted),
    needs: peek.needs,
    localOnly: false,
    tried: [],
  };
  return { ...admitted, ask };
};
