/** From what the gateway has to a `Response`: headers, whole bodies, streams with and without heartbeats. Shell. */

import type { Stamp } from '../protocols/protocol.ts';
import type { GatewayError } from '../spec/gateway-error.ts';
import type { Clock } from '../spec/ports.ts';
import type { Heartbeat } from '../spec/settings.ts';
import { forwardReplyHeaders } from '../wire/headers.ts';
import type { Opened } from './attempt.ts';
import type { Journey } from './dispatch.ts';
import type { Relay } from './relay.ts';
import type { Received, Resolved } from './stages.ts';

/** The facts every answer carries, in headers or, when those are gone, at the end of the stream. */
export type Facts = Record<string, string>;

/** Header values are Latin-1 without control characters on every runtime; model names may hold anything. */
const headerSafe = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');

const milliseconds = (durationMs: number): string => String(Math.round(durationMs * 100) / 100);

/** What Pointsman did with a request, by header name without its prefix. */
export const factsOf = (journey: Journey, dropped: readonly string[], overheadMs: number): Facts => {
  const facts: Facts = {};
  if (journey.lease !== undefined) {
    facts.backend = journey.lease.host.backend.options.id;
    facts.model = headerSafe(journey.lease.upstream);
  }
  facts.attempts = String(journey.failedAttempts.length + (journey.lease === undefined ? 0 : 1));
  const failures = journey.failedAttempts.map(({ backend, reason }) => `${backend}: ${reason}`);
  facts.reason = headerSafe([journey.why, ...failures].filter((part) => part !== '').join('; ')).slice(
    0,
    512,
  );
  facts['queue-ms'] = milliseconds(journey.queueMs);
  facts['overhead-ms'] = milliseconds(Math.max(0, overheadMs));
  if (dropped.length > 0) facts.dropped = headerSafe(dropped.join(', ')).slice(0, 512);
  return facts;
};

/** The facts as response headers, beside the request id. */
export const headersOf = (requestId: string, facts: Facts): Record<string, string> => {
  const headers: Record<string, string> = { 'x-request-id': requestId };
  for (const name in facts) headers[`x-pointsman-${name}`] = facts[name] ?? '';
  return headers;
};

/** Headers of an answer that streams: nothing between here and the client may hold it back. */
const streaming = { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };

const upstreamHeaders = ({ reply }: Opened, headers: Record<string, string>): void => {
  if (reply === undefined) return;
  for (const [name, value] of forwardReplyHeaders(reply.headers)) headers[name] = value;
};

/** A whole answer. */
export const wholeReply = (body: Uint8Array, received: Received, facts: Facts, opened: Opened): Response => {
  const headers = headersOf(received.requestId, facts);
  headers['content-type'] = received.protocol.contentType.whole;
  upstreamHeaders(opened, headers);
  return new Response(body as Uint8Array<ArrayBuffer>, { status: 200, headers });
};

/** An error before anything was sent, in the caller's dialect. */
export const errorReply = (error: GatewayError, received: Received, facts: Facts): Response => {
  const { status, body } = received.protocol.error.write(error, received.requestId);
  const headers = headersOf(received.requestId, facts);
  headers['content-type'] = received.protocol.contentType.whole;
  const { retryAfterMs } = error.details;
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  // SDKs retry on their own; after attempts on every host that would only multiply them.
  if (Number(facts.attempts) > 1) headers['x-should-retry'] = 'false';
  return new Response(JSON.stringify(body), { status, headers });
};

/** A stream whose host is known before its first byte. */
export const streamReply = (relay: Relay, received: Received, facts: Facts, opened: Opened): Response => {
  const headers = headersOf(received.requestId, facts);
  Object.assign(headers, streaming);
  headers['content-type'] = received.protocol.contentType.stream;
  upstreamHeaders(opened, headers);
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const bytes = await relay.next();
        if (bytes === undefined) controller.close();
        else controller.enqueue(bytes);
      },
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

  const next = async (): Promise<Uint8Array | undefined> => {
    if (first) {
      first = false;
      return sign();
    }
    if (running === undefined && last === undefined) await waitForBeat();
    if (running !== undefined) return running.next();
    if (last === undefined) return sign();
    const bytes = last;
    last = new Uint8Array(0);
    return bytes.length > 0 ? bytes : undefined;
  };

  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const bytes = await next();
        if (bytes === undefined) controller.close();
        else controller.enqueue(bytes);
      },
      cancel: () => {
        canceled();
        running?.cancel();
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { ...headersOf(requestId, {}), ...streaming, 'content-type': protocol.contentType.stream };
  return new Response(body, { status: 200, headers });
};
