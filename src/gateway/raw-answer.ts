/** From a good answer that passes as it is to the client's: the same bytes, as they come. Shell. */

import { replyReader } from '../backends/parts/reply-reader.ts';
import { noteAttempt } from '../core/decision.ts';
import { forwardReplyHeaders } from '../wire/headers.ts';
import type { Answering } from './answer.ts';
import { headersOf } from './answer-headers.ts';
import { whenCut } from './attempt.ts';
import { attemptOf } from './dispatch.ts';
import { type Failure, failureOfCut, failureOfError } from './failure.ts';
import { learnAnswer, learnFailure } from './learning.ts';
import type { OpenRaw } from './raw-attempt.ts';
import { factsOf } from './reply.ts';
import { noteContent, settle } from './settle.ts';
import { beginRead, endRead, sawContent, stopWatch } from './watchdog.ts';

type End =
  | { readonly outcome: 'done' | 'canceled' }
  | { readonly outcome: 'broken'; readonly failure: Failure };

/** Everything that follows from an end, once. */
const createEnding = ({ attempt }: OpenRaw, { account, books, deps }: Answering): ((end: End) => void) => {
  const { lease } = attempt;
  let settled = false;
  return (end) => {
    if (settled) return;
    settled = true;
    stopWatch(attempt);
    const now = books.clock.now();
    const { outcome } = end;
    if (outcome === 'broken') learnFailure(lease, end.failure, deps);
    else learnAnswer(lease, { usage: undefined, pieces: 0, whole: outcome === 'done' }, deps.memory, now);
    deps.slots.release(lease, now);
    const code = outcome === 'broken' ? end.failure.class : '200';
    if (account.record !== undefined)
      noteAttempt(account.record, attemptOf(lease, outcome === 'broken' ? code : 'served', now));
    settle(account, { outcome, code, usage: undefined }, books);
  };
};

const bodyOf = ({ attempt, reply }: OpenRaw, end: (end: End) => void): ReadableStream<Uint8Array> | null => {
  const reader = replyReader(reply);
  if (reader === null) {
    end({ outcome: 'done' });
    return null;
  }
  attempt.reader = reader;
  sawContent(attempt);
  // A client that left reads no more, so nobody else would settle.
  whenCut(attempt, (why) => {
    if (why === 'left') end({ outcome: 'canceled' });
  });

  const broken = (failure: Failure): Error => {
    attempt.cut('lost');
    end({ outcome: 'broken', failure });
    // What passes as it is has no words for an error: its connection breaks, which no client takes for an end.
    return new Error('the answer broke off');
  };

  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        beginRead(attempt);
        try {
          const { done, value } = await reader.read();
          endRead(attempt);
          if (attempt.cutBy !== undefined) throw broken(failureOfCut(attempt.cutBy));
          if (!done) {
            controller.enqueue(value);
            return;
          }
          end({ outcome: 'done' });
          controller.close();
        } catch (error) {
          const { cutBy } = attempt;
          controller.error(
            broken(cutBy === undefined ? failureOfError(error, 'mid-stream') : failureOfCut(cutBy)),
          );
        }
      },
      cancel: () => attempt.cut('left'),
    },
    { highWaterMark: 0 },
  );
};

/** The answer with the host's own type, and with what Pointsman did in its headers. */
export const answerRaw = (opened: OpenRaw, answering: Answering): Response => {
  const { resolved, account, books } = answering;
  const { attempt, reply } = opened;
  const now = books.clock.now();
  noteContent(account, now);
  let ownMs = attempt.startedAt - resolved.received.arrivedAt - account.queueMs;
  for (const { afterMs } of account.failedAttempts) ownMs -= afterMs;
  const headers = headersOf(
    resolved.received.requestId,
    reply.headers.get('content-type') ?? 'application/octet-stream',
    factsOf(account, [], ownMs),
  );
  forwardReplyHeaders(reply.headers, headers);
  const body = bodyOf(opened, createEnding(opened, answering));
  return new Response(body, { status: 200, headers });
};
