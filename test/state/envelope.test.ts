import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createSeal } from '../../src/state/envelope.ts';

const seal = createSeal('a-secret-of-the-cluster');
const key = 'v1:head:abc';
const value = { v: 1, instance: 'one', seq: 3 };

describe('a sealed document', () => {
  test('opens with the same secret under the same key', () => {
    expect(seal.open(key, seal.seal(key, value))).toEqual({ value });
    const open = createSeal(undefined);
    expect(open.open(key, open.seal(key, value))).toEqual({ value });
  });

  test('of another secret, or of none, is foreign', () => {
    for (const other of [createSeal('another-secret-there'), createSeal(undefined)]) {
      expect(seal.open(key, other.seal(key, value))).toEqual({ ignored: 'foreign-secret' });
      expect(other.open(key, seal.seal(key, value))).toEqual({ ignored: 'foreign-secret' });
    }
  });

  test('cannot be put in the place of another', () => {
    expect(seal.open('v1:head:xyz', seal.seal(key, value))).toEqual({ ignored: 'garbage' });
  });

  test('that was cut anywhere, or had one character changed, is garbage or worse', () => {
    const text = seal.seal(key, value);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('cut', 'changed'), (place, how) => {
        const changed = text.charAt(place) === 'q' ? 'z' : 'q';
        const torn =
          how === 'cut' ? text.slice(0, place) : `${text.slice(0, place)}${changed}${text.slice(place + 1)}`;
        expect(seal.open(key, torn)).toHaveProperty('ignored');
      }),
    );
  });

  test('of another version or beyond the largest size is told apart', () => {
    const text = seal.seal(key, value);
    expect(seal.open(key, text.replace('pointsman/1', 'pointsman/2'))).toEqual({ ignored: 'other-version' });
    expect(seal.open(key, 'x'.repeat(300_000))).toEqual({ ignored: 'too-large' });
    expect(seal.open(key, '')).toEqual({ ignored: 'garbage' });
  });
});
