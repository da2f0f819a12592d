import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { rfc3339Of, unixOf } from '../../src/protocols/civil-time.ts';
import { propertyRuns } from '../property-runs.ts';

describe('rfc3339Of', () => {
  test('agrees with the runtime on every second between 1970 and 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(rfc3339Of(seconds)).toBe(new Date(seconds * 1000).toISOString().replace('.000', ''));
        expect(unixOf(rfc3339Of(seconds))).toBe(seconds);
      }),
      { numRuns: propertyRuns },
    );
  });

  test.each([
    [951_782_400, '2000-02-29T00:00:00Z'],
    [4_107_542_400, '2100-03-01T00:00:00Z'],
    [-5, '1970-01-01T00:00:00Z'],
    [1e15, '9999-12-31T23:59:59Z'],
  ])('%p is %s', (seconds, text) => {
    expect(rfc3339Of(seconds)).toBe(text);
  });
});

test('unixOf knows no time before 1970 and no text that is none', () => {
  expect([undefined, '', 'soon', '0001-01-01T00:00:00Z'].map(unixOf)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(unixOf('2026-05-04T14:56:49.277302595-07:00')).toBe(1_777_931_809);
});
