/**
 * Reads a prompt once into what the scorer looks at: its distinct pieces of three to five characters, and a few counts
 * that mean the same in every field of knowledge. Pure; imports this folder.
 *
 * What is said twice is read once, and phrases that stand before any prompt are passed over, so that padding a prompt
 * does not make it look harder. Time is bounded: of a long text its beginning and its end are read.
 */

import {
  classes,
  comma,
  end,
  letter,
  prepareClasses,
  question,
  questionBit,
  small,
  space,
  stop,
} from './characters.ts';
import { createPieces, readPieces } from './pieces.ts';
import { isAdditive, prepareWords, wordKind } from './words.ts';

/** Of a longer text so much is read of the beginning and of the end, where questions stand. */
const headCharacters = 1000;
const tailCharacters = 1800;
const readCharacters = headCharacters + tailCharacters;

/** A shorter sentence may well be said twice. */
const leastRepeated = 16;

/** What was read; the arrays belong to the reader and hold until it reads again. */
export interface Reading {
  /** Distinct places of the pieces. */
  readonly found: Int32Array;
  count: number;
  words: number;
  sentences: number;
  /** Characters that were kept. */
  characters: number;
  /** Distinct pieces of four characters. */
  distinct: number;
  negations: number;
  /** Answers that join several judgements: `true, false`, `both`, `none`. */
  compounds: number;
  /** Words of those who write programs. */
  programming: number;
  /** Question marks. */
  questions: number;
  /** Letters of the Latin alphabet without marks, as a share of all letters. */
  plainShare: number;
}

const codes = new Uint16Array(readCharacters + 4);
const pieces = createPieces(codes.length);

const reading: Reading = {
  found: pieces.found,
  count: 0,
  words: 0,
  sentences: 0,
  characters: 0,
  distinct: 0,
  negations: 0,
  compounds: 0,
  programming: 0,
  questions: 0,
  plainShare: 1,
};

interface Counts {
  /** Hash of what is no space, to tell a sentence that was said before. */
  hash: number;
  words: number;
  letters: number;
  plain: number;
  negations: number;
  compounds: number;
  programming: number;
  questions: number;
}

const counts: Counts = {
  hash: 0,
  words: 0,
  letters: 0,
  plain: 0,
  negations: 0,
  compounds: 0,
  programming: 0,
  questions: 0,
};
const seen = new Set<number>();

/** What is read of a text in small letters, so that nothing has to be cut out of it; ends with a unit that is none. */
const given = new Uint16Array(readCharacters + 1);
const noUnit = 0xffff;

const give = (text: string, start: number, end: number, at: number): void => {
  for (let index = start; index < end; index += 1)
    given[at + index - start] = small[text.charCodeAt(index)] ?? 0;
};

const begun = (text: string): number => {
  const { length } = text;
  if (length <= readCharacters) {
    give(text, 0, length, 0);
    given[length] = noUnit;
    return length;
  }
  give(text, 0, headCharacters, 0);
  given[headCharacters] = 10;
  give(text, length - tailCharacters + 1, length, headCharacters + 1);
  given[readCharacters] = noUnit;
  return readCharacters;
};

/** The place behind the sentence that begins there. */
const sentenceEnd = (start: number, length: number): number => {
  for (let index = start; index < length; index += 1) {
    const kind = classes[given[index] ?? 0] ?? 0;
    if ((kind & (stop | end)) === 0) continue;
    if ((kind & end) !== 0 || index + 1 >= length) return index + 1;
    if (((classes[given[index + 1] ?? 0] ?? 0) & space) !== 0) return index + 1;
  }
  return length;
};

/** Counts a word by its kind, by that of the word before, and by what stands between them. */
const countKind = (kind: number, between: number, before: number): void => {
  if ((kind & 1) !== 0) counts.negations += 1;
  if ((kind & 4) !== 0) counts.compounds += 1;
  if ((kind & 8) !== 0) counts.programming += 1;
  if ((kind & before & 2) !== 0 && between === comma) counts.compounds += 1;
};

/** A space stands behind every sentence. */
const unitAt = (index: number, until: number): number => (index < until ? (given[index] ?? 32) : 32);

/** Writes a sentence behind what was kept, with single spaces, and counts what is in it; gives the new end. */
const readSentence = (start: number, until: number, from: number): number => {
  let kept = from;
  let hash = 17;
  let word = 0;
  let wordLength = 0;
  let before = 0;
  let between: number = stop;
  let words = 0;
  let letters = 0;
  let plain = 0;
  counts.negations = counts.compounds = counts.programming = counts.questions = 0;
  for (let index = start; index <= until; index += 1) {
    const code = unitAt(index, until);
    const kind = classes[code] ?? 0;
    if (kind === letter) {
      word = Math.imul(word ^ code, 0x01000193);
      wordLength += 1;
      if (code >= 0x2e80) words += 0.5;
      if (code <= 122) plain += 1;
      codes[kept] = code;
      kept += 1;
      continue;
    }
    if (wordLength > 0) {
      const told = wordKind(word, wordLength);
      if (told !== 0) countKind(told, between, before);
      words += 1;
      letters += wordLength;
      hash = Math.imul(hash ^ word, 0x85ebca6b);
      before = told;
      between = space;
      word = 0;
      wordLength = 0;
    }
    if ((kind & space) === 0) {
      between = kind === comma ? comma : stop;
      counts.questions += (kind & question) >> questionBit;
      hash = Math.imul(hash ^ code, 0x01000193);
      codes[kept] = code;
      kept += 1;
    } else if (index < until && kept > 0 && codes[kept - 1] !== 32) {
      codes[kept] = 32;
      kept += 1;
    }
  }
  counts.hash = hash;
  counts.words = words;
  counts.letters = letters;
  counts.plain = plain;
  return kept;
};

const begin = (): void => {
  prepareClasses();
  prepareWords();
  reading.count = 0;
  reading.distinct = 0;
  reading.words = 0;
  reading.sentences = 0;
  reading.negations = 0;
  reading.compounds = 0;
  reading.programming = 0;
  reading.questions = 0;
  seen.clear();
};

/** Reads a text; what it gives is overwritten by the next call. */
export const readText = (whole: string): Reading => {
  let letters = 0;
  let plain = 0;
  let kept = 0;
  let isRepeating = false;
  begin();
  const length = begun(whole);
  for (let start = 0; start < length; ) {
    const until = sentenceEnd(start, length);
    const longer = readSentence(start, until, kept);
    const isLong = longer - kept >= leastRepeated;
    // Short sentences are said again for good reasons, but not behind a long one that was.
    isRepeating = seen.has(counts.hash) && (isLong || isRepeating);
    if (!isRepeating && !(isLong && isAdditive(given, start))) {
      seen.add(counts.hash);
      kept = longer;
      letters += counts.letters;
      plain += counts.plain;
      reading.words += counts.words;
      reading.negations += counts.negations;
      reading.compounds += counts.compounds;
      reading.programming += counts.programming;
      reading.questions += counts.questions;
      const last = given[until - 1] ?? 0;
      if (last !== 10 && ((classes[last] ?? 0) & (stop | end)) !== 0) reading.sentences += 1;
    }
    start = until;
  }
  while (kept > 0 && codes[kept - 1] === 32) kept -= 1;
  reading.characters = kept;
  reading.plainShare = letters === 0 ? 1 : plain / letters;
  if (kept > 0) {
    readPieces(codes, kept, pieces);
    reading.count = pieces.count;
    reading.distinct = pieces.distinct;
  }
  return reading;
};
