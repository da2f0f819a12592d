/** One look over a body's bytes before anything parses it. Imports this folder only. */

import { InvalidJson } from './invalid-json.ts';
import { jsonStringEnd } from './json-string-end.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const FIRST_PRINTABLE = 0x20;
const FIRST_NON_ASCII = 0x80;

/** The content of a string literal, without its quotes. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** What the scan refuses and what it reports. */
export interface JsonScanLimits {
  readonly maxDepth: number;
  /** Plain strings longer than this are reported. */
  readonly longStringBytes: number;
}

const NO_SPANS: readonly ByteSpan[] = [];

const isPrintable = (bytes: Uint8Array): boolean => {
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte < FIRST_PRINTABLE || byte >= FIRST_NON_ASCII) return false;
  }
  return true;
};

/** As `isPrintable`, four bytes at a time: a byte under 0x20 borrows into its top bit, others have it set. */
const areWordsPrintable = (words: Uint32Array): boolean => {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? 0;
    if ((((word - 0x20202020) & ~word) | word) & 0x80808080) return false;
  }
  return true;
};

/** Printable ASCII without escapes: valid as it stands, and the same text at any depth of quoting. */
const isPlain = (content: Uint8Array): boolean => {
  if (content.includes(BACKSLASH)) return false;
  const head = Math.min(content.length, -content.byteOffset & 3);
  const wordCount = (content.length - head) >>> 2;
  return (
    isPrintable(content.subarray(0, head)) &&
    areWordsPrintable(new Uint32Array(content.buffer, content.byteOffset + head, wordCount)) &&
    isPrintable(content.subarray(head + wordCount * 4))
  );
};

/**
 * Finds the long plain strings of a body and throws `InvalidJson` when it nests too deeply.
 * It does not validate: whatever else is wrong is left to the parser.
 */
export const scanJson = (
  bytes: Uint8Array,
  { maxDepth, longStringBytes }: JsonScanLimits,
): readonly ByteSpan[] => {
  let spans: ByteSpan[] | undefined;
  let depth = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      const start = index + 1;
      const end = jsonStringEnd(bytes, start);
      if (end === -1) break;
      if (end - start > longStringBytes && isPlain(bytes.subarray(start, end))) {
        spans ??= [];
        spans.push({ start, end });
      }
      index = end;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > maxDepth) throw new InvalidJson(`nested deeper than ${maxDepth} levels`);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return spans ?? NO_SPANS;
};
