import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { packVector, readVector } from '../../src/protocols/vector.ts';
import { propertyRuns } from '../property-runs.ts';
import { refused } from './refused.ts';

describe('packVector', () => {
  test('is base64 of little-endian 32-bit floats', () => {
    expect(packVector([1, -2, 0.5])).toBe('AACAPwAAAMAAAAA/');
    expect(packVector([])).toBe('');
  });

  test('gives back every 32-bit float, in vectors of any length', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { maxLength: 50 }), (vector) => {
        expect(readVector(packVector(vector))).toEqual(vector);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('agrees with the runtime on a vector longer than one slice', () => {
    const vector = Float32Array.from({ length: 20_001 }, (_, index) => Math.sin(index));
    expect(packVector([...vector])).toBe(Buffer.from(vector.buffer).toString('base64'));
  });
});

describe('readVector', () => {
  test('takes a list of numbers as it is', () => {
    expect(readVector([0.1, 2])).toEqual([0.1, 2]);
  });

  test.each([undefined, null, 7, {}, ['1'], [null], 'not base64!', 'AAA=', 'AACAPwA='])(
    'refuses %p',
    (value) => {
      expect(refused(() => readVector(value))?.code).toBe('upstream_error');
    },
  );
});
