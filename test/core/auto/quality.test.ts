import { describe, expect, test } from 'bun:test';
import { areaUnder, gainCurve, shareFor } from '../../../src/core/auto/quality.ts';

const prompts = (pairs: readonly (readonly [score: number, gain: number])[]) =>
  pairs.map(([score, gain]) => ({ score, gain, weight: 1 }));

describe('the curve of what is recovered', () => {
  test('a score that says nothing is chance: one half of the area, and the share that is wanted', () => {
    const points =
      gainCurve(
        prompts([
          [1, 1],
          [1, 0],
          [1, 0],
          [1, 1],
        ]),
      ) ?? [];
    expect(areaUnder(points)).toBeCloseTo(0.5);
    expect(shareFor(points, 0.5)).toBeCloseTo(0.5);
  });

  test('a score that knows all has the greatest area, and needs the least', () => {
    const points =
      gainCurve(
        prompts([
          [4, 1],
          [3, 1],
          [2, 0],
          [1, 0],
        ]),
      ) ?? [];
    expect(areaUnder(points)).toBeCloseTo(0.75);
    expect(shareFor(points, 0.5)).toBeCloseTo(0.25);
    expect(shareFor(points, 1)).toBeCloseTo(0.5);
  });

  test('what harms where it is sent lowers the curve again', () => {
    const points =
      gainCurve(
        prompts([
          [3, 1],
          [2, 1],
          [1, -1],
        ]),
      ) ?? [];
    expect(points.at(-1)?.recovered).toBeCloseTo(1);
    expect(Math.max(...points.map(({ recovered }) => recovered))).toBeCloseTo(2);
  });

  test('where there is nothing to gain there is no curve', () => {
    expect(
      gainCurve(
        prompts([
          [1, 0],
          [2, 0],
        ]),
      ),
    ).toBeUndefined();
    expect(gainCurve([])).toBeUndefined();
  });
});
