/** Calls one host with a body that passes as it is. Shell. */

import type { FetchReply } from '../spec/ports.ts';
import type { Attempt, AttemptContext } from './attempt.ts';
import { startAttempt } from './attempt.ts';
import type { Opener } from './dispatch.ts';
import { type Failure, failureOfCut, failureOfError } from './failure.ts';
import { ended, type FailedAttempt } from './open-attempt.ts';
import type { RawBody } from './raw-body.ts';
import { send } from './send.ts';
import { headersFor } from './upstream-headers.ts';
import { sameName, type UpstreamRequest } from './upstream-request.ts';

/** A good answer, of which nothing was read yet. */
export interface OpenRaw {
  readonly kind: 'raw';
  readonly attempt: Attempt;
  readonly reply: FetchReply;
}

const nothing = new Uint8Array(0);

const requestOf = ({ resolved, lease }: AttemptContext, { contentType }: RawBody): UpstreamRequest => {
  const { protocol, path } = resolved.received;
  return {
    url: lease.host.backend.url(protocol.id, path, lease.upstream),
    headers: { ...headersFor(lease.host, resolved), 'content-type': contentType, accept: '*/*' },
    body: nothing,
    wire: protocol,
    mode: 'pass',
    operation: 'chat',
    dropped: [],
  };
};

/** Once some of a body is gone there is nothing left that another host could be sent. */
const final = (failure: Failure): Failure => ({
  ...failure,
  consequence: { ...failure.consequence, retry: 'never' },
});

/** Attempts with one body; rejects with what was wrong with the body itself. */
export const rawOpener =
  (body: RawBody): Opener<OpenRaw> =>
  async (context) => {
    const attempt = startAttempt(context, requestOf(context, body));
    const failed = (failure: Failure): OpenRaw | FailedAttempt => {
      const result = ended<OpenRaw>(attempt, { kind: 'failed', failure });
      return result.kind === 'failed' && body.isSpent()
        ? { kind: 'failed', failure: final(result.failure) }
        : result;
    };
    if (attempt.cutBy !== undefined) return failed(failureOfCut(attempt.cutBy));
    const { upstream } = context.lease;
    const name = sameName(body.model, upstream) ? body.model : upstream;
    const sending = { open: () => body.open(name), isSpent: body.isSpent };
    try {
      const reply = await send(context, attempt, sending);
      if ('consequence' in reply) return failed(reply);
      return ended<OpenRaw>(attempt, { kind: 'raw', attempt, reply });
    } catch (error) {
      const problem = body.problem();
      if (problem !== undefined) {
        attempt.cut('lost');
        throw problem;
      }
      return failed(failureOfError(error, attempt.answered ? 'before-content' : 'before-headers'));
    }
  };
