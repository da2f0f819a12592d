import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { hashText } from '../../src/core/hash.ts';
import { propertyRuns } from '../property-runs.ts';

/** Any UTF-16 at all, lone surrogates included. */
const utf16 = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units));

const fits = (hash: number): boolean => Number.isSafeInteger(hash) && hash >= 0;

describe('the hash of a text', () => {
  test('is the same in every version, since instances compare what they hashed', () => {
    expect(hashText('')).toBe(3261117829258116);
    expect(hashText('pointsman')).toBe(1045371370718372);
    expect(hashText('pointsman', 1)).toBe(6237556511905954);
    expect(hashText('päckchen 📦', 7)).toBe(170929508834719);
  });

  test('is an integer that a number holds exactly, for any text and seed', () => {
    fc.assert(
      fc.property(utf16, fc.maxSafeNat(), (text, seed) => fits(hashText(text, seed))),
      { numRuns: propertyRuns },
    );
  });

  test('of a part is the hash of the part cut out', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(40), fc.nat(40), fc.maxSafeNat(), (text, from, length, seed) => {
        const start = Math.min(from, text.length);
        const end = Math.min(start + length, text.length);
        expect(hashText(text, seed, start, end)).toBe(hashText(text.slice(start, end), seed));
      }),
      { numRuns: propertyRuns },
    );
  });

  test('meets no other among two hundred thousand near texts and seeds', () => {
    const seen = new Set<number>();
    for (let index = 0; index < 100_000; index += 1) {
      seen.add(hashText(`session-${index}`));
      seen.add(hashText('session', index));
    }
    expect(seen.size).toBe(200_000);
  });

  test('changes about half its bits with one letter', () => {
    let changed = 0;
    for (let index = 0; index < 2000; index += 1) {
      const before = hashText(`a${index}tail`);
      const after = hashText(`b${index}tail`);
      const low = (before ^ after) >>> 0;
      const high = (Math.floor(before / 4294967296) ^ Math.floor(after / 4294967296)) >>> 0;
      changed += `${low.toString(2)}${high.toString(2)}`.replaceAll('0', '').length;
    }
    expect(changed / 2000).toBeGreaterThan(25);
    expect(changed / 2000).toBeLessThan(28);
  });
});
