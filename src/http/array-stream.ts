/** An answer for callers who want a stream's entries as one JSON document instead of events. */

import type { Reframer } from '../protocols/protocol.ts';

const isStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') === true;

/** Writes the stream anew while it comes; an error before it stands alone in the list. */
export const asArray = async (response: Response, reframer: Reframer): Promise<Response> => {
  const { status, body } = response;
  const headers = new Headers(response.headers);
  headers.set('content-type', 'application/json; charset=UTF-8');
  if (body === null || !isStream(response)) {
    return new Response(`[${await response.text()}]`, { status, headers });
  }
  const reader = body.getReader();
  const written = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        for (;;) {
          const { done, value } = await reader.read();
          const bytes = done ? reframer.end() : reframer.push(value);
          if (bytes.length > 0) controller.enqueue(bytes);
          if (done) controller.close();
          if (done || bytes.length > 0) return;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(written, { status, headers });
};
