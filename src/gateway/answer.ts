/** Stage 6: from an opened attempt to the answer the client gets, whole or as a stream. Shell. */

import { noteAttempt } from '../core/decision.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Facts } from './answer-headers.ts';
import { leave } from './departure.ts';
import { attemptOf, type DispatchDeps } from './dispatch.ts';
import { learnAnswer, learnFailure } from './learning.ts';
import type { Opened, OpenStream, OpenWhole } from './open-attempt.ts';
import { remember } from './recall.ts';
import { createRelay, type Relay, type RelayOptions } from './relay.ts';
import { factsOf, heartbeatReply, lateFactsOf, streamReply, wholeReply } from './reply.ts';
import { type Account, type Books, noteContent, settle } from './settle.ts';
import { neutralOf, type Resolved } from './stages.ts';
import { stampOf } from './stamp.ts';
import type { StoredResponses } from './stored-responses.ts';
import { translatedWhole } from './translated-whole.ts';

/** What an answer is made from, beside what came from the host. */
export interface Answering {
  readonly resolved: Resolved;
  readonly account: Account;
  readonly books: Books;
  readonly deps: DispatchDeps;
  readonly stored: StoredResponses;
}

/** What got lost here, and behind another Pointsman. */
const droppedOf = ({ attempt, reply }: Opened): readonly string[] => {
  const { lease, request } = attempt;
  const further = lease.host.backend.isPeer === true ? reply?.headers.get('x-pointsman-dropped') : undefined;
  return further ? [...request.dropped, ...further.split(', ')] : request.dropped;
};

const factsFor = (opened: Opened, { resolved, account }: Answering): Facts => {
  const { startedAt } = opened.attempt;
  let ownMs = startedAt - resolved.received.arrivedAt - account.queueMs;
  for (const { afterMs } of account.failedAttempts) ownMs -= afterMs;
  return factsOf(account, droppedOf(opened), ownMs);
};

const noteOutcome = ({ record }: Account, opened: Opened, outcome: string, now: Millis): void => {
  if (record === undefined) return;
  noteAttempt(record, attemptOf(opened.attempt.lease, outcome, now, droppedOf(opened)));
};

/** A body that came whole; its slot is free before it is sent on. */
export const answerWhole = (opened: OpenWhole, answering: Answering): Response => {
  const { resolved, account, books, deps, stored } = answering;
  const now = books.clock.now();
  const { lease } = opened.attempt;
  const { usage } = opened.answer;
  learnAnswer(lease, { usage, pieces: 0, whole: true }, deps.memory, now);
  deps.slots.release(lease, now);
  noteContent(account, now);
  noteOutcome(account, opened, 'served', now);
  const body = translatedWhole(opened, resolved, books.clock, stored);
  settle(account, { outcome: 'done', code: '200', usage }, books);
  return wholeReply(body, resolved.received, factsFor(opened, answering), opened);
};

const relayOf = (opened: OpenStream, answering: Answering, lateFacts: Facts | undefined): Relay => {
  const { resolved, account, books, deps, stored } = answering;
  const { attempt } = opened;
  const { lease, request } = attempt;
  noteContent(account, books.clock.now());
  const encoder =
    request.mode === 'pass'
      ? undefined
      : resolved.received.protocol.encoder(neutralOf(resolved), stampOf(resolved.received, books.clock));
  const options: RelayOptions = {
    opened,
    resolved,
    encoder,
    lateFacts: lateFacts && lateFactsOf(lateFacts),
    settle: (end) => {
      const now = books.clock.now();
      if (end.outcome === 'done') remember(resolved, encoder?.answer?.(), stored);
      if (end.outcome === 'broken') learnFailure(lease, end.failure, deps);
      else learnAnswer(lease, { ...end, whole: end.outcome === 'done' }, deps.memory, now);
      deps.slots.release(lease, now);
      noteOutcome(account, opened, end.outcome === 'broken' ? end.failure.class : 'served', now);
      const code = end.outcome === 'broken' ? end.failure.class : '200';
      settle(account, { outcome: end.outcome, code, usage: end.usage, pieces: end.pieces }, books);
    },
  };
  try {
    return createRelay(options);
  } catch (error) {
    // What came first cannot be said in the caller's dialect.
    attempt.cut('lost');
    deps.slots.release(lease);
    throw error;
  }
};

/** Resolves once the attempt ended either way, or when the client has waited in silence long enough. */
const inTime = (opening: Promise<unknown>, afterMs: Millis, clock: Clock): Promise<'known' | 'late'> =>
  new Promise((resolve) => {
    const cancel = clock.after(afterMs, () => resolve('late'));
    const known = (): void => {
      cancel();
      resolve('known');
    };
    opening.then(known, known);
  });

const streamed = (opened: Opened, { slots }: DispatchDeps): OpenStream => {
  if (opened.kind === 'stream') return opened;
  slots.release(opened.attempt.lease);
  throw new GatewayError('upstream_error', 'the backend sent no stream');
};

/**
 * A stream: with its facts in the headers when the host is known in time, else begun with signs of life.
 * `lastWords` makes of any error the last bytes of a stream, settled.
 */
export const answerStream = async (
  opening: Promise<Opened>,
  answering: Answering,
  lastWords: (error: unknown) => Uint8Array,
): Promise<Response> => {
  const { resolved, books, deps } = answering;
  const { received } = resolved;
  const { heartbeat } = deps.settings();
  if (heartbeat.afterMs === 0 || (await inTime(opening, heartbeat.afterMs, books.clock)) === 'known') {
    const opened = streamed(await opening, deps);
    const relay = relayOf(opened, answering, undefined);
    return streamReply(relay, received, factsFor(opened, answering), opened);
  }
  return heartbeatReply({
    resolved,
    clock: books.clock,
    heartbeat,
    stamp: stampOf(received, books.clock),
    relay: opening.then((opened) => relayOf(streamed(opened, deps), answering, factsFor(opened, answering))),
    failed: lastWords,
    canceled: () => leave(received.departure, 'left'),
  });
};
