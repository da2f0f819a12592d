/**
 * Big string literals kept out of the parser: a request with an image is parsed, translated and rendered
 * without its base64 ever becoming a string. Imports this folder only.
 */

import { joinBytes } from './join-bytes.ts';
import type { ByteSpan } from './json-scan.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/** Enough for a data URL's head and the magic bytes of every image format. */
const RETAINED_BYTES = 128;
const FIRST_PRIVATE_USE = 0xe000;
const LAST_PRIVATE_USE = 0xf8ff;

/** The bytes that stand behind the markers of one body; made and read by this module only. */
export interface LargeStrings {
  /** One private-use character that the body holds in no spelling; a marker is `mark index mark`. */
  readonly mark: string;
  readonly tails: readonly Uint8Array[];
}

/** A body made short; `large` is undefined where nothing was taken out. */
export interface Detached {
  readonly text: string;
  readonly large: LargeStrings | undefined;
}

/** A private-use character that occurs in none of the pieces, neither written out nor as an escape. */
const unusedMark = (pieces: readonly string[]): string | undefined => {
  const used = new Set<number>();
  for (const piece of pieces) {
    for (const [found] of piece.matchAll(/[\ue000-\uf8ff]|\\u[ef][0-9a-f]{3}/gi)) {
      used.add(found.length === 1 ? found.charCodeAt(0) : Number.parseInt(found.slice(2), 16));
    }
  }
  for (let code = FIRST_PRIVATE_USE; code <= LAST_PRIVATE_USE; code += 1) {
    if (!used.has(code)) return String.fromCharCode(code);
  }
  return undefined;
};

/**
 * The body's text with all but the first 128 characters of each span replaced by a marker.
 * Spans hold plain ASCII in ascending order, as the scan reports them. A body that uses up every
 * private-use character is given back whole.
 */
export const detachLargeStrings = (bytes: Uint8Array, spans: readonly ByteSpan[]): Detached => {
  const pieces: string[] = [];
  const tails: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of spans) {
    const cut = Math.min(start + RETAINED_BYTES, end);
    pieces.push(decodeUtf8(bytes.subarray(from, cut)));
    tails.push(bytes.subarray(cut, end));
    from = end;
  }
  pieces.push(decodeUtf8(bytes.subarray(from)));
  const mark = unusedMark(pieces);
  if (mark === undefined) return { text: decodeUtf8(bytes), large: undefined };
  const text = pieces
    .map((piece, index) => (index < tails.length ? `${piece}${mark}${index}${mark}` : piece))
    .join('');
  return { text, large: { mark, tails } };
};

/**
 * Encodes rendered JSON text with the original bytes back in the place of their markers, in one output buffer.
 * A marker may have moved, been copied, or lost characters of the text kept before it.
 */
export const attachLargeStrings = (json: string, large: LargeStrings | undefined): Uint8Array => {
  if (large === undefined) return encodeUtf8(json);
  const { mark, tails } = large;
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const marker of json.matchAll(new RegExp(`${mark}(\\d+)${mark}`, 'g'))) {
    const tail = tails[Number(marker[1])];
    if (tail === undefined) continue;
    parts.push(encodeUtf8(json.slice(from, marker.index)), tail);
    from = marker.index + marker[0].length;
  }
  parts.push(encodeUtf8(json.slice(from)));
  return joinBytes(parts);
};
