/** The members of one JSON object as byte ranges, read without parsing their values. Imports this folder only. */

import { jsonStringEnd } from './json-string-end.ts';
import { decodeUtf8 } from './utf8.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SCALAR_SIGNS = new Set([...'+-.E'].map((character) => character.charCodeAt(0)));
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/;

/** One member; the name's range lies between its quotes, the value's range holds no white space around it. */
export interface JsonMember {
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** An object's members in their order. */
export interface JsonMembers {
  /** The index of the opening brace. */
  readonly open: number;
  /** The index of the closing brace. */
  readonly close: number;
  readonly members: readonly JsonMember[];
}

/** The index of the first byte from `start` on that is not white space. */
export const skipJsonSpace = (bytes: Uint8Array, start: number): number => {
  let index = start;
  for (;;) {
    const byte = bytes[index];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return index;
    index += 1;
  }
};

/** One past the bracket that closes the container at `start`, or -1; what lies inside is not checked. */
const skipContainer = (bytes: Uint8Array, start: number): number => {
  let depth = 0;
  for (let index = start; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) {
      const end = jsonStringEnd(bytes, index + 1);
      if (end === -1) return -1;
      index = end;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return -1;
};

/** Whether a byte can be part of a number or a literal. */
const isScalarByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || SCALAR_SIGNS.has(byte);

/** One past a number or literal, or -1 where there is none. */
const skipScalar = (bytes: Uint8Array, start: number): number => {
  let end = start;
  while (isScalarByte(bytes[end] ?? 0)) end += 1;
  return SCALAR.test(decodeUtf8(bytes.subarray(start, end))) ? end : -1;
};

/** One past the value at `start`, or -1. */
const skipValue = (bytes: Uint8Array, start: number): number => {
  const byte = bytes[start];
  if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return skipContainer(bytes, start);
  if (byte !== QUOTE) return skipScalar(bytes, start);
  const end = jsonStringEnd(bytes, start + 1);
  return end === -1 ? -1 : end + 1;
};

/** The end of a name whose content starts at `start`, or -1 where it has none or holds an escape. */
const plainNameEnd = (bytes: Uint8Array, start: number): number => {
  for (let index = start; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) return index;
    if (byte === BACKSLASH) return -1;
  }
  return -1;
};

/**
 * Reads the object that opens at `open`, or gives undefined where it cannot be sure of every member:
 * no object, broken JSON at this level, or a name with an escape, which may be any name.
 */
export const readJsonMembers = (bytes: Uint8Array, open: number): JsonMembers | undefined => {
  if (bytes[open] !== OPEN_BRACE) return undefined;
  const members: JsonMember[] = [];
  let index = skipJsonSpace(bytes, open + 1);
  if (bytes[index] === CLOSE_BRACE) return { open, close: index, members };
  for (;;) {
    if (bytes[index] !== QUOTE) return undefined;
    const nameStart = index + 1;
    const nameEnd = plainNameEnd(bytes, nameStart);
    if (nameEnd === -1) return undefined;
    index = skipJsonSpace(bytes, nameEnd + 1);
    if (bytes[index] !== COLON) return undefined;
    const valueStart = skipJsonSpace(bytes, index + 1);
    const valueEnd = skipValue(bytes, valueStart);
    if (valueEnd === -1) return undefined;
    members.push({ nameStart, nameEnd, valueStart, valueEnd });
    index = skipJsonSpace(bytes, valueEnd);
    if (bytes[index] === CLOSE_BRACE) return { open, close: index, members };
    if (bytes[index] !== COMMA) return undefined;
    index = skipJsonSpace(bytes, index + 1);
  }
};
