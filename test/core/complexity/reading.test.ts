import { describe, expect, test } from 'bun:test';
import { readText } from '../../../src/core/complexity/reading.ts';

describe('reading a prompt', () => {
  test('words, sentences and negations are counted', () => {
    const { words, sentences, negations } = readText('This is not so. Nobody knows why, and no one asks.');
    expect({ words, sentences, negations }).toEqual({ words: 11, sentences: 2, negations: 2 });
  });

  test('judgements behind a comma are one answer, others are not', () => {
    expect(readText('A. True, False B. Wrong, Not wrong').compounds).toBe(2);
    expect(readText('It is true that this is false.').compounds).toBe(0);
  });

  test('a sentence that was said before is passed over, with the short ones behind it', () => {
    const once = 'The quick brown fox jumps. Yes.';
    const { words, characters } = readText(once);
    const again = readText(`${once} ${once} ${once}`);
    expect(again.words).toBe(words);
    expect(again.characters).toBe(characters);
  });

  test('a short sentence may be said twice', () => {
    expect(readText('Yes. It may be so after all. Yes.').words).toBe(8);
  });

  test('white space is one space however it is written', () => {
    const { count, characters } = readText('one\t two\n\n three');
    expect(characters).toBe('one two three'.length);
    expect(readText('one two three').count).toBe(count);
  });

  test('capitals of any alphabet are read as small letters', () => {
    const places = (text: string): readonly number[] => {
      const { found, count } = readText(text);
      return [...found.subarray(0, count)];
    };
    for (const text of ['A Question Of LENGTH', 'ÄRGER und ŒUVRE', 'ПРИВЕТ, Ёж', 'ΛΟΓΟΙ', 'ＦＵＬＬ'])
      expect(places(text)).toEqual(places(text.toLowerCase()));
  });

  test('questions are counted in any script, and their repetitions are not', () => {
    expect(readText('Is it so? Is it not?').questions).toBe(2);
    expect(readText('是吗？هل هذا؟').questions).toBe(2);
    expect(readText('What is the length of it? What is the length of it?').questions).toBe(1);
  });

  test('letters outside the Latin alphabet are told', () => {
    expect(readText('plain words').plainShare).toBe(1);
    expect(readText('простые слова').plainShare).toBe(0);
  });
});
