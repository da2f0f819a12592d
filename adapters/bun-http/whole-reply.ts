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

/** The small answer's way, its body behind its head: no stream unless asked for one, and the bytes are copied once. */
export const createWholeReply = (head: ResponseHead, bytes: Uint8Array, bodyBytes: number): FetchReply => {
  const { endAt } = head;
  const wholeBytes = new Uint8Array(bytes.buffer, bytes.byteOffset + endAt, bodyBytes);
  let body: ReadableStream<Uint8Array> | undefined;
  return {
    status: head.status,
    headers: head,
    wholeBytes,
    get body() {
      body ??= streamOf(wholeBytes);
      return body;
    },
    arrayBuffer() {
      const from = bytes.byteOffset + endAt;
      return Promise.resolve(bytes.buffer.slice(from, from + bodyBytes) as ArrayBuffer);
    },
  };
};
