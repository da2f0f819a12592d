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

const factor = 0x01000193;

/** Hashes on over a part of a text; nothing is cut out of it for that. */
const hashedOn = (hash: number, text: string, start: number, end: number): number => {
  let on = hash;
  for (let index = start; index < end; index += 1) on = Math.imul(on ^ text.charCodeAt(index), factor);
  return on;
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

/** What was found; it belongs to the reader and holds until it reads again. */
export interface TaskFeatures {
  /** Distinct places, in the order they were found. */
  readonly places: Uint16Array;
  count: number;
}

const features: TaskFeatures = { places: new Uint16Array(taskFeatures), count: 0 };
const stamps = new Uint8Array(taskFeatures);
let stamp = 0;

const begin = (): void => {
  features.count = 0;
  stamp += 1;
  if (stamp <= 255) return;
  stamps.fill(0);
  stamp = 1;
};

const add = (hash: number): void => {
  const place = mixed(hash);
  if (stamps[place] === stamp) return;
  stamps[place] = stamp;
  features.places[features.count] = place;
  features.count += 1;
};

const addPart = (text: string, start: number, end: number, seed: number): void =>
  add(hashedOn(seed, text, start, end));

/** Words, their beginnings, those that stand first, and pairs of neighbours. */
const addWords = (words: readonly string[]): void => {
  let before = '';
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const { length } = word;
    addPart(word, 0, length, 1);
    for (const stem of stems) if (length >= stem) addPart(word, 0, stem, 2);
    if (index < 4) addPart(word, 0, Math.min(5, length), 3);
    if (index > 0) {
      const pair = Math.imul(hashedOn(4, before, 0, before.length) ^ 32, factor);
      add(hashedOn(pair, word, 0, length));
    }
    before = word;
  }
};

/** Reads the places of the features a text has, each once. */
export const taskFeaturesOf = (text: string): TaskFeatures => {
  const read = readPart(text);
  begin();
  addWords(read.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []);
  // Scripts without spaces say in one or two characters what others say in a word.
  for (let start = 0; start < read.length; start += 1) {
    if (read.charCodeAt(start) < 0x2e80) continue;
    addPart(read, start, start + 1, 9);
    addPart(read, start, Math.min(start + 2, read.length), 10);
  }
  for (const [name, pattern] of marks) if (pattern.test(read)) addPart(name, 0, name.length, 11);
  for (const length of lengths) {
    const name = String(length);
    if (read.length > length) addPart(name, 0, name.length, 12);
  }
  return features;
};
