/**
 * Where and why a text is not JSON, in our own words: the messages of the runtimes quote the body,
 * differ from each other and mostly hold no offset. Runs only after a parse has failed. Imports this folder only.
 */

export interface JsonFault {
  readonly reason: string;
  readonly offsetBytes: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** Skipped, as the decoder drops it. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const SPACES = new Set([0x20, 0x0a, 0x0d, 0x09]);
const PUNCTUATION = new Set([COMMA, COLON, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE]);
const ESCAPES = new Set([...'"\\/bfnrtu'].map((character) => character.charCodeAt(0)));
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const LITERALS = new Set(['true', 'false', 'null']);

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

const isHex = (byte: number | undefined): boolean =>
  byte !== undefined && /[0-9a-fA-F]/.test(String.fromCharCode(byte));

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
    if (!ESCAPES.has(kind)) return { reason: 'the escape is not known', offsetBytes: index };
    if (kind !== 0x75) continue;
    for (let digit = 1; digit <= 4; digit += 1) {
      if (index + digit >= bytes.length) break;
      if (!isHex(bytes[index + digit])) {
        return { reason: 'the escape needs four hexadecimal digits', offsetBytes: index + digit };
      }
    }
    index += 4;
  }
  return { reason: 'the string has no end', offsetBytes: start - 1 };
};

/** Walks a number or a literal: one past its end, or what is wrong with it. */
const walkScalar = (bytes: Uint8Array, start: number): number | JsonFault => {
  let end = start;
  while (end < bytes.length && /[-+.0-9A-Za-z]/.test(String.fromCharCode(bytes[end] ?? 0))) end += 1;
  const token = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 1024)));
  if (LITERALS.has(token) || NUMBER.test(token)) return end;
  const reason = /^[-0-9]/.test(token) ? 'the number is not valid' : reasons.value;
  return { reason, offsetBytes: start };
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
      if (expected !== 'next' && expected !== (byte === CLOSE_BRACE ? 'first-name' : 'first-item'))
        return undefined;
      if (closers.pop() !== byte) return undefined;
      return afterValue(closers);
    case COMMA:
      if (expected !== 'next') return undefined;
      return closers.at(-1) === CLOSE_BRACE ? 'name' : 'value';
    default:
      return expected === 'colon' ? 'value' : undefined;
  }
};

/** Walks a name, or a value that is no container: one past its end, or what is wrong. */
const walkToken = (bytes: Uint8Array, start: number, expected: Expected): number | JsonFault => {
  if (bytes[start] === QUOTE && (takesName(expected) || takesValue(expected)))
    return walkString(bytes, start + 1);
  if (takesValue(expected)) return walkScalar(bytes, start);
  return { reason: reasons[expected], offsetBytes: start };
};

/** The first thing wrong with a text, or undefined where it is JSON. */
export const findJsonFault = (bytes: Uint8Array): JsonFault | undefined => {
  const closers: number[] = [];
  let expected: Expected = 'value';
  let index = BYTE_ORDER_MARK.every((byte, position) => bytes[position] === byte)
    ? BYTE_ORDER_MARK.length
    : 0;
  while (index < bytes.length) {
    const byte = bytes[index] ?? 0;
    if (SPACES.has(byte)) {
      index += 1;
    } else if (PUNCTUATION.has(byte)) {
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
