/** From what the gateway has to a `Response`: headers, whole bodies, streams with and without heartbeats. Shell. */

import type { Stamp } from '../protocols/protocol.ts';
import type { GatewayError } from '../spec/gateway-error.ts';
import type { Clock } from '../spec/ports.ts';
import type { Heartbeat } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { forwardReplyHeaders } from '../wire/headers.ts';
import { type Facts, headersOf, keptHeadersOf, milliseconds } from './answer-headers.ts';
import type { Opened } from './open-attempt.ts';
import type { Relay, Sink } from './relay.ts';
import type { Account } from './settle.ts';
import type { Received, Resolved } from './stages.ts';

const nothing = new Uint8Array(0);

const unsafe = /[^\x20-\x7e]/;

/** Header values are Latin-1 without control characters on every runtime; model names may hold anything. */
const headerSafe = (text: string): string => (unsafe.test(text) ? text.replace(/[^\x20-\x7e]/g, '?') : text);

const maxTextLength = 512;

/** Of a request that never came whole. */
export const noFacts: Facts = {
  backend: undefined,
  model: undefined,
  attempts: 0,
  reason: '',
  queueMs: 0,
  overheadMs: 0,
  dropped: '',
};

/** What Pointsman did with a request. */
export const factsOf = (account: Account, dropped: readonly string[], overheadMs: Millis): Facts => {
  const { lease, failedAttempts } = account;
  let reason = account.why;
  for (const { backend, reason: why } of failedAttempts)
    reason += `${reason === '' ? '' : '; '}${backend}: ${why}`;
  return {
    backend: lease?.host.backend.options.id,
    model: lease === undefined ? undefined : headerSafe(lease.upstream),
    attempts: failedAttempts.length + (lease === undefined ? 0 : 1),
    reason: headerSafe(reason).slice(0, maxTextLength),
    queueMs: account.queueMs,
    overheadMs: Math.max(0, overheadMs),
    dropped: dropped.length === 0 ? '' : headerSafe(dropped.join(', ')).slice(0, maxTextLength),
  };
};

/** The same for the end of a stream, by header name without its prefix. */
export const lateFactsOf = (facts: Facts): Readonly<Record<string, string>> => ({
  ...(facts.backend === undefined ? {} : { backend: facts.backend }),
  ...(facts.model === undefined ? {} : { model: facts.model }),
  attempts: String(facts.attempts),
  reason: facts.reason,
  'queue-ms': milliseconds(facts.queueMs),
  'overhead-ms': milliseconds(facts.overheadMs),
  ...(facts.dropped === '' ? {} : { dropped: facts.dropped }),
});

/** Headers of an answer that streams: nothing between here and the client may hold it back. */
const streaming = { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };

/** A whole answer. */
export const wholeReply = (body: Uint8Array, received: Received, facts: Facts, opened: Opened): Response => {
  const { requestId, protocol } = received;
  const contentType = protocol.contentType.whole;
  const forwarded: Record<string, string> = {};
  const isForwarding = opened.reply !== undefined && forwardReplyHeaders(opened.reply.headers, forwarded);
  const headers = isForwarding
    ? { ...headersOf(requestId, contentType, facts), ...forwarded }
    : keptHeadersOf(requestId, contentType, facts);
  return new Response(body as Uint8Array<ArrayBuffer>, { status: 200, headers });
};

/** An error before anything was sent, in the caller's dialect. */
export const errorReply = (error: GatewayError, received: Received, facts: Facts): Response => {
  const { status, body } = received.protocol.error.write(error, received.requestId);
  const headers = headersOf(received.requestId, received.protocol.contentType.whole, facts);
  const { retryAfterMs } = error.details;
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  // SDKs retry on their own; after attempts on every host that would only multiply them.
  if (facts.attempts > 1) headers['x-should-retry'] = 'false';
  return new Response(JSON.stringify(body), { status, headers });
};

/** A stream whose host is known before its first byte. */
export const streamReply = (relay: Relay, received: Received, facts: Facts, opened: Opened): Response => {
  const headers = headersOf(received.requestId, received.protocol.contentType.stream, facts);
  Object.assign(headers, streaming);
  if (opened.reply !== undefined) forwardReplyHeaders(opened.reply.headers, headers);
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => relay.fill(controller),
      cancel: () => relay.cancel(),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: 200, headers });
};

export interface Waited {
  readonly resolved: Resolved;
  readonly clock: Clock;
  readonly heartbeat: Heartbeat;
  readonly stamp: Stamp;
  /** Resolves once the host is known, with the relay of its stream. */
  readonly relay: Promise<Relay>;
  /** The same for the error, as the last bytes of the stream. */
  readonly failed: (error: unknown) => Uint8Array;
  readonly canceled: () => void;
}

/** A stream that begins with signs of life, because nothing has come yet; failover goes on behind it. */
export const heartbeatReply = ({
  resolved,
  clock,
  heartbeat,
  stamp,
  relay,
  failed,
  canceled,
}: Waited): Response => {
  const { protocol, requestId, operation } = resolved.received;
  const sign = (): Uint8Array =>
    protocol.heartbeat(resolved.peek.model, operation === 'complete' ? 'complete' : 'chat', stamp);
  let running: Relay | undefined;
  let last: Uint8Array | undefined;
  let first = true;
  const settledRelay = relay.then(
    (opened) => {
      running = opened;
    },
    (error: unknown) => {
      last = failed(error);
    },
  );

  const waitForBeat = (): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(heartbeat.everyMs, resolve);
      void settledRelay.then(() => {
        cancel();
        resolve();
      });
    });

  const fill = async (sink: Sink): Promise<void> => {
    if (!first && running === undefined && last === undefined) await waitForBeat();
    if (first || (running === undefined && last === undefined)) {
      first = false;
      sink.enqueue(sign());
    } else if (running !== undefined) await running.fill(sink);
    else if (last !== undefined && last.length > 0) {
      sink.enqueue(last);
      last = nothing;
    } else sink.close();
  };

  const body = new ReadableStream<Uint8Array>(
    {
      pull: fill,
      cancel: () => {
        canceled();
        running?.cancel();
      },
    },
    { highWaterMark: 0 },
  );
  const headers = {
    'content-type': protocol.contentType.stream,
    'x-request-id': requestId,
    ...streaming,
  };
  return new Response(body, { status: 200, headers });
};
