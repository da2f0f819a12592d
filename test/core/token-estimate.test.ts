import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { addText, emptyCounts, estimateTokens, expectedOutputTokens } from '../../src/core/token-estimate.ts';
import { propertyRuns } from '../property-runs.ts';

const tokensOf = (text: string): number => {
  const counts = emptyCounts();
  addText(text, counts);
  return estimateTokens(counts);
};

describe('prompt tokens before any tokenizer', () => {
  const rows: readonly (readonly [what: string, text: string, least: number, most: number])[] = [
    ['nothing is one token', '', 1, 1],
    ['English', 'The quick brown fox jumps over the lazy dog.', 9, 12],
    ['German with umlauts', 'Der größte Bär überquert die Straße früh.', 9, 15],
    ['Russian', 'Съешь же ещё этих мягких французских булок', 12, 20],
    ['Chinese', '我能吞下玻璃而不伤身体', 6, 12],
    ['Japanese', 'いろはにほへとちりぬるを', 7, 13],
    ['Korean', '키스의 고유조건은 입술끼리 만나야 하고', 11, 20],
    ['Thai', 'เป็นมนุษย์สุดประเสริฐเลิศคุณค่า', 10, 20],
    ['typographic quotes are not a script', '“quoted” – text…', 3, 6],
  ];
  for (const [what, text, least, most] of rows) {
    test(what, () => {
      expect(tokensOf(text)).toBeGreaterThanOrEqual(least);
      expect(tokensOf(text)).toBeLessThanOrEqual(most);
    });
  }

  test('an image counts as many words', () => {
    expect(estimateTokens({ ...emptyCounts(), images: 2 })).toBe(1536);
  });

  test('texts add up', () => {
    const counts = emptyCounts();
    addText('abcd', counts);
    addText('我我我', counts);
    addText('жжжжж', counts);
    expect(counts).toEqual({ latinCharacters: 4, wideCharacters: 3, otherCharacters: 5, images: 0 });
    expect(estimateTokens(counts)).toBe(5);
  });

  test('no character is lost or counted twice, however long the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.integer({ min: 1, max: 2000 }),
        (part, times) => {
          const text = part.repeat(times);
          const counts = emptyCounts();
          addText(text, counts);
          const sum = counts.latinCharacters + counts.otherCharacters + counts.wideCharacters;
          expect(sum).toBeCloseTo(text.length, 3);
        },
      ),
      { numRuns: Math.ceil(propertyRuns / 4) },
    );
  });

  test('a long text is sampled to within a fifth of its full count', () => {
    const half = `${'The lazy dog sleeps. '.repeat(5000)}${'我能吞下玻璃而不伤身体'.repeat(10_000)}`;
    const exact = (21 * 5000) / 4 + (11 * 10_000) / 1.5;
    expect(Math.abs(tokensOf(half) / exact - 1)).toBeLessThan(0.2);
  });
});

describe('answer tokens to expect', () => {
  test('without a limit, what the model usually writes', () => {
    expect(expectedOutputTokens(300, undefined)).toBe(300);
    expect(expectedOutputTokens(300, -1)).toBe(300);
    expect(expectedOutputTokens(300, Number.NaN)).toBe(300);
  });

  test('a limit far above changes nothing, a limit far below is what is written', () => {
    expect(expectedOutputTokens(300, 30_000)).toBeCloseTo(300, 3);
    expect(expectedOutputTokens(300, 10)).toBeGreaterThan(9.8);
    expect(expectedOutputTokens(300, 10)).toBeLessThanOrEqual(10);
    expect(expectedOutputTokens(300, 300)).toBeCloseTo(300 * (1 - 1 / Math.E), 5);
  });

  test('it is never less than one', () => {
    expect(expectedOutputTokens(0, 0)).toBe(1);
  });
});
