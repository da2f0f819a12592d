import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  correctedTokens,
  correctionAfter,
  uncorrected,
} from '../../../src/core/analysis/token-correction.ts';
import { tokenCounts } from '../../../src/core/analysis/token-counts.ts';
import { familyOf, tokensIn } from '../../../src/core/analysis/token-families.ts';

describe('what engines report', () => {
  test('is believed more the more of it there is', () => {
    let correction = uncorrected;
    expect(correctedTokens(correction, 100)).toBe(100);
    const seen: number[] = [];
    for (let round = 0; round < 50; round += 1) {
      for (const estimated of [50, 400])
        correction = correctionAfter(correction, estimated, 1.5 * estimated + 20);
      seen.push(correctedTokens(correction, 100));
    }
    expect(seen[0]).toBeGreaterThan(100);
    expect(seen.at(-1)).toBeGreaterThan(160);
    expect(seen.at(-1)).toBeLessThan(175);
  });

  test('that cannot be is passed over', () => {
    for (const reported of [0, -5, Number.NaN, 1, 1_000_000])
      expect(correctionAfter(uncorrected, 100, reported)).toBe(uncorrected);
  });

  test('never gives less than one token, whatever was seen', () => {
    const pair = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }));
    fc.assert(
      fc.property(
        fc.array(pair, { maxLength: 30 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (pairs, estimated) => {
          let correction = uncorrected;
          for (const [before, reported] of pairs) correction = correctionAfter(correction, before, reported);
          const tokens = correctedTokens(correction, estimated);
          expect(tokens).toBeGreaterThanOrEqual(1);
          expect(Number.isFinite(tokens)).toBe(true);
        },
      ),
    );
  });
});

describe('counting', () => {
  test('tells scripts, words, digits and marks apart', () => {
    expect(tokenCounts('Hello, мир 42 你好!')).toMatchObject({
      plainLetters: 5,
      words: 1,
      cyrillic: 3,
      cyrillicWords: 1,
      digits: 2,
      han: 2,
      marks: 2,
    });
  });

  test('of a long text is that of its parts', () => {
    const text = 'the quick brown fox jumps over the lazy dog. ';
    const long = tokensIn(text.repeat(5000), 'llama-3');
    expect(long / (5000 * tokensIn(text, 'llama-3'))).toBeCloseTo(1, 1);
  });

  test('knows the family of a model by its name', () => {
    expect(
      ['gpt-oss:20b', 'llama3.2:3b', 'mistral:7b', 'qwen3:14b', 'gemma3:4b', 'strange'].map(familyOf),
    ).toEqual(['gpt-4o', 'llama-3', 'llama-2', 'qwen', 'gemma', 'any']);
  });
});
