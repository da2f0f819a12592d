/** An answer that came in one piece. May import `src/spec` and this folder. */

import type { FetchReply } from '../../src/spec/ports.ts';
import type { ResponseHead } from './response-head.ts';

/** Up to here a copy, which the collector owns, costs less than a view of memory that it does not. */
const cheapCopyBytes = 4096;

interface WholeReply extends FetchReply {
  readonly wholeBytes: Uint8Array;
}

/** One for all replies, since each small answer has one. */
function arrayBuffer(this: WholeReply): Promise<ArrayBuffer> {
  return Promise.resolve(this.wholeBytes.slice().buffer as ArrayBuffer);
}

/** The small answer's way, its body behind its head and without a stream. */
export const createWholeReply = (head: ResponseHead, bytes: Uint8Array, bodyBytes: number): FetchReply => {
  const from = head.endAt;
  const end = from + bodyBytes;
  const wholeBytes = bodyBytes <= cheapCopyBytes ? bytes.slice(from, end) : bytes.subarray(from, end);
  const reply: WholeReply = { status: head.status, headers: head, wholeBytes, body: null, arrayBuffer };
  return reply;
};
