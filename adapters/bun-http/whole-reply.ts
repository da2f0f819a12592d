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

/** Up to here a copy, which the collector owns, costs less than a view of memory that it does not. */
const cheapCopyBytes = 4096;

/** The small answer's way, its body behind its head: no stream unless asked for one. */
export const createWholeReply = (head: ResponseHead, bytes: Uint8Array, bodyBytes: number): FetchReply => {
  const from = head.endAt;
  const end = from + bodyBytes;
  const wholeBytes = bodyBytes <= cheapCopyBytes ? bytes.slice(from, end) : bytes.subarray(from, end);
  let body: ReadableStream<Uint8Array> | undefined;
  return {
    status: head.status,
    headers: head,
    wholeBytes,
    get body() {
      body ??= streamOf(wholeBytes);
      return body;
    },
    arrayBuffer: () => Promise.resolve(bytes.slice(from, end).buffer as ArrayBuffer),
  };
};
