/** Stage 6: from an opened attempt to the answer the client gets, whole or as a stream. Shell. */

import type { Stamp } from '../protocols/protocol.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Opened, OpenStream, OpenWhole } from './attempt.ts';
import { type DispatchDeps, learnFailure } from './dispatch.ts';
import { createRelay, type Relay, type RelayOptions } from './relay.ts';
import { type Facts, factsOf, heartbeatReply, streamReply, wholeReply } from './reply.ts';
import type { Settle } from './settle.ts';
import type { Resolved } from './stages.ts';
import { translatedWhole } from './translated-whole.ts';

/** What an answer is made from, beside what came from the host. */
export interface Answering {
  readonly resolved: Resolved;
  readonly stamp: Stamp;
  readonly settle: Settle;
  readonly deps: DispatchDeps;
  /** From any error to the last bytes of a stream, settled. */
  readonly lastWords: (error: unknown) => Uint8Array;
}

const factsFor = (opened: Opened, { resolved, settle }: Answering): Facts => {
  const { journey } = settle;
  const { startedAt, request } = opened.attempt;
  const failedMs = journey.failedAttempts.reduce((sum, { afterMs }) => sum + afterMs, 0);
  const ownMs = startedAt - resolved.received.arrivedAt - journey.queueMs - failedMs;
  return factsOf(journey, request.dropped, ownMs);
};

/** A body that came whole; its slot is free before it is sent on. */
export const answerWhole = (opened: OpenWhole, answering: Answering): Response => {
  const { resolved, stamp, settle } = answering;
  opened.attempt.lease.release();
  settle.content();
  const body = translatedWhole(opened, resolved, stamp);
  settle.end('done', '200', opened.usage);
  return wholeReply(body, resolved.received, factsFor(opened, answering), opened);
};

const relayOf = (
  opened: OpenStream,
  { resolved, stamp, settle, deps }: Answering,
  lateFacts: Facts | undefined,
): Relay => {
  const { lease, request } = opened.attempt;
  settle.content();
  const options: RelayOptions = {
    opened,
    resolved,
    encoder:
      request.mode === 'pass' ? undefined : resolved.received.protocol.encoder(resolved.neutral(), stamp),
    lateFacts,
    settle: (end) => {
      if (end.outcome === 'broken') learnFailure(lease.host, lease.upstream, end.failure, deps);
      lease.release();
      settle.end(end.outcome, end.outcome === 'broken' ? end.failure.class : '200', end.usage);
    },
  };
  try {
    return createRelay(options);
  } catch (error) {
    // What came first cannot be said in the caller's dialect.
    opened.attempt.cut('lost');
    lease.release();
    throw error;
  }
};

/** Resolves once the attempt ended either way, or when the client has waited in silence long enough. */
const inTime = (
  opening: Promise<unknown>,
  afterMs: Millis,
  { ports }: DispatchDeps,
): Promise<'known' | 'late'> =>
  new Promise((resolve) => {
    const cancel = ports.clock.after(afterMs, () => resolve('late'));
    const known = (): void => {
      cancel();
      resolve('known');
    };
    opening.then(known, known);
  });

const streamed = (opened: Opened): OpenStream => {
  if (opened.kind === 'stream') return opened;
  opened.attempt.lease.release();
  throw new GatewayError('upstream_error', 'the backend sent no stream');
};

/** A stream: with its facts in the headers when the host is known in time, else begun with signs of life. */
export const answerStream = async (opening: Promise<Opened>, answering: Answering): Promise<Response> => {
  const { resolved, stamp, deps, lastWords } = answering;
  const { received } = resolved;
  const { heartbeat } = deps.settings();
  if (heartbeat.afterMs === 0 || (await inTime(opening, heartbeat.afterMs, deps)) === 'known') {
    const opened = streamed(await opening);
    const relay = relayOf(opened, answering, undefined);
    return streamReply(relay, received, factsFor(opened, answering), opened);
  }
  return heartbeatReply({
    resolved,
    clock: deps.ports.clock,
    heartbeat,
    stamp,
    relay: opening.then((opened) => relayOf(streamed(opened), answering, factsFor(opened, answering))),
    failed: lastWords,
    canceled: () => received.departure.leave('left'),
  });
};
