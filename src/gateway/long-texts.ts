/** Texts so long that the parser was spared them, as far as they are read to choose a model. */

import type { PromptPart } from '../protocols/protocol.ts';
import type { LargeStrings } from '../wire/large-strings.ts';
import { decodeUtf8 } from '../wire/utf8.ts';

/** Parts that can be read, and how many characters of them were passed over. */
export interface ReadableParts {
  readonly parts: readonly PromptPart[];
  readonly unreadCharacters: number;
}

/** Of each long text so much is read of its beginning and of its end. */
const readBytes = 8192;

const ends = (tail: Uint8Array): string =>
  tail.length <= 2 * readBytes
    ? decodeUtf8(tail)
    : `${decodeUtf8(tail.subarray(0, readBytes))}\n${decodeUtf8(tail.subarray(-readBytes))}`;

/** The parts with the ends of long texts in the place of their markers. */
export const readableParts = (
  parts: readonly PromptPart[],
  large: LargeStrings | undefined,
): ReadableParts => {
  if (large === undefined) return { parts, unreadCharacters: 0 };
  const { mark, tails } = large;
  const marker = new RegExp(`${mark}(\\d+)${mark}`, 'g');
  let unreadCharacters = 0;
  const readable = parts.map((part) => ({
    ...part,
    text: part.text.replace(marker, (whole, number: string) => {
      const tail = tails[Number(number)];
      if (tail === undefined) return whole;
      unreadCharacters += Math.max(0, tail.length - 2 * readBytes);
      return ends(tail);
    }),
  }));
  return { parts: readable, unreadCharacters };
};
