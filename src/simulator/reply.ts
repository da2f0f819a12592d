/**
 * The wire side of one request: headers are sent with the first byte, the caller's leaving is noticed
 * before and after them, and a connection can die at any point.
 */

import { type Cancellation, createCancellation } from './cancellation.ts';

/** Where bytes go; a fault stands between the writer and the connection by wrapping one. */
export interface Output {
  /** `tokens` counts what the bytes carry of the answer, so that faults strike after so many. */
  write(bytes: Uint8Array, tokens: number): void;
  end(): void;
  /** The connection dies: no clean end follows. */
  reset(): void;
}

/** A fault, as something that stands before an output. */
export type Tamper = (output: Output) => Output;

/** The answer to one request as it goes out. */
export interface Reply {
  /** Settles with the first byte of the answer; rejects as a network does. */
  readonly response: Promise<Response>;
  /** Fires when the caller leaves. */
  readonly cancellation: Cancellation;
  readonly opened: () => boolean;
  readonly closed: () => boolean;
  /** A whole answer at once. */
  whole(status: number, contentType: string, body: string, headers?: Readonly<Record<string, string>>): void;
  /** Sends headers and begins a stream. */
  open(contentType: string, headers?: Readonly<Record<string, string>>): void;
  write(text: string, tokens: number): void;
  end(): void;
  /** Kills the connection; before headers the request fails as one whose peer closed. */
  reset(): void;
}

/** A failed connection as `fetch` reports it: a TypeError with the system's code. */
export const networkError = (code: 'ECONNREFUSED' | 'ECONNRESET'): TypeError & { readonly code: string } =>
  Object.assign(new TypeError(code === 'ECONNREFUSED' ? 'connection refused' : 'connection reset by peer'), {
    code,
  });

const encoder = new TextEncoder();

const leftError = (signal: AbortSignal): unknown =>
  signal.reason ?? new DOMException('The operation was aborted.', 'AbortError');

/** In memory a caller who leaves sees a failed fetch, as from a network; on a socket nobody is there to see it. */
export type Transport = 'memory' | 'socket';

/** How a reply is bound to the host it comes from. */
export interface ReplyOptions {
  readonly transport: Transport;
  /** Runs once, however the reply ends. */
  readonly onClose: (reply: Reply) => void;
  /** The fault that strikes it. */
  readonly tamper: Tamper | undefined;
}

/** A reply to one request. */
export const createReply = (request: Request, { transport, onClose, tamper }: ReplyOptions): Reply => {
  const cancellation = createCancellation();
  const { signal } = request;
  let settle: { resolve(response: Response): void; reject(problem: unknown): void };
  const response = new Promise<Response>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // It may fail before anybody waits for it; whoever does wait is told all the same.
  response.catch(() => undefined);
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let state: 'waiting' | 'open' | 'closed' = 'waiting';

  const close = (): void => {
    state = 'closed';
    onClose(reply);
    signal.removeEventListener('abort', onAbort);
  };

  const onAbort = (): void => {
    if (state === 'closed') return;
    close();
    if (transport === 'memory') {
      const reason = leftError(signal);
      if (controller === undefined) settle.reject(reason);
      else controller.error(reason);
    } else if (controller === undefined) settle.resolve(new Response(null, { status: 499 }));
    else controller.close();
    cancellation.cancel();
  };

  const raw: Output = {
    write: (bytes) => {
      if (state === 'open') controller?.enqueue(bytes);
    },
    end: () => {
      if (state !== 'open') return;
      close();
      controller?.close();
    },
    reset: () => {
      if (state === 'closed') return;
      close();
      const failure = networkError('ECONNRESET');
      if (controller === undefined) settle.reject(failure);
      else controller.error(failure);
    },
  };
  const output = tamper === undefined ? raw : tamper(raw);

  const open = (status: number, contentType: string, headers?: Readonly<Record<string, string>>): void => {
    if (state !== 'waiting') return;
    state = 'open';
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
      },
      cancel: () => {
        if (state === 'closed') return;
        close();
        cancellation.cancel();
      },
    });
    settle.resolve(new Response(body, { status, headers: { 'content-type': contentType, ...headers } }));
  };

  const reply: Reply = {
    response,
    cancellation,
    opened: () => state !== 'waiting',
    closed: () => state === 'closed',
    whole(status, contentType, body, headers) {
      if (state !== 'waiting') return;
      if (tamper === undefined) {
        close();
        settle.resolve(new Response(body, { status, headers: { 'content-type': contentType, ...headers } }));
        return;
      }
      open(status, contentType, headers);
      const bytes = encoder.encode(body);
      // In two parts, so that a fault inside an answer has an inside to strike.
      output.write(bytes.subarray(0, bytes.length >> 1), Infinity);
      output.write(bytes.subarray(bytes.length >> 1), 0);
      output.end();
    },
    open: (contentType, headers) => open(200, contentType, headers),
    write: (text, tokens) => output.write(encoder.encode(text), tokens),
    end: () => output.end(),
    reset: () => raw.reset(),
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);
  return reply;
};
