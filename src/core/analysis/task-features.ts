/** The features by which kinds of work are told apart: hashed pieces of words and a few marks of form. Pure; imports nothing. */

/** Features are hashed into so many places. */
export const taskFeatures = 8192;

/** Of a long text the beginning and the end are read: there stands what is wanted. */
const headCharacters = 500;
const tailCharacters = 250;

/** The part of a text that is read, in lower case and with single spaces. */
export const readPart = (text: string): string => {
  const part =
    text.length <= headCharacters + tailCharacters
      ? text
      : `${text.slice(0, headCharacters)} ${text.slice(-tailCharacters)}`;
  return part.toLowerCase().replace(/\s+/g, ' ').trim();
};

const mixed = (hash: number): number => {
  let mix = hash ^ (hash >>> 15);
  mix = Math.imul(mix, 0x2c1b3c6d);
  mix ^= mix >>> 12;
  return mix & (taskFeatures - 1);
};

const hashed = (text: string, seed: number): number => {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mixed(hash);
};

/** What the form of a text shows, whatever its language. */
const marks: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['fence', /```/],
  ['call', /\w\([^)]*\)/],
  ['braces', /[{};]\s*$|=>|::|<\/?\w+>|\w+\.\w+\(|\w_\w/],
  ['sum', /\d\s*[-+*/^=×÷]\s*[\dx(]|[xyn]\s*[-+=^²]|\d\s?%/],
  ['digits', /\d/],
  ['many digits', /(?:\d\D{0,30}){6}/],
  ['question', /[?？¿]/],
  ['quote', /["“”«»„「」]/],
  ['prefix', /^[a-z_]+: /],
  ['colon', /[:：]\s*\S/],
  ['greeting', /^[\p{L} ]{1,16}[!,.？?！]?$/u],
];

/** Beginnings of words stand for their forms. */
const stems: readonly number[] = [4, 5, 7];

const lengths: readonly number[] = [12, 25, 50, 90, 160, 320, 800];

/** The places of the features a text has, each once, in no order. */
export const taskFeaturesOf = (text: string): ReadonlySet<number> => {
  const read = readPart(text);
  const places = new Set<number>();
  const words = read.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  for (const [index, word] of words.entries()) {
    places.add(hashed(word, 1));
    for (const length of stems) if (word.length >= length) places.add(hashed(word.slice(0, length), 2));
    if (index < 4) places.add(hashed(word.slice(0, 5), 3));
    if (index > 0) places.add(hashed(`${words[index - 1]} ${word}`, 4));
  }
  // Scripts without spaces say in one or two characters what others say in a word.
  for (let start = 0; start < read.length; start += 1) {
    if (read.charCodeAt(start) < 0x2e80) continue;
    places.add(hashed(read.slice(start, start + 1), 9));
    places.add(hashed(read.slice(start, start + 2), 10));
  }
  for (const [name, pattern] of marks) if (pattern.test(read)) places.add(hashed(name, 11));
  for (const length of lengths) if (read.length > length) places.add(hashed(String(length), 12));
  return places;
};
