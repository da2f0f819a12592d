/** How many tokens a request has, before any tokenizer saw it: good to a third, which is what placement needs. Pure. */

/** What a text is made of, counted once. */
export interface TextCounts {
  latinCharacters: number;
  /** Alphabets that tokenizers cut shorter: Greek, Cyrillic, Hebrew, Arabic, the scripts of India, Thai. */
  otherCharacters: number;
  /** Chinese, Japanese, Korean, and what lies outside the first plane. */
  wideCharacters: number;
  images: number;
}

const charactersPerToken = { latin: 4, other: 2.5, wide: 1.5 };

/** An image of a few hundred thousand pixels, in the middle of what vision models make of it. */
export const tokensPerImage = 768;

/** A longer text is looked at in evenly spaced places: one text is in one language throughout, or nearly. */
const exactCharacters = 8192;
const windowCharacters = 64;
const windows = exactCharacters / windowCharacters;

/** A count with nothing in it. */
export const emptyCounts = (): TextCounts => ({
  latinCharacters: 0,
  otherCharacters: 0,
  wideCharacters: 0,
  images: 0,
});

const firstOther = 0x370;
const firstWide = 0x1100;
const firstGeorgianToLatin = 0x1e00;
const firstWideAgain = 0x2e80;

/** Adds the characters from `start` to `end`, each as `scale` of them. */
const addRange = (text: string, counts: TextCounts, start: number, end: number, scale: number): void => {
  let other = 0;
  let wide = 0;
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index);
    if (code < firstOther) continue;
    if (code >= firstWideAgain || (code >= firstWide && code < 0x1200)) wide += 1;
    // Punctuation, arrows and Latin with two accents lie between the scripts.
    else if (code < firstGeorgianToLatin) other += 1;
  }
  counts.latinCharacters += (end - start - other - wide) * scale;
  counts.otherCharacters += other * scale;
  counts.wideCharacters += wide * scale;
};

/** Adds a text to a count: in time linear in its length up to a few thousand characters, constant beyond, without allocating. */
export const addText = (text: string, counts: TextCounts): void => {
  const { length } = text;
  if (length <= exactCharacters) {
    addRange(text, counts, 0, length, 1);
    return;
  }
  const scale = length / exactCharacters;
  for (let window = 0; window < windows; window += 1) {
    const start = Math.floor((window * (length - windowCharacters)) / (windows - 1));
    addRange(text, counts, start, start + windowCharacters, scale);
  }
};

/** Prompt tokens of what was counted, at least one. */
export const estimateTokens = (counts: Readonly<TextCounts>): number =>
  Math.max(
    1,
    Math.ceil(
      counts.latinCharacters / charactersPerToken.latin +
        counts.otherCharacters / charactersPerToken.other +
        counts.wideCharacters / charactersPerToken.wide +
        counts.images * tokensPerImage,
    ),
  );

/**
 * Answer tokens to expect where answers have `typicalTokens` on average and end at `maxTokens`:
 * the mean of an exponential length that is cut, μ · (1 − e^(−max / μ)).
 */
export const expectedOutputTokens = (typicalTokens: number, maxTokens: number | undefined): number => {
  const typical = Math.max(1, typicalTokens);
  if (maxTokens === undefined || !(maxTokens >= 0)) return typical;
  return Math.max(1, typical * (1 - Math.exp(-maxTokens / typical)));
};
