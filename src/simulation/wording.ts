/** What simulated callers write: short words, so that a token is about four characters, as in English. Pure. */

import { createSeededRandom } from '../simulator/seeded-random.ts';

const poolWords = 32_768;
const letters = 'etaoinsrhldcumfpgwybvk';

interface Pool {
  readonly text: string;
  /** Where each word begins. */
  readonly starts: readonly number[];
}

const createPool = (): Pool => {
  const random = createSeededRandom(7);
  const starts: number[] = [];
  const words: string[] = [];
  let length = 0;
  for (let index = 0; index < poolWords; index += 1) {
    let word = '';
    const size = 2 + Math.floor(random() * 3);
    while (word.length < size) word += letters[Math.floor(random() * letters.length)] ?? 'e';
    words.push(word);
    starts.push(length);
    length += word.length + 1;
  }
  return { text: words.join(' '), starts };
};

let pool: Pool | undefined;

/** So many words, the same for the same place to begin. */
export const wordsFrom = (begin: number, count: number): string => {
  pool ??= createPool();
  const { text, starts } = pool;
  const parts: string[] = [];
  let from = (begin >>> 0) % poolWords;
  for (let left = Math.max(0, count); left > 0; ) {
    const to = Math.min(poolWords, from + left);
    parts.push(text.slice(starts[from], to === poolWords ? undefined : (starts[to] ?? 1) - 1));
    left -= to - from;
    from = 0;
  }
  return parts.join(' ');
};

/** The words of a question that are not its body. */
const frameWords = 6;

/** One question: its number first, so that no two begin alike, and last the length its answer shall have. */
export const question = (key: string, begin: number, promptTokens: number, answerTokens: number): string =>
  `${key} ${wordsFrom(begin, promptTokens - frameWords)} answer in ${answerTokens} words`;

/** A text that many conversations share before they differ. */
export const systemText = (className: string, variant: number, tokens: number): string =>
  `${className}-${variant} ${wordsFrom(Math.imul(variant + 1, 7919), tokens - 1)}`;
