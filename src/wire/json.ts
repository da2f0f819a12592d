/** The only place that parses JSON, so that depth, size and prototype tricks are met once. Imports spec and this folder. */

import type { Json } from '../spec/json.ts';
import { InvalidJson } from './invalid-json.ts';
import { findJsonFault } from './json-fault.ts';
import { scanJson } from './json-scan.ts';
import { detachLargeStrings, type LargeStrings } from './large-strings.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

export { InvalidJson } from './invalid-json.ts';

/** Below this a string is cheaper to parse than to keep apart. */
const LONG_STRING_BYTES = 256 * 1024;

/** Every way to spell the name with escapes holds one of these: its letters are \u005f to \u0074. */
const ESCAPED_LETTER = /\\u00[567]/;

const mayNamePrototype = (text: string): boolean =>
  text.includes('__proto__') || (text.includes('\\u00') && ESCAPED_LETTER.test(text));

/**
 * Removes every member named `__proto__`: harmless where it lies, it would set a prototype
 * in any code that copies members by assignment. No dialect has such a field.
 */
const withoutPrototypes = (root: Json): Json => {
  const pending: unknown[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__');
    for (const member of Object.values(value)) pending.push(member);
  }
  return root;
};

const parseUnchecked = (text: string): Json => {
  const value: Json = JSON.parse(text);
  return mayNamePrototype(text) ? withoutPrototypes(value) : value;
};

const invalidJson = (bytes: Uint8Array): InvalidJson => {
  const fault = findJsonFault(bytes);
  return new InvalidJson(
    fault === undefined ? 'nested too deeply' : `${fault.reason} at byte ${fault.offsetBytes}`,
  );
};

/** Parses a complete text; throws `InvalidJson`. */
export const parseJson = (text: string): Json => {
  try {
    return parseUnchecked(text);
  } catch {
    throw invalidJson(encodeUtf8(text));
  }
};

/** Parses a complete text; undefined where it is not JSON and nobody needs to know why. */
export const tryParseJson = (text: string): Json | undefined => {
  try {
    return parseUnchecked(text);
  } catch {
    return undefined;
  }
};

/** A body's value; `large` holds what `attachLargeStrings` needs when anything of it is rendered again. */
export interface ParsedBody {
  readonly value: Json;
  readonly large: LargeStrings | undefined;
}

/**
 * Parses a request body; throws `InvalidJson`.
 * Nesting is checked before the parser runs; long plain strings appear as their first 128 characters and a marker.
 */
export const parseBody = (bytes: Uint8Array, limits: { readonly maxDepth: number }): ParsedBody => {
  const spans = scanJson(bytes, { maxDepth: limits.maxDepth, longStringBytes: LONG_STRING_BYTES });
  const { text, large } =
    spans.length === 0 ? { text: decodeUtf8(bytes), large: undefined } : detachLargeStrings(bytes, spans);
  try {
    return { value: parseUnchecked(text), large };
  } catch {
    throw invalidJson(bytes);
  }
};
