/** A body as a stream of views, for a `fetch` that copies what it is given whole. May import nothing. */

const pieceBytes = 64 * 1024;

/** The body once, piece by piece, as the connection takes it. */
export const inPieces = (body: Uint8Array): ReadableStream<Uint8Array> => {
  let offset = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (offset >= body.length) return controller.close();
        controller.enqueue(body.subarray(offset, offset + pieceBytes));
        offset += pieceBytes;
      },
    },
    { highWaterMark: 0 },
  );
};
