import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { maximise } from '../../src/simulation/simplex.ts';
import { propertyRuns } from '../property-runs.ts';

describe('the simplex method', () => {
  test('finds the corner a textbook finds', () => {
    const solution = maximise({
      objective: [3, 5],
      rows: [
        [1, 0],
        [0, 2],
        [3, 2],
      ],
      limits: [4, 12, 18],
    });
    expect(solution?.value).toBeCloseTo(36);
    expect(solution?.x[0]).toBeCloseTo(2);
    expect(solution?.x[1]).toBeCloseTo(6);
  });

  test('says that nothing bounds the objective', () => {
    expect(maximise({ objective: [1, 1], rows: [[1, -1]], limits: [1] })).toBeUndefined();
  });

  test('does not go in circles where several rows meet', () => {
    const solution = maximise({
      objective: [10, -57, -9, -24],
      rows: [
        [0.5, -5.5, -2.5, 9],
        [0.5, -1.5, -0.5, 1],
        [1, 0, 0, 0],
      ],
      limits: [0, 0, 1],
    });
    expect(solution?.value).toBeCloseTo(1);
  });

  test('keeps every limit, and no point of a random search is better', () => {
    const weights = fc.array(fc.double({ min: 0.1, max: 5, noNaN: true }), { minLength: 2, maxLength: 2 });
    const problem = fc.record({
      objective: weights,
      rows: fc.array(weights, { minLength: 2, maxLength: 3 }),
      tries: fc.array(
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      ),
    });
    fc.assert(
      fc.property(problem, ({ objective, rows, tries }) => {
        const limits = rows.map((_, index) => index + 1);
        const solution = maximise({ objective, rows, limits });
        if (solution === undefined) throw new Error('it is bounded');
        const dot = (left: readonly number[], right: readonly number[]): number =>
          left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
        const fits = (point: readonly number[], slack: number): boolean =>
          rows.every((row, index) => dot(row, point) <= (limits[index] ?? 0) + slack);
        expect(fits(solution.x, 1e-6)).toBe(true);
        expect(dot(objective, solution.x)).toBeCloseTo(solution.value, 5);
        for (const [first, second] of tries) {
          const point = [first * 30, second * 30];
          if (fits(point, 0)) expect(dot(objective, point)).toBeLessThanOrEqual(solution.value + 1e-6);
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
