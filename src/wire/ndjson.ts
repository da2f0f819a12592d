/** Newline-delimited JSON: bytes to lines. Imports this folder only. */

import { createWholeLines } from './whole-lines.ts';

const DEFAULT_MAX_LINE_BYTES = 8 * 1024 * 1024;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const NON_SPACE = /[^ \t\r]/;
const NO_LINES: readonly string[] = [];

/**
 * A push machine from bytes to lines; any re-chunking of the same bytes gives the same lines.
 * Both methods throw `FrameTooLarge` once a line passes its limit and all lines before it were given.
 */
export interface NdjsonFramer {
  push(chunk: Uint8Array): readonly string[];
  /** The last line, where the stream closed without its newline. */
  end(): readonly string[];
}

/** What one line may cost. */
export interface NdjsonFramerOptions {
  /** The longest line without its newline. Default 8 MiB. */
  readonly maxLineBytes?: number;
}

const split = (text: string): readonly string[] => {
  if (text === '') return NO_LINES;
  const lines: string[] = [];
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end);
    if (line.charCodeAt(0) > SPACE || NON_SPACE.test(line)) lines.push(line);
    start = end + 1;
  }
  return lines;
};

/** Reads lines without their `\n` or `\r\n`; lines of white space are skipped, as JSON has none such. */
export const createNdjsonFramer = (options: NdjsonFramerOptions = {}): NdjsonFramer => {
  const maxLineBytes = options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES;
  const lines = createWholeLines({ maxLineBytes, lineBreak: 'line-feed' });
  return {
    push: (chunk) => split(lines.push(chunk)),
    end: () => split(lines.end()),
  };
};
