/** A hand-written engine: a table from paths to answers, behind the fetch port. */

import type { Fetch, FetchInit } from '../../src/spec/ports.ts';
import { encodeUtf8 } from '../../src/wire/utf8.ts';

/** `refuse`: no connection; `hang`: no headers; `hang-body`: headers, then silence. A value is sent as JSON with 200. */
export type FakeReply =
  | 'refuse'
  | 'hang'
  | 'hang-body'
  | {
      readonly status?: number;
      readonly text?: string;
      readonly json?: unknown;
      readonly chunks?: Iterable<Uint8Array>;
    };

export interface Sent extends FetchInit {
  readonly url: string;
}

export interface FakeEngine {
  readonly fetch: Fetch;
  readonly sent: readonly Sent[];
}

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const fail = (): void => reject(new DOMException('The operation was aborted.', 'AbortError'));
    if (signal.aborted) fail();
    signal.addEventListener('abort', fail);
  });

const bodyOf = (reply: Exclude<FakeReply, 'refuse' | 'hang'>): ReadableStream<Uint8Array> => {
  if (reply === 'hang-body')
    return new ReadableStream({ start: (out) => out.enqueue(encodeUtf8('{"models"')) });
  const chunks = (reply.chunks ?? [encodeUtf8(reply.text ?? JSON.stringify(reply.json))])[Symbol.iterator]();
  return new ReadableStream({
    pull: (out) => {
      const next = chunks.next();
      if (next.done === true) out.close();
      else out.enqueue(next.value);
    },
  });
};

/** Paths not in the table get what gin sends; `*` stands for all of them. */
export const fakeEngine = (base: string, replies: Readonly<Record<string, FakeReply>>): FakeEngine => {
  const sent: Sent[] = [];
  const fetch: Fetch = async (url, init) => {
    sent.push({ ...init, url });
    if (init.signal.aborted) await whenAborted(init.signal);
    const path = url.startsWith(base) ? url.slice(base.length) : url;
    const reply = replies[path] ?? replies['*'] ?? { status: 404, text: '404 page not found' };
    if (reply === 'refuse') {
      // Deno writes the URL into its message.
      const cause = new Error(
        `error sending request for url (${url}): client error (Connect): Connection refused`,
      );
      throw new TypeError(`fetch failed for ${url}`, { cause });
    }
    if (reply === 'hang') return whenAborted(init.signal);
    const body = bodyOf(reply);
    const status = typeof reply === 'object' ? (reply.status ?? 200) : 200;
    return { status, headers: new Headers(), body, arrayBuffer: () => new Response(body).arrayBuffer() };
  };
  return { fetch, sent };
};
