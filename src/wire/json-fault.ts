/**
 * Where and why a text is not JSON, in our own words: the messages of the runtimes quote the body,
 * differ from each other and mostly hold no offset. Runs only after a parse has failed. Imports this folder only.
 */

import { encodeUtf8 } from './utf8.ts';

/** What is wrong, in words that hold nothing of the text, and where. */
export interface JsonFault {
  readonly reason: string;
  readonly offsetBytes: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** Skipped, as the decoder drops it. */
const BYTE_ORDER_MARK = new Uint8Array([0xef, 0xbb, 0xbf]);
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const LETTER_U = 0x75;

/** Bits of a table by byte: a hostile body can be tens of megabytes of the shortest tokens there are. */
const SPACE = 1;
const PUNCTUATION = 2;
const DIGIT = 4;
const HEX_DIGIT = 8;
const ESCAPE = 16;
const EXPONENT = 32;

const classes = new Uint8Array(256);
const classify = (characters: string, bit: number): void => {
  for (const byte of encodeUtf8(characters)) classes[byte] = (classes[byte] ?? 0) | bit;
};
classify(' \t\r\n', SPACE);
classify(',:[]{}', PUNCTUATION);
classify('0123456789', DIGIT);
classify('0123456789abcdefABCDEF', HEX_DIGIT);
classify('"\\/bfnrtu', ESCAPE);
classify('eE', EXPONENT);

const is = (byte: number | undefined, bit: number): boolean =>
  byte !== undefined && ((classes[byte] ?? 0) & bit) !== 0;

const literals = ['true', 'false', 'null'].map((word) => encodeUtf8(word));

type Expected = 'value' | 'first-item' | 'first-name' | 'name' | 'colon' | 'next' | 'end';

const reasons: Readonly<Record<Expected, string>> = {
  value: 'a value is expected',
  'first-item': 'a value or a closing bracket is expected',
  'first-name': 'a name in double quotes or a closing brace is expected',
  name: 'a name in double quotes is expected',
  colon: 'a colon is expected',
  next: 'a comma or a closing bracket is expected',
  end: 'nothing may follow the value',
};

/** Walks a string from behind its opening quote: one past its end, or what is wrong with it. */
const walkString = (bytes: Uint8Array, start: number): number | JsonFault => {
  for (let index = start; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === QUOTE) return index + 1;
    if (byte < 0x20) return { reason: 'a control character in a string must be escaped', offsetBytes: index };
    if (byte !== BACKSLASH) continue;
    index += 1;
    const kind = bytes[index];
    if (kind === undefined) break;
    if (!is(kind, ESCAPE)) return { reason: 'the escape is not known', offsetBytes: index };
    if (kind !== LETTER_U) continue;
    for (let digit = 1; digit <= 4; digit += 1) {
      if (index + digit >= bytes.length) break;
      if (!is(bytes[index + digit], HEX_DIGIT)) {
        return { reason: 'the escape needs four hexadecimal digits', offsetBytes: index + digit };
      }
    }
    index += 4;
  }
  return { reason: 'the string has no end', offsetBytes: start - 1 };
};

/** One past the digits from `start` on, or -1 where there are none. */
const walkDigits = (bytes: Uint8Array, start: number): number => {
  let index = start;
  while (is(bytes[index], DIGIT)) index += 1;
  return index === start ? -1 : index;
};

/** One past the number at `start`, or -1. */
const walkNumber = (bytes: Uint8Array, start: number): number => {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let end = walkDigits(bytes, first);
  if (bytes[first] === ZERO && end > first + 1) return -1;
  if (end !== -1 && bytes[end] === DOT) end = walkDigits(bytes, end + 1);
  if (end !== -1 && is(bytes[end], EXPONENT)) {
    const sign = bytes[end + 1];
    end = walkDigits(bytes, sign === MINUS || sign === PLUS ? end + 2 : end + 1);
  }
  return end;
};

const startsWith = (bytes: Uint8Array, start: number, word: Uint8Array): boolean => {
  for (let index = 0; index < word.length; index += 1) {
    if (bytes[start + index] !== word[index]) return false;
  }
  return true;
};

/** Walks a number or a literal: one past its end, or what is wrong with it. */
const walkScalar = (bytes: Uint8Array, start: number): number | JsonFault => {
  const byte = bytes[start];
  if (byte === MINUS || is(byte, DIGIT)) {
    const end = walkNumber(bytes, start);
    return end === -1 ? { reason: 'the number is not valid', offsetBytes: start } : end;
  }
  for (const literal of literals) {
    if (byte === literal[0] && startsWith(bytes, start, literal)) return start + literal.length;
  }
  return { reason: reasons.value, offsetBytes: start };
};

const afterValue = (closers: readonly number[]): Expected => (closers.length === 0 ? 'end' : 'next');
const takesName = (expected: Expected): boolean => expected === 'name' || expected === 'first-name';
const takesValue = (expected: Expected): boolean => expected === 'value' || expected === 'first-item';

/** What is expected behind a structural byte, or undefined where it may not stand; keeps the open brackets. */
const afterPunctuation = (byte: number, expected: Expected, closers: number[]): Expected | undefined => {
  switch (byte) {
    case OPEN_BRACE:
    case OPEN_BRACKET:
      if (!takesValue(expected)) return undefined;
      closers.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
      return byte === OPEN_BRACE ? 'first-name' : 'first-item';
    case CLOSE_BRACE:
    case CLOSE_BRACKET:
      if (expected !== 'next' && expected !== 'first-name' && expected !== 'first-item') return undefined;
      return closers.pop() === byte ? afterValue(closers) : undefined;
    case COMMA:
      if (expected !== 'next') return undefined;
      return closers.at(-1) === CLOSE_BRACE ? 'name' : 'value';
    default:
      return expected === 'colon' ? 'value' : undefined;
  }
};

/** Walks a name, or a value that is no container: one past its end, or what is wrong. */
const walkToken = (bytes: Uint8Array, start: number, expected: Expected): number | JsonFault => {
  const isString = bytes[start] === QUOTE;
  if (isString && (takesName(expected) || takesValue(expected))) return walkString(bytes, start + 1);
  if (takesValue(expected)) return walkScalar(bytes, start);
  return { reason: reasons[expected], offsetBytes: start };
};

/** The first thing wrong with a text, or undefined where it is JSON. */
export const findJsonFault = (bytes: Uint8Array): JsonFault | undefined => {
  const closers: number[] = [];
  let expected: Expected = 'value';
  let index = startsWith(bytes, 0, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  while (index < bytes.length) {
    const byte = bytes[index] ?? 0;
    if (is(byte, SPACE)) {
      index += 1;
    } else if (is(byte, PUNCTUATION)) {
      const next = afterPunctuation(byte, expected, closers);
      if (next === undefined) return { reason: reasons[expected], offsetBytes: index };
      expected = next;
      index += 1;
    } else {
      const end = walkToken(bytes, index, expected);
      if (typeof end !== 'number') return end;
      expected = takesName(expected) ? 'colon' : afterValue(closers);
      index = end;
    }
  }
  if (expected === 'end') return undefined;
  return {
    reason: bytes.length === 0 ? 'the text is empty' : 'the text ends too early',
    offsetBytes: bytes.length,
  };
};
