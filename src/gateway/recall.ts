/** From a request that refers to earlier answers to one that holds all it needs, and back into the store. Shell. */

import { GatewayError } from '../spec/gateway-error.ts';
import type { Json, JsonObject } from '../spec/json.ts';
import { parseBody } from '../wire/json.ts';
import { attachLargeStrings, type LargeStrings } from '../wire/large-strings.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import type { Parsed, Remembered } from './stages.ts';
import type { StoredResponses } from './stored-responses.ts';

const unknownPrevious = (id: string): GatewayError =>
  new GatewayError('invalid_request', `previous response with id ${JSON.stringify(id)} not found`, {
    param: 'previous_response_id',
  });

/** Strings as they were sent: what is kept outlives the bytes of its request. */
const textOf = (items: readonly Json[], large: LargeStrings | undefined): string =>
  large === undefined ? JSON.stringify(items) : decodeUtf8(attachLargeStrings(JSON.stringify(items), large));

/** Puts what a checked request refers to in its place; throws `invalid_request` where that is not here. */
export const recalled = (parsed: Parsed, stored: StoredResponses): Parsed => {
  const { received, body, large } = parsed;
  const { recall } = received.protocol;
  if (recall === undefined) return parsed;
  const { name: owner } = received.principal;
  const references = recall.references(body);
  const wanted = recall.wanted(body);
  const remembered: Remembered | undefined =
    wanted === undefined ? undefined : { previous: references?.previous, inputText: textOf(wanted, large) };
  if (references === undefined) return { ...parsed, remembered };
  const { previous } = references;
  const earlier = previous === undefined ? [] : stored.conversation(owner, previous);
  if (earlier === undefined) throw unknownPrevious(previous ?? '');
  const whole = recall.resolved(body, { previous: earlier, item: (id) => stored.item(owner, id) });
  received.bytes = attachLargeStrings(JSON.stringify(whole), large);
  const again = parseBody(received.bytes, received);
  return { ...parsed, body: again.value as JsonObject, large: again.large, remembered };
};

/** Keeps an answer for the requests that will refer to it. */
export const remember = (
  { received, remembered }: Parsed,
  answer: JsonObject | undefined,
  stored: StoredResponses,
): void => {
  const { recall } = received.protocol;
  if (recall === undefined || remembered === undefined || answer === undefined) return;
  const { id, items } = recall.answered(answer);
  const { name: owner } = received.principal;
  stored.keep({ owner, id, ...remembered, outputItems: items, answer });
};
