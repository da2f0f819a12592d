/** One call that loads a model, to its end. Shell. */

import { upstreamMessage } from '../backends/upstream-message.ts';
import { asObject, asString } from '../spec/json.ts';
import type { Ports } from '../spec/ports.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8, encodeUtf8 } from '../wire/utf8.ts';
import { type Failure, failureOfError, failureOfText, stillLoading } from './failure.ts';
import type { LoadWish } from './load-facts.ts';

/** How a load ended. */
export type LoadEnd =
  | { readonly end: 'ready' }
  | { readonly end: 'failed'; readonly failure: Failure }
  /** Whoever wanted it left, or it could not be had in this manner. */
  | { readonly end: 'dropped' };

const ready: LoadEnd = { end: 'ready' };

const failureIn = (status: number, bytes: Uint8Array): Failure | undefined => {
  if (status < 200 || status >= 300) return failureOfText('status', upstreamMessage(bytes), status);
  const error = asString(asObject(tryParseJson(decodeUtf8(bytes)))?.error);
  return error === undefined ? undefined : failureOfText('before-content', error);
};

/** Resolves however it ends; the signal gives it up. */
export const callForLoad = async (
  { call: { url, headers, body } }: LoadWish,
  ports: Ports,
  signal: AbortSignal,
): Promise<LoadEnd> => {
  try {
    const bytes = encodeUtf8(JSON.stringify(body));
    const reply = await ports.fetch(url, { method: 'POST', headers, body: bytes, signal });
    const failure = failureIn(reply.status, new Uint8Array(await reply.arrayBuffer()));
    return failure === undefined ? ready : { end: 'failed', failure };
  } catch (error) {
    // Given up from this side: by its deadline, or by those who wanted it.
    const failure = signal.aborted ? stillLoading : failureOfError(error, 'before-headers');
    return { end: 'failed', failure };
  }
};
