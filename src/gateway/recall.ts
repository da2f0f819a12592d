/** From a request that refers to earlier answers to one that holds all it needs, and back into the store. Shell. */

import type { Recall } from '../protocols/protocol.ts';
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

interface Told {
  readonly recall: Recall;
  readonly body: JsonObject;
  readonly large: LargeStrings | undefined;
  readonly previous: string | undefined;
  /** Items that an earlier request or answer brought. */
  readonly earlier: number;
}

const rememberedOf = ({ recall, body, large, previous, earlier }: Told): Remembered | undefined => {
  const items = recall.wanted(body);
  if (items === undefined) return undefined;
  return { previous, inputText: textOf(earlier === 0 ? items : items.slice(earlier), large) };
};

/** Puts what a checked request refers to in its place; throws `invalid_request` where that is not here. */
export const recalled = (parsed: Parsed, stored: StoredResponses): Parsed => {
  const { recall } = parsed.received.protocol;
  return recall === undefined ? parsed : recalledBy(recall, parsed, stored);
};

const recalledBy = (recall: Recall, parsed: Parsed, stored: StoredResponses): Parsed => {
  const { received, body, large } = parsed;
  const references = recall.references(body);
  if (references === undefined) {
    const told = { recall, body, large, previous: undefined, earlier: 0 };
    return { ...parsed, remembered: rememberedOf(told) };
  }
  const { name: owner } = received.principal;
  const { previous } = references;
  const earlier = previous === undefined ? [] : stored.conversation(owner, previous);
  if (earlier === undefined) throw unknownPrevious(previous ?? '');
  const whole = recall.resolved(body, { previous: earlier, item: (id) => stored.item(owner, id) });
  const remembered = rememberedOf({ recall, body: whole, large, previous, earlier: earlier.length });
  received.bytes = attachLargeStrings(JSON.stringify(whole), large);
  const again = parseBody(received.bytes, received);
  const all = again.value as JsonObject;
  // What was said before may need more of a model than what is said now.
  const peek = received.protocol.peek(all, received.operation);
  return { ...parsed, body: all, large: again.large, peek, remembered };
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
