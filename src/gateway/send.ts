/** One request to one host, with as many of its keys as that takes. Shell. */

import { upstreamMessage } from '../backends/upstream-message.ts';
import { retryAfterIn, retryDelayIn } from '../core/rate-limits.ts';
import type { FetchReply, FetchRequest } from '../spec/ports.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import { type Attempt, type AttemptContext, call } from './attempt.ts';
import { type Failure, failureOfText } from './failure.ts';
import { hasKeyFor, headersWithKey, noteKeyAnswer, noteKeyFailure, takeKey } from './host-keys.ts';
import { sawHeaders } from './watchdog.ts';

/** A body that says why a host refused is small; what is beyond this is not read. */
const maxErrorBytes = 64 * 1024;

/** Whether a status is a good answer; redirects are not followed and are none. */
export const isOk = (status: number): boolean => status >= 200 && status < 300;

/** Why a host refused, in its own words: not yet safe to show. */
export const refusal = async (reply: FetchReply, { clock }: Attempt): Promise<Failure> => {
  const bytes = new Uint8Array(await reply.arrayBuffer());
  const text = upstreamMessage(bytes.length > maxErrorBytes ? bytes.subarray(0, maxErrorBytes) : bytes);
  const failure = failureOfText('status', text, reply.status);
  const retryAfterMs =
    retryAfterIn(reply.headers, clock.wallMs()) ??
    retryDelayIn(tryParseJson(decodeUtf8(bytes)), clock.wallMs());
  return retryAfterMs === undefined ? failure : { ...failure, retryAfterMs };
};

/** A body that is made anew each time it is sent, as long as it can be. */
export interface Sending {
  open(): Pick<FetchRequest, 'body' | 'bodyStream'>;
  /** Whether some of it is gone for good. */
  isSpent(): boolean;
}

/** The host sent headers, whatever they say. */
export const noteReply = (attempt: Attempt): void => {
  sawHeaders(attempt);
  attempt.answered = true;
};

/** Sends the request with one key after another, until the host takes one or none is left; `sending` stands for its body. */
export const send = async (
  context: AttemptContext,
  attempt: Attempt,
  sending?: Sending,
): Promise<FetchReply | Failure> => {
  const { lease, ports, report } = context;
  const { keys } = lease.host;
  const { upstream } = lease;
  const { url, headers, body } = attempt.request;
  const told = { clock: ports.clock, report };
  for (let left = keys?.backends.length ?? 1; ; left -= 1) {
    const key = keys && takeKey(keys, upstream, ports.clock.now());
    const own = keys === undefined || key === undefined ? headers : headersWithKey(headers, keys, key);
    const reply = await call(attempt, ports, url, own, sending?.open() ?? { body });
    noteReply(attempt);
    if (isOk(reply.status)) {
      if (keys !== undefined && key !== undefined)
        noteKeyAnswer(keys, key, { upstream, headers: reply.headers }, told);
      return reply;
    }
    const failure = await refusal(reply, attempt);
    const isKeys =
      keys !== undefined && key !== undefined && noteKeyFailure(keys, key, { upstream, failure }, told);
    const mayGoOn = left > 1 && attempt.cutBy === undefined && sending?.isSpent() !== true;
    if (!isKeys || !mayGoOn || !hasKeyFor(keys, upstream, ports.clock.now())) return failure;
    attempt.answered = false;
    attempt.phase = 'headers';
  }
};
