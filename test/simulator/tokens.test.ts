import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { countTokens, sharedTokens, splitTokens } from '../../src/simulator/tokens.ts';
import { propertyRuns } from '../property-runs.ts';

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

describe('tokens', () => {
  test('are words, and pieces of long words', () => {
    expect(splitTokens('one two  three\nfour')).toEqual(['one', ' two', '  three', '\nfour']);
    expect(splitTokens('internationalisation')).toEqual(['internationa', 'lisation']);
    expect(countTokens('one two three')).toBe(3);
    expect(countTokens('')).toBe(0);
  });

  test('put together again they are the text, without half a character in any', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const tokens = splitTokens(text);
        expect(tokens.join('')).toBe(text);
        expect(tokens.every(isWellFormed)).toBe(isWellFormed(text));
      }),
      { numRuns: propertyRuns },
    );
  });

  test('two texts share those of their common beginning', () => {
    expect(sharedTokens('a b c d', 'a b x d')).toBe(2);
    expect(sharedTokens('a b c', 'x b c')).toBe(0);
    expect(sharedTokens('', 'a')).toBe(0);
    expect(sharedTokens('a b', 'a b')).toBe(2);
  });
});
