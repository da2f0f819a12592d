/** Reads the body of a reply piece by piece, however it came. Imports spec. */

import type { ChunkReader, FetchReply } from '../../spec/ports.ts';

const readerOfBytes = (bytes: Uint8Array): ChunkReader => {
  let left = bytes.length > 0 ? bytes : undefined;
  return {
    read: async () => {
      const value = left;
      left = undefined;
      return value === undefined ? { done: true, value } : { done: false, value };
    },
    cancel: async () => {
      left = undefined;
    },
  };
};

/** Null where there is no body; to be asked once, as a body is read once. */
export const replyReader = ({ wholeBytes, reader, body }: FetchReply): ChunkReader | null => {
  if (wholeBytes !== undefined) return readerOfBytes(wholeBytes);
  return reader ?? body?.getReader() ?? null;
};
