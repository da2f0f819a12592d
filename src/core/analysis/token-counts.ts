/**
 * How many tokens a text has, without its tokenizer: what it is made of, weighed by the family of the model. Pure;
 * imports nothing.
 */

/** What a text is made of. Letters by script; words where a script has them. */
export const countedKinds = [
  'plainLetters',
  'markedLetters',
  'words',
  'longLetters',
  'digits',
  'spaces',
  'lines',
  'marks',
  'cyrillic',
  'cyrillicWords',
  'greek',
  'semitic',
  'indic',
  'thai',
  'han',
  'kana',
  'hangul',
  'other',
] as const;

export type CountedKind = (typeof countedKinds)[number];

export type TokenCounts = Record<CountedKind, number>;

/** Families of models that share a tokenizer, or nearly. */
export type TokenFamily = 'gpt-4o' | 'gpt-4' | 'llama-2' | 'llama-3' | 'qwen' | 'gemma' | 'any';

const plain = 1;
const marked = 2;
const digit = 3;
const space = 4;
const line = 5;
const mark = 6;
const cyrillic = 7;

/** By first and last code unit. */
const ranges: readonly (readonly [first: number, last: number, kind: CountedKind])[] = [
  [0x370, 0x3ff, 'greek'],
  [0x1f00, 0x1fff, 'greek'],
  [0x590, 0x8ff, 'semitic'],
  [0x900, 0xdff, 'indic'],
  [0xe00, 0x109f, 'thai'],
  [0x1780, 0x17ff, 'thai'],
  [0x3040, 0x30ff, 'kana'],
  [0x3100, 0x9fff, 'han'],
  [0xf900, 0xfaff, 'han'],
  [0x1100, 0x11ff, 'hangul'],
  [0xac00, 0xd7af, 'hangul'],
];

const firstRange = 8;
const otherKind = firstRange + ranges.length;
const kinds = new Uint8Array(65536);

const fillKinds = (): void => {
  kinds.fill(otherKind);
  kinds.fill(mark, 0, 128);
  for (let code = 0; code < 32; code += 1) kinds[code] = space;
  kinds[10] = line;
  kinds[32] = space;
  kinds.fill(digit, 48, 58);
  kinds.fill(plain, 65, 91);
  kinds.fill(plain, 97, 123);
  kinds.fill(mark, 0x80, 0xc0);
  kinds.fill(marked, 0xc0, 0x250);
  kinds.fill(marked, 0x1e00, 0x1f00);
  kinds.fill(cyrillic, 0x400, 0x530);
  kinds.fill(mark, 0x2000, 0x2070);
  kinds.fill(mark, 0x3000, 0x3040);
  kinds.fill(mark, 0xff00, 0xff65);
  for (const [index, [first, last]] of ranges.entries()) kinds.fill(firstRange + index, first, last + 1);
};

/** Letters of a word beyond this many are long. */
const shortWord = 6;

const nothing = (): TokenCounts => Object.fromEntries(countedKinds.map((kind) => [kind, 0])) as TokenCounts;

/** A longer text is looked at in evenly spaced places. */
const exactCharacters = 16_384;
const windowCharacters = 512;
const windows = exactCharacters / windowCharacters;

const tally = new Float64Array(otherKind + 1);

/** Which count each kind of character goes into. */
const tallied: readonly (readonly [kind: number, name: CountedKind])[] = [
  [plain, 'plainLetters'],
  [marked, 'markedLetters'],
  [digit, 'digits'],
  [space, 'spaces'],
  [line, 'lines'],
  [mark, 'marks'],
  [cyrillic, 'cyrillic'],
  [otherKind, 'other'],
  ...ranges.map(([, , name], index) => [firstRange + index, name] as const),
];

/** Counts the words of a part: a run of letters of any alphabet that has words. */
const addWords = (text: string, counts: TokenCounts, start: number, end: number, scale: number): void => {
  let run = 0;
  let isCyrillic = false;
  for (let index = start; index <= end; index += 1) {
    const kind = index === end ? mark : (kinds[text.charCodeAt(index)] ?? 0);
    if (kind === plain || kind === marked || kind === cyrillic) {
      run += 1;
      isCyrillic = kind === cyrillic;
    } else if (run > 0) {
      if (isCyrillic) counts.cyrillicWords += scale;
      else {
        counts.words += scale;
        counts.longLetters += Math.max(0, run - shortWord) * scale;
      }
      run = 0;
    }
  }
};

/** Adds the characters from `start` to `end`, each as `scale` of them. */
const addRange = (text: string, counts: TokenCounts, start: number, end: number, scale: number): void => {
  tally.fill(0);
  for (let index = start; index < end; index += 1) {
    const kind = kinds[text.charCodeAt(index)] ?? 0;
    tally[kind] = (tally[kind] ?? 0) + 1;
  }
  addWords(text, counts, start, end, scale);
  for (const [kind, name] of tallied) counts[name] += (tally[kind] ?? 0) * scale;
};

/** What a text is made of; in time linear in its length up to a few thousand characters, and constant beyond. */
export const tokenCounts = (text: string): TokenCounts => {
  if (kinds[97] === 0) fillKinds();
  const counts = nothing();
  const { length } = text;
  if (length <= exactCharacters) {
    addRange(text, counts, 0, length, 1);
    return counts;
  }
  const scale = length / exactCharacters;
  for (let window = 0; window < windows; window += 1) {
    const start = Math.floor((window * (length - windowCharacters)) / (windows - 1));
    addRange(text, counts, start, start + windowCharacters, scale);
  }
  return counts;
};
