/**
 * What both framers stand on: chunks cut anywhere in, text that ends at a line break out.
 * No line break byte occurs inside a UTF-8 character, so whole lines decode without a streaming decoder.
 * Imports this folder only.
 */

import { FrameTooLarge } from './frame-too-large.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = 0xfeff;
const KEPT_CAPACITY_BYTES = 64 * 1024;
const FIRST_CAPACITY_BYTES = 1024;
const NO_BYTES = new Uint8Array(0);

/** Keeps every byte order mark, because only the one at the start of a stream is not text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What ends a line: NDJSON knows the line feed only, SSE the carriage return too. */
export type LineBreak = 'line-feed' | 'line-feed-or-carriage-return';

/** What a dialect of lines allows. */
export interface WholeLinesOptions {
  /** The longest line, without its line feed. */
  readonly maxLineBytes: number;
  readonly lineBreak: LineBreak;
}

/** A push machine; both methods throw `FrameTooLarge` once a line is too long and all text before it was given. */
export interface WholeLines {
  /** The lines that became complete, line breaks included; empty when none did. */
  push(chunk: Uint8Array): string;
  /** The last line, where it has no line break. */
  end(): string;
}

/** One past the last line break; a carriage return at the very end waits, as a line feed may follow it. */
const cutAfterLastBreak = (chunk: Uint8Array, lineBreak: LineBreak): number => {
  const lineFeed = chunk.lastIndexOf(LINE_FEED);
  if (lineFeed !== -1 || lineBreak === 'line-feed' || chunk.length < 2) return lineFeed + 1;
  return chunk.lastIndexOf(CARRIAGE_RETURN, chunk.length - 2) + 1;
};

/** Where the first line that is too long starts, or -1. */
const startOfLongLine = (lines: Uint8Array, maxLineBytes: number): number => {
  let start = 0;
  while (lines.length - start > maxLineBytes) {
    const end = lines.indexOf(LINE_FEED, start);
    if ((end === -1 ? lines.length : end) - start > maxLineBytes) return start;
    if (end === -1) return -1;
    start = end + 1;
  }
  return -1;
};

/**
 * Unfinished bytes are copied into one buffer that doubles, so a huge line in tiny chunks costs linear time
 * and never more than twice its size, and no chunk of the runtime's is kept alive.
 */
export const createWholeLines = ({ maxLineBytes, lineBreak }: WholeLinesOptions): WholeLines => {
  let held = NO_BYTES;
  let heldBytes = 0;
  let tooLarge = false;
  let atStart = true;

  const hold = (bytes: Uint8Array): void => {
    const neededBytes = heldBytes + bytes.length;
    if (neededBytes > held.length) {
      const grown = new Uint8Array(
        Math.max(neededBytes, Math.min(held.length * 2, maxLineBytes), FIRST_CAPACITY_BYTES),
      );
      grown.set(held.subarray(0, heldBytes));
      held = grown;
    }
    held.set(bytes, heldBytes);
    heldBytes = neededBytes;
  };

  const release = (): void => {
    heldBytes = 0;
    if (held.length > KEPT_CAPACITY_BYTES) held = NO_BYTES;
  };

  const decode = (bytes: Uint8Array): string => {
    const text = decoder.decode(bytes);
    if (!atStart || text === '') return text;
    atStart = false;
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  };

  const decodeWithin = (lines: Uint8Array): string => {
    const long = lines.length > maxLineBytes ? startOfLongLine(lines, maxLineBytes) : -1;
    if (long === -1) return decode(lines);
    tooLarge = true;
    return decode(lines.subarray(0, long));
  };

  const takeLines = (chunk: Uint8Array, cut: number): string => {
    if (heldBytes === 0) return decodeWithin(cut === chunk.length ? chunk : chunk.subarray(0, cut));
    hold(chunk.subarray(0, cut));
    const text = decodeWithin(held.subarray(0, heldBytes));
    release();
    return text;
  };

  return {
    push: (chunk) => {
      if (tooLarge) throw new FrameTooLarge(maxLineBytes);
      const cut = cutAfterLastBreak(chunk, lineBreak);
      const text = cut === 0 ? '' : takeLines(chunk, cut);
      if (cut < chunk.length && !tooLarge) {
        if (heldBytes + chunk.length - cut > maxLineBytes) tooLarge = true;
        else hold(cut === 0 ? chunk : chunk.subarray(cut));
      }
      if (tooLarge) {
        held = NO_BYTES;
        heldBytes = 0;
        if (text === '') throw new FrameTooLarge(maxLineBytes);
      }
      return text;
    },
    end: () => {
      if (tooLarge) throw new FrameTooLarge(maxLineBytes);
      const text = heldBytes === 0 ? '' : decode(held.subarray(0, heldBytes));
      held = NO_BYTES;
      heldBytes = 0;
      return text;
    },
  };
};
