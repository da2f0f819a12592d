/**
 * What comes back for one request: bytes in, a reply and its body out.
 * May import `src/spec` and this folder.
 */

import type { Abortable, FetchInit, FetchReply } from '../../src/spec/ports.ts';
import { type BodyFramer, createBodyFramer } from './body-framer.ts';
import { bodyFramingOf } from './body-framing.ts';
import { ExchangeError } from './exchange-error.ts';
import { type ResponseHead, readResponseHead } from './response-head.ts';
import { type BodySource, createStreamedReply, type StreamedReply } from './streamed-reply.ts';
import { createWholeReply } from './whole-reply.ts';

/** One request and its answer; only this file and the connection change it. */
export interface Exchange {
  readonly method: FetchInit['method'];
  /** Absent where the caller has a cheaper way to abort. */
  readonly signal: AbortSignal | undefined;
  readonly abortable: Abortable | undefined;
  readonly resolve: (reply: FetchReply) => void;
  readonly reject: (error: unknown) => void;
  /** Latin-1 text, up to and with the empty line. */
  readonly head: string;
  /** Until the first of it is written. */
  body: Uint8Array | undefined;
  /** What of the request the socket has not taken yet: the rest of one piece, and the piece after it. */
  unsent: Uint8Array | undefined;
  unsentNext: Uint8Array | undefined;
  /** There while the exchange goes on over a connection. */
  socket: { pause(): void; resume(): void; terminate(): void } | undefined;
  isPaused: boolean;
  partialHead: Uint8Array | undefined;
  framer: BodyFramer | undefined;
  endsAtClose: boolean;
  keepsAlive: boolean;
  streamed: StreamedReply | undefined;
}

/** `reusable`: the answer is complete, and nothing of the answer speaks against another request; `over`: complete. */
export type Progress = 'more' | 'reusable' | 'over';

const sourceOf = (exchange: Exchange): BodySource => ({
  pause() {
    if (exchange.isPaused || exchange.socket === undefined) return;
    exchange.isPaused = true;
    exchange.socket.pause();
  },
  resume() {
    if (!exchange.isPaused || exchange.socket === undefined) return;
    exchange.isPaused = false;
    exchange.socket.resume();
  },
  cancel: () => exchange.socket?.terminate(),
});

const keepsAlive = (head: ResponseHead): boolean => {
  const connection = head.get('connection');
  if (connection === null) return head.version === 'HTTP/1.1';
  const words = connection.toLowerCase();
  return !words.includes('close') && (head.version === 'HTTP/1.1' || words.includes('keep-alive'));
};

const join = (before: Uint8Array, after: Uint8Array): Uint8Array => {
  const joined = new Uint8Array(before.length + after.length);
  joined.set(before);
  joined.set(after, before.length);
  return joined;
};

const receiveBody = (
  exchange: Exchange,
  framer: BodyFramer,
  streamed: StreamedReply,
  bytes: Uint8Array,
): Progress => {
  streamed.push(framer.push(bytes));
  if (!framer.isDone) return 'more';
  streamed.finish();
  return exchange.keepsAlive && !framer.hasSurplus ? 'reusable' : 'over';
};

const answer = (exchange: Exchange, head: ResponseHead, bytes: Uint8Array): Progress => {
  const encoding = head.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') throw new Error('the answer is compressed, which was not asked for');
  const framing = bodyFramingOf(head, exchange.method);
  exchange.keepsAlive = keepsAlive(head);
  const bodyBytes = bytes.length - head.endAt;
  if (typeof framing === 'number' && bodyBytes >= framing) {
    exchange.resolve(createWholeReply(head, bytes, framing));
    return exchange.keepsAlive && bodyBytes === framing ? 'reusable' : 'over';
  }
  const framer = createBodyFramer(framing);
  const streamed = createStreamedReply(head, sourceOf(exchange));
  exchange.framer = framer;
  exchange.streamed = streamed;
  exchange.endsAtClose = framing === 'close';
  const progress = receiveBody(exchange, framer, streamed, bytes.subarray(head.endAt));
  exchange.resolve(streamed.reply);
  return progress;
};

/**
 * Takes what the connection brought, which stays as it is from here on.
 * Throws for an answer that cannot be used; the exchange is then to be failed.
 */
export const receive = (exchange: Exchange, bytes: Uint8Array): Progress => {
  const { framer, streamed, partialHead } = exchange;
  if (framer !== undefined && streamed !== undefined) return receiveBody(exchange, framer, streamed, bytes);
  const all = partialHead === undefined ? bytes : join(partialHead, bytes);
  let from = 0;
  let head = readResponseHead(all, from);
  while (head !== undefined && head.status < 200) {
    if (head.status === 101)
      throw new ExchangeError('Malformed_HTTP_Response', 'the peer changed the protocol');
    from = head.endAt;
    head = readResponseHead(all, from);
  }
  exchange.partialHead = head === undefined ? all.subarray(from) : undefined;
  return head === undefined ? 'more' : answer(exchange, head, all);
};

/** The connection closed, with an error where it did not close in good order. */
export const receiveClose = (exchange: Exchange, error: Error | undefined): void => {
  if (exchange.endsAtClose && error === undefined) exchange.streamed?.finish();
  else
    failExchange(exchange, error ?? new ExchangeError('ECONNRESET', 'the connection was closed too early'));
};

/** Tells whoever waits, for the reply or for its body. */
export const failExchange = (exchange: Exchange, error: unknown): void => {
  if (exchange.streamed === undefined) exchange.reject(error);
  else exchange.streamed.fail(error);
};

/** The caller gave up; what came and was not read is dropped. */
export const abortExchange = (exchange: Exchange, reason: unknown): void => {
  if (exchange.streamed === undefined) exchange.reject(reason);
  else exchange.streamed.abort(reason);
};
