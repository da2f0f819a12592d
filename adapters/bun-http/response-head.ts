/** The head of an HTTP/1 answer, found and read in bytes. Pure; imports the error of this folder. */

import { ExchangeError } from './exchange-error.ts';

/** What a head may take before it is taken for something else. */
const headBytesLimit = 65_536;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const versionStart = 'HTTP/1.';

/**
 * A lone CR or LF, a NUL, a folded line, a line without a name or without a colon: whatever two readers
 * could read in two ways. `curl` takes bare line feeds; no model server sends them.
 */
const ambiguity = /[^\r]\n|\r[^\n]|\r$|\0|\n(?:[\w!#$%&'*+.^`|~-]*(?:[^\w!#$%&'*+.^`|~:-]|$)|:)/;

const statusLine = /^HTTP\/1\.[01] [1-5]\d\d(?=[ \r]|$)/;

const malformed = (what: string): ExchangeError => new ExchangeError('Malformed_HTTP_Response', what);

export interface ResponseHead {
  readonly status: number;
  readonly version: 'HTTP/1.0' | 'HTTP/1.1';
  /** Where the bytes behind the head begin. */
  readonly endAt: number;
  /** By its lower-case name; several lines of one name are joined by commas. */
  get(name: string): string | null;
}

/** What stands before a value, per name asked for; the program asks for a handful. */
const markers = new Map<string, string>();
const markersLimit = 256;

const markerOf = (name: string): string => {
  const marker = `\r\n${name.toLowerCase()}:`;
  if (markers.size < markersLimit) markers.set(name, marker);
  return marker;
};

/** `lower` is the text in lower case, which for Latin-1 has the same length. */
const valueIn = (text: string, lower: string, name: string): string | null => {
  const marker = markers.get(name) ?? markerOf(name);
  let at = lower.indexOf(marker);
  if (at === -1) return null;
  let joined: string | undefined;
  while (at !== -1) {
    const from = at + marker.length;
    const end = text.indexOf('\r\n', from);
    const value = (end === -1 ? text.slice(from) : text.slice(from, end)).trim();
    joined = joined === undefined ? value : `${joined}, ${value}`;
    at = lower.indexOf(marker, from);
  }
  return joined ?? null;
};

/** The index of the blank line's first byte, -1 while it has not come. */
const blankLineIn = (bytes: Uint8Array, from: number): number => {
  // Looks at every fourth byte until it meets one of the four, which costs half of a native search here.
  for (let at = from + 3; at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === lineFeed) {
      if (bytes[at - 1] === carriageReturn && bytes[at - 2] === lineFeed && bytes[at - 3] === carriageReturn)
        return at - 3;
      at += 2;
    } else at += byte === carriageReturn ? 1 : 4;
  }
  return -1;
};

/** Throws as soon as what came cannot become a head any more, so that nobody waits for the rest of it. */
const checkBeginning = (bytes: Uint8Array, from: number): void => {
  if (bytes.length - from > headBytesLimit) throw malformed('the head of the answer is too long');
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    const expected = versionStart.charCodeAt(at - from);
    if (
      at - from < versionStart.length
        ? byte !== expected
        : byte === lineFeed && bytes[at - 1] !== carriageReturn
    )
      throw malformed('the answer is not HTTP/1');
  }
};

/**
 * Reads the head that begins at `from`; undefined while its end has not come.
 * Throws an `ExchangeError` for what is no head of HTTP/1, also before its end has come.
 */
export const readResponseHead = (bytes: Uint8Array, from: number): ResponseHead | undefined => {
  const end = blankLineIn(bytes, from);
  if (end === -1) {
    checkBeginning(bytes, from);
    return undefined;
  }
  if (end - from > headBytesLimit) throw malformed('the head of the answer is too long');
  const text = Buffer.prototype.latin1Slice.call(bytes, from, end);
  if (!statusLine.test(text) || ambiguity.test(text)) throw malformed('the answer is not HTTP/1');
  const lower = text.toLowerCase();
  return {
    status: Number(text.slice(9, 12)),
    version: text.charCodeAt(7) === 0x31 ? 'HTTP/1.1' : 'HTTP/1.0',
    endAt: end + 4,
    get: (name) => valueIn(text, lower, name),
  };
};
