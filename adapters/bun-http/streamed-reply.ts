/** An answer whose body is still on its way. May import `src/spec` and this folder. */

import type { FetchReply } from '../../src/spec/ports.ts';
import type { ResponseHead } from './response-head.ts';

/** What may lie unread between the socket and the reader before the socket is paused. */
const unreadBytesLimit = 65_536;

/** The connection's side of a body; each is without effect once the body has ended. */
export interface BodySource {
  pause(): void;
  resume(): void;
  /** The reader wants no more. */
  cancel(): void;
}

export interface StreamedReply {
  readonly reply: FetchReply;
  /** Bytes that stay as they are from here on. */
  push(bytes: Uint8Array): void;
  finish(): void;
  /** The body broke: what came before is read first. */
  fail(error: unknown): void;
  /** The caller gave up: what came before is dropped. */
  abort(reason: unknown): void;
}

const join = (pieces: readonly Uint8Array[], sizeBytes: number): ArrayBuffer => {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined && first.length === first.buffer.byteLength)
    return first.buffer as ArrayBuffer;
  const whole = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole.buffer;
};

type Controller = ReadableStreamDefaultController<Uint8Array>;

interface Whole {
  readonly resolve: (bytes: ArrayBuffer) => void;
  readonly reject: (error: unknown) => void;
}

/** A reply that is filled as bytes come and read by one reader, as a stream or whole. */
export const createStreamedReply = (head: ResponseHead, source: BodySource): StreamedReply => {
  let pieces: Uint8Array[] = [];
  let unreadBytes = 0;
  let end: { readonly error?: unknown } | undefined;
  let body: ReadableStream<Uint8Array> | undefined;
  /** Undefined as well once the stream is closed, and then it must not be touched. */
  let stream: Controller | undefined;
  let isReaderWaiting = false;
  let whole: Whole | undefined;

  const settleStream = (): void => {
    if (stream === undefined || end === undefined || pieces.length > 0) return;
    const controller = stream;
    stream = undefined;
    if ('error' in end) controller.error(end.error);
    else controller.close();
  };

  const settleWhole = (): void => {
    if (whole === undefined || end === undefined) return;
    if ('error' in end) whole.reject(end.error);
    else whole.resolve(join(pieces, unreadBytes));
    pieces = [];
  };

  const endWith = (how: { readonly error?: unknown }): void => {
    end ??= how;
    settleStream();
    settleWhole();
  };

  const pull = (controller: Controller): void => {
    const piece = pieces.shift();
    if (piece === undefined) {
      isReaderWaiting = true;
      return;
    }
    unreadBytes -= piece.length;
    if (unreadBytes < unreadBytesLimit) source.resume();
    controller.enqueue(piece);
    settleStream();
  };

  const openStream = (): ReadableStream<Uint8Array> =>
    new ReadableStream<Uint8Array>(
      {
        start(controller) {
          stream = controller;
          settleStream();
        },
        pull,
        cancel() {
          stream = undefined;
          pieces = [];
          end ??= {};
          source.cancel();
        },
      },
      { highWaterMark: 0 },
    );

  return {
    reply: {
      status: head.status,
      headers: head,
      get body() {
        body ??= openStream();
        return body;
      },
      arrayBuffer: () =>
        new Promise((resolve, reject) => {
          whole = { resolve, reject };
          source.resume();
          settleWhole();
        }),
    },
    push(bytes) {
      if (bytes.length === 0 || end !== undefined) return;
      if (isReaderWaiting && stream !== undefined) {
        isReaderWaiting = false;
        stream.enqueue(bytes);
        return;
      }
      pieces.push(bytes);
      unreadBytes += bytes.length;
      if (whole === undefined && unreadBytes >= unreadBytesLimit) source.pause();
    },
    finish: () => endWith({}),
    fail: (error) => endWith({ error }),
    abort(reason) {
      if (end === undefined) pieces = [];
      endWith({ error: reason });
    },
  };
};
