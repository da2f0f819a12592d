/** The body of a reply as a stream, however it came. Imports spec. */

import type { FetchReply } from '../../spec/ports.ts';

const oneChunk = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (bytes.length > 0) controller.enqueue(bytes);
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );

/** Null where there is none; to be asked once, as a stream is read once. */
export const replyBody = ({ body, wholeBytes }: FetchReply): ReadableStream<Uint8Array> | null =>
  body ?? (wholeBytes === undefined ? null : oneChunk(wholeBytes));
