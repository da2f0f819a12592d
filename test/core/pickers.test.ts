import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { highest, highestRotating, inTurn, shuffled, weighted } from '../../src/core/pickers.ts';
import type { Picker, Scored } from '../../src/core/policy.ts';
import { seededRandom } from '../../src/core/random.ts';
import { propertyRuns } from '../property-runs.ts';
import { candidate } from './candidates.ts';

const scored = (scores: readonly number[]): readonly Scored[] =>
  scores.map((score, index) => ({ candidate: candidate({ backend: 'abcdefgh'[index] ?? 'z' }), score }));

const order = (pick: Picker, scores: readonly number[], turn = 0): string =>
  pick(scored(scores), { random: seededRandom(turn), turn })
    .map((each) => each.candidate.backend)
    .join('');

const firsts = (pick: Picker, scores: readonly number[], turns: number): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (let turn = 0; turn < turns; turn += 1) {
    const first = order(pick, scores, turn)[0] ?? '';
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
};

describe('pickers', () => {
  test('highest is best first, equals as they came', () => {
    expect(order(highest, [0.2, 0.9, 0.9, 0.5], 3)).toBe('bcda');
  });

  test('highest with equals in turn keeps the better before the worse', () => {
    expect([0, 1, 2, 3].map((turn) => order(highestRotating, [0.2, 0.9, 0.9], turn))).toEqual([
      'bca',
      'bca',
      'cba',
      'bca',
    ]);
  });

  test('in turn, each is first as often as the others', () => {
    expect([0, 1, 2, 3].map((turn) => order(inTurn, [0.1, 0.9, 0.5], turn))).toEqual([
      'abc',
      'bca',
      'cab',
      'abc',
    ]);
  });

  test('shuffled has each first in its share, whatever the score', () => {
    for (const count of Object.values(firsts(shuffled, [0, 1, 0.5], 3000))) {
      expect(Math.abs(count - 1000)).toBeLessThan(150);
    }
  });

  test('weighted has each first in proportion to its score', () => {
    const { a = 0, b = 0, c = 0 } = firsts(weighted, [0.5, 0.25, 0.25], 4000);
    expect(Math.abs(a - 2000)).toBeLessThan(200);
    expect(Math.abs(b - 1000)).toBeLessThan(150);
    expect(Math.abs(c - 1000)).toBeLessThan(150);
  });

  test('weighted puts what has no weight last', () => {
    for (let turn = 0; turn < 50; turn += 1) expect(order(weighted, [0, 0.001, 0], turn)[0]).toBe('b');
  });

  test('every picker gives back exactly what it was given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        fc.constantFrom(highest, highestRotating, inTurn, shuffled, weighted),
        fc.nat(),
        (scores, pick, turn) => {
          const picked = [...order(pick, scores, turn)].sort().join('');
          expect(picked).toBe('abcdefgh'.slice(0, scores.length));
        },
      ),
      { numRuns: propertyRuns },
    );
  });
});
