/** An answer that came in one piece. May import `src/spec` and this folder. */

import type { FetchReply } from '../../src/spec/ports.ts';
import type { ResponseHead } from './response-head.ts';

const streamOf = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (bytes.length > 0) controller.enqueue(bytes);
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );

/** The small answer's way: no stream unless asked for one, and the bytes are copied once. */
export const createWholeReply = (head: ResponseHead, bytes: Uint8Array): FetchReply => {
  let body: ReadableStream<Uint8Array> | undefined;
  return {
    status: head.status,
    headers: head,
    get body() {
      body ??= streamOf(bytes);
      return body;
    },
    arrayBuffer: () =>
      Promise.resolve(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer),
  };
};
