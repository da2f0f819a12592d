/** The head of an HTTP/1 answer, found and read in bytes. Pure; imports the error of this folder. */

import { ExchangeError } from './exchange-error.ts';

/** What a head may take before it is taken for something else. */
const headBytesLimit = 65_536;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const versionStart = 'HTTP/1.';

const colon = 0x3a;

/** The characters of a name, by their code. */
const isNameByte = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
  isNameByte[character.charCodeAt(0)] = 1;

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

interface ReadHead extends ResponseHead {
  readonly text: string;
  readonly lower: string;
}

/** One for all heads, since each answer has one. */
function get(this: ReadHead, name: string): string | null {
  return valueIn(this.text, this.lower, name);
}

/** One past the line that begins at `at`, -1 while its end has not come; throws for a lone CR or LF and for a NUL. */
const lineEnd = (bytes: Uint8Array, from: number): number => {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte > carriageReturn) continue;
    if (byte === carriageReturn) {
      if (at + 1 === bytes.length) return -1;
      if (bytes[at + 1] === lineFeed) return at + 2;
    }
    if (byte === carriageReturn || byte === lineFeed || byte === 0)
      throw malformed('the answer is not HTTP/1');
  }
  return -1;
};

/**
 * The index of the blank line, -1 while it has not come. Throws for what two readers could read in two ways: beside
 * what `lineEnd` finds, a folded line and a line without a name or a colon. `curl` takes bare line feeds; no model
 * server sends them.
 */
const blankLineIn = (bytes: Uint8Array, from: number): number => {
  let at = lineEnd(bytes, from);
  while (at !== -1) {
    const nameAt = at;
    while (isNameByte[bytes[at] ?? 0] === 1) at += 1;
    if (at === bytes.length) return -1;
    if (at === nameAt && bytes[at] === carriageReturn) {
      if (at + 1 === bytes.length) return -1;
      if (bytes[at + 1] === lineFeed) return at;
    }
    if (at === nameAt || bytes[at] !== colon) throw malformed('the answer is not HTTP/1');
    at = lineEnd(bytes, at);
  }
  return -1;
};

/** Throws as soon as what came cannot become a head any more, so that nobody waits for the rest of it. */
const checkBeginning = (bytes: Uint8Array, from: number): void => {
  const end = Math.min(bytes.length, from + versionStart.length);
  for (let at = from; at < end; at += 1)
    if (bytes[at] !== versionStart.charCodeAt(at - from)) throw malformed('the answer is not HTTP/1');
};

/**
 * Reads the head that begins at `from`; undefined while its end has not come.
 * Throws an `ExchangeError` for what is no head of HTTP/1, also before its end has come.
 */
export const readResponseHead = (bytes: Uint8Array, from: number): ResponseHead | undefined => {
  checkBeginning(bytes, from);
  const end = blankLineIn(bytes, from);
  if ((end === -1 ? bytes.length : end) - from > headBytesLimit)
    throw malformed('the head of the answer is too long');
  if (end === -1) return undefined;
  // The line break before the blank line is left out.
  const text = Buffer.prototype.latin1Slice.call(bytes, from, end - 2);
  if (!statusLine.test(text)) throw malformed('the answer is not HTTP/1');
  const head: ReadHead = {
    status: Number(text.slice(9, 12)),
    version: text.charCodeAt(7) === 0x31 ? 'HTTP/1.1' : 'HTTP/1.0',
    endAt: end + 2,
    text,
    lower: text.toLowerCase(),
    get,
  };
  return head;
};
