/** Google's servers break a stream off with bare JSON, which is no event: it is kept apart. Imports nothing. */

const openBrace = 0x7b;
const openBracket = 0x5b;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** What says why a stream broke is small. */
const maxTailBytes = 16 * 1024;

/** A push machine over the bytes of a stream; any re-chunking gives the same. */
export interface BareTail {
  /** The part of a chunk that belongs to events. */
  push(chunk: Uint8Array): Uint8Array;
  /** All from the first line that begins as JSON; undefined where there is none. */
  bytes(): Uint8Array | undefined;
  /** How many bytes of the chunk that was pushed last belong to it. */
  last(): number;
}

const isOpening = (byte: number | undefined): boolean => byte === openBrace || byte === openBracket;

/** Starts at the beginning of a stream; no line of an event begins with a brace. */
export const createBareTail = (): BareTail => {
  let atLineStart = true;
  let tail: number[] | undefined;
  let lastBytes = 0;

  const openingOf = (chunk: Uint8Array): number => {
    if (atLineStart && isOpening(chunk[0])) return 0;
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) {
      if (isOpening(chunk[at + 1])) return at + 1;
    }
    return -1;
  };

  const keep = (kept: number[], bytes: Uint8Array): void => {
    lastBytes = bytes.length;
    for (const byte of bytes.subarray(0, maxTailBytes - kept.length)) kept.push(byte);
  };

  return {
    push: (chunk) => {
      if (chunk.length === 0) return chunk;
      if (tail !== undefined) {
        keep(tail, chunk);
        return chunk.subarray(0, 0);
      }
      const at = openingOf(chunk);
      if (at < 0) {
        const last = chunk[chunk.length - 1];
        atLineStart = last === lineFeed || last === carriageReturn;
        return chunk;
      }
      tail = [];
      keep(tail, chunk.subarray(at));
      return chunk.subarray(0, at);
    },
    last: () => lastBytes,
    bytes: () => (tail === undefined ? undefined : Uint8Array.from(tail)),
  };
};
