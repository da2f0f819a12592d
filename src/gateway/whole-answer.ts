/** An answer that came as one body: checked, since a whole answer can always be asked for again elsewhere. */

import type { ChatEvent } from '../spec/chat-event.ts';
import { asArray, asObject, type JsonObject } from '../spec/json.ts';
import type { Usage } from '../spec/usage.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import { type Failure, failureOfText, malformed } from './failure.ts';
import type { Resolved } from './stages.ts';
import type { UpstreamRequest } from './upstream-request.ts';

export interface WholeAnswer {
  readonly bytes: Uint8Array;
  readonly body: JsonObject;
  readonly events: readonly ChatEvent[];
  readonly usage: Usage | undefined;
}

/** The last usage of an answer; engines report it cumulatively. */
export const usageIn = (events: readonly ChatEvent[]): Usage | undefined => {
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index];
    if (event?.type === 'usage') return event.usage;
  }
  return undefined;
};

/** That a model was loaded or unloaded: an answer without a word in it. */
export const residencyAnswer = (reason: 'load' | 'unload'): WholeAnswer => ({
  bytes: new Uint8Array(0),
  body: {},
  events: [{ type: 'finish', reason }],
  usage: undefined,
});

const embedAnswer = (bytes: Uint8Array, body: JsonObject): WholeAnswer | { failure: Failure } => {
  const vectors = body.data ?? body.embeddings ?? body.embedding;
  if (asArray(vectors) === undefined && asObject(vectors) === undefined)
    return { failure: malformed('the answer holds no embeddings') };
  return { bytes, body, events: [], usage: undefined };
};

/** Reads a whole answer; a body that is no JSON, holds an error or no end is a failure and nothing of it is shown. */
export const wholeAnswer = (
  bytes: Uint8Array,
  { received }: Resolved,
  { wire, operation }: UpstreamRequest,
): WholeAnswer | { readonly failure: Failure } => {
  const body = asObject(tryParseJson(decodeUtf8(bytes)));
  if (body === undefined) return { failure: malformed('the answer is not JSON') };
  if (received.operation === 'embed' && body.error === undefined) return embedAnswer(bytes, body);
  const events = wire.whole.decode(body, operation);
  for (const event of events) {
    if (event.type === 'error') return { failure: failureOfText('before-content', event.error.message) };
  }
  return { bytes, body, events, usage: usageIn(events) };
};
