/** One GET with its whole answer, bounded in size, with errors that name no address. Imports spec, wire and this folder. */

import type { Fetch, FetchReply } from '../../spec/ports.ts';
import { joinBytes } from '../../wire/join-bytes.ts';
import { replyReader } from './reply-reader.ts';
import { UnexpectedReply } from './unexpected-reply.ts';

export interface Reply {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** A listing of thousands of models is well below this; an endless one must not fill the memory. */
const maxReplyBytes = 8 * 1024 * 1024;

const aborted = (signal: AbortSignal): Error => new Error('aborted', { cause: signal.reason });

const readBody = async (reply: FetchReply, signal: AbortSignal): Promise<Uint8Array> => {
  const reader = replyReader(reply);
  if (reader === null) return new Uint8Array(0);
  // Not every runtime closes the connection for an abort alone once the body has begun.
  const drop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', drop, { once: true });
  if (signal.aborted) drop();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joinBytes(chunks);
      sizeBytes += value.length;
      if (sizeBytes > maxReplyBytes) {
        drop();
        throw new UnexpectedReply('answered with more than 8 MiB');
      }
      chunks.push(value);
    }
  } finally {
    signal.removeEventListener('abort', drop);
  }
};

/**
 * Resolves with any status. A transport failure is wrapped, since a runtime may write the URL into its message;
 * what it was stands in `cause`.
 */
export const request = async (
  fetch: Fetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Reply> => {
  if (signal.aborted) throw aborted(signal);
  try {
    const reply = await fetch(url, { method: 'GET', headers, signal });
    const bytes = await readBody(reply, signal);
    if (signal.aborted) throw aborted(signal);
    return { status: reply.status, bytes };
  } catch (error) {
    if (error instanceof UnexpectedReply) throw error;
    throw signal.aborted ? aborted(signal) : new Error('no answer', { cause: error });
  }
};
