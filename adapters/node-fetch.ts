/**
 * The fetch port on Node, over undici's dispatcher: the built-in fetch costs two to three times the processor time.
 * May import `src/spec` and `undici`.
 */

import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { FetchInit, FetchReply } from '../src/spec/ports.ts';

/** What may lie unread between the socket and the reader before the socket is paused. */
const bufferedBytesLimit = 65_536;

const connect = buildConnector({ timeout: 10_000 }) as (
  ...[options, done]: Parameters<ReturnType<typeof buildConnector>>
) => Socket;

/** The connection that the request being dispatched just now has had to open, if any. */
let opening: Socket | undefined;

const takeOpening = (): Socket | undefined => {
  const socket = opening;
  opening = undefined;
  return socket;
};

const agent = new Agent({
  // The program has its own timer for each phase; a model may load for minutes without a byte.
  headersTimeout: 0,
  bodyTimeout: 0,
  connect(options, done) {
    opening = connect(options, done);
  },
  // Shorter than the five seconds after which common model servers close an idle connection.
  keepAliveTimeout: 4000,
  keepAliveMaxTimeout: 4000,
  pipelining: 1,
});

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** A body on its way: filled by the dispatcher, emptied by one reader, paused in between when it grows. */
interface Inbox {
  push(chunk: Uint8Array): void;
  /** Said once more it changes nothing. */
  finish(result: { readonly error?: unknown }): void;
  /** The next chunk, `undefined` at the end; throws what broke the body once all that came has been read. */
  take(): Promise<Uint8Array | undefined>;
}

const createInbox = (controller: Dispatcher.DispatchController): Inbox => {
  const chunks: Uint8Array[] = [];
  let bufferedBytes = 0;
  let end: { readonly error?: unknown } | undefined;
  let wake: (() => void) | undefined;
  return {
    push(chunk) {
      chunks.push(chunk);
      bufferedBytes += chunk.byteLength;
      if (bufferedBytes >= bufferedBytesLimit) controller.pause();
      wake?.();
    },
    finish(result) {
      end ??= result;
      wake?.();
    },
    async take() {
      if (chunks.length === 0 && end === undefined)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const chunk = chunks.shift();
      if (chunk === undefined) {
        if (end !== undefined && 'error' in end) throw end.error;
        return undefined;
      }
      bufferedBytes -= chunk.byteLength;
      if (bufferedBytes < bufferedBytesLimit) controller.resume();
      return chunk;
    },
  };
};

const streamOf = (inbox: Inbox, cancel: (reason: unknown) => void): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await inbox.take();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );

const wholeOf = async (inbox: Inbox): Promise<ArrayBuffer> => {
  const chunks: Uint8Array[] = [];
  for (let chunk = await inbox.take(); chunk !== undefined; chunk = await inbox.take()) chunks.push(chunk);
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole.buffer;
};

interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly inbox: Inbox;
  readonly cancel: (reason: unknown) => void;
}

/** The stream is made only when it is asked for: small answers are read whole without one. */
const replyOf = ({ status, headers, inbox, cancel }: Received): FetchReply => {
  let body: ReadableStream<Uint8Array> | undefined;
  return {
    status,
    headers: {
      get(name) {
        const value = headers[name.toLowerCase()];
        return value === undefined ? null : typeof value === 'string' ? value : value.join(', ');
      },
    },
    get body() {
      body ??= streamOf(inbox, cancel);
      return body;
    },
    arrayBuffer: () => wholeOf(inbox),
  };
};

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** A body that comes while it is sent is paused where the socket is full. */
const bodyOf = ({ body, bodyStream }: FetchInit): Uint8Array | Readable | null =>
  bodyStream === undefined ? (body ?? null) : Readable.from(chunksOf(bodyStream), { objectMode: false });

/** Sends one request once; rejects with the error undici or the caller's signal gave, code and all. */
export const fetchDirect = (url: string, init: FetchInit): Promise<FetchReply> =>
  new Promise((resolve, reject) => {
    const { origin, pathname, search } = new URL(url);
    const { signal } = init;
    signal.throwIfAborted();
    let controller: Dispatcher.DispatchController | undefined;
    let inbox: Inbox | undefined;
    let socket: Socket | undefined;

    const cancel = (reason: unknown): void => controller?.abort(reason as Error);
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      inbox?.finish({ error });
      reject(error);
    };
    const onAbort = (): void => {
      fail(signal.reason);
      cancel(signal.reason);
      // Undici would finish a connection it has begun, or wait for it as long as it is allowed to.
      if (controller === undefined && socket?.connecting === true)
        socket.destroy(new Error('nobody waits for this connection any more'));
    };
    signal.addEventListener('abort', onAbort);

    agent.dispatch(
      {
        origin,
        path: `${pathname}${search}`,
        method: init.method,
        headers: { 'accept-encoding': 'identity', ...init.headers },
        body: bodyOf(init),
      },
      {
        onRequestStart(started) {
          controller = started;
          // Aborted while the connection was being made: nothing is sent.
          if (signal.aborted) cancel(signal.reason);
        },
        onResponseStart(started, status, headers) {
          if (status < 200) return;
          const encoding = headers['content-encoding'] ?? 'identity';
          if (encoding !== 'identity') throw new Error('the answer is compressed, which was not asked for');
          inbox = createInbox(started);
          resolve(replyOf({ status, headers, inbox, cancel }));
        },
        onResponseData(_, chunk) {
          inbox?.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        },
        onResponseEnd() {
          signal.removeEventListener('abort', onAbort);
          inbox?.finish({});
        },
        onResponseError: (_, error) => fail(error),
      },
    );
    // Undici connects before `dispatch` returns, and each of its connections is opened for one request.
    socket = takeOpening();
  });
