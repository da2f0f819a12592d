/** An answer whose body is still on its way. May import `src/spec` and this folder. */

import type { ChunkRead, FetchReply } from '../../src/spec/ports.ts';
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

/** Who waits for the next piece. */
interface Waiting {
  readonly resolve: (read: ChunkRead) => void;
  readonly reject: (error: unknown) => void;
}

interface Whole {
  readonly resolve: (bytes: ArrayBuffer) => void;
  readonly reject: (error: unknown) => void;
}

/** A reply that is filled as bytes come and read by one reader, piece by piece or whole. */
export const createStreamedReply = (head: ResponseHead, source: BodySource): StreamedReply => {
  let pieces: Uint8Array[] = [];
  let unreadBytes = 0;
  let end: { readonly error?: unknown } | undefined;
  let waiting: Waiting | undefined;
  let whole: Whole | undefined;

  const settle = (): void => {
    if (end === undefined) return;
    if (waiting !== undefined) {
      if ('error' in end) waiting.reject(end.error);
      else waiting.resolve({ done: true, value: undefined });
      waiting = undefined;
    }
    if (whole === undefined) return;
    if ('error' in end) whole.reject(end.error);
    else whole.resolve(join(pieces, unreadBytes));
    pieces = [];
  };

  const endWith = (how: { readonly error?: unknown }): void => {
    end ??= how;
    settle();
  };

  const wait = (): Promise<ChunkRead> =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      settle();
    });

  const read = (): Promise<ChunkRead> => {
    const value = pieces.shift();
    if (value === undefined) return wait();
    unreadBytes -= value.length;
    if (unreadBytes < unreadBytesLimit) source.resume();
    return Promise.resolve({ done: false, value });
  };

  const cancel = (): Promise<void> => {
    pieces = [];
    endWith({});
    source.cancel();
    return Promise.resolve();
  };

  return {
    reply: {
      status: head.status,
      headers: head,
      reader: { read, cancel },
      body: null,
      arrayBuffer: () =>
        new Promise((resolve, reject) => {
          whole = { resolve, reject };
          source.resume();
          settle();
        }),
    },
    push(bytes) {
      if (bytes.length === 0 || end !== undefined) return;
      if (waiting !== undefined) {
        const { resolve } = waiting;
        waiting = undefined;
        resolve({ done: false, value: bytes });
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
