import { describe, expect, test } from 'bun:test';
import { builtInWeights } from '../../../src/core/complexity/built-in-weights.ts';
import { complexityModel, NotAModel } from '../../../src/core/complexity/model.ts';

describe('a file of weights', () => {
  test('the built-in one is a model', () => {
    expect(complexityModel(builtInWeights).general).toBe(builtInWeights.general);
  });

  const broken: readonly (readonly [what: string, file: unknown, told: RegExp])[] = [
    ['no object', 'weights', /JSON object/],
    ['another format', { ...builtInWeights, format: 'other' }, /format/],
    ['a version to come', { ...builtInWeights, version: 2 }, /version/],
    ['no origin', { ...builtInWeights, origin: {} }, /origin\.data/],
    ['weights that are no base64', { ...builtInWeights, weights: '*' }, /weights must be base64/],
    ['weights that are too short', { ...builtInWeights, weights: 'AAAA' }, /weights must hold 65536 bytes/],
    ['rarities that are missing', { ...builtInWeights, rarities: undefined }, /rarities must be a text/],
    [
      'ranks that fall',
      { ...builtInWeights, ranks: { ...builtInWeights.ranks, words: [2, 1] } },
      /ranks\.words/,
    ],
    ['scores that are no numbers', { ...builtInWeights, scores: ['a', 'b'] }, /scores/],
    ['no step', { ...builtInWeights, steps: {} }, /steps\.weight/],
    ['a general part of nothing', { ...builtInWeights, general: 0 }, /general/],
    ['a blend that lacks a part', { ...builtInWeights, blend: { learned: 1 } }, /blend\.words/],
    ['a kind of work that is none', { ...builtInWeights, tasks: { cooking: 1 } }, /tasks\.cooking/],
    ['a kind of work that adds no number', { ...builtInWeights, tasks: { code: 'much' } }, /tasks\.code/],
  ];
  for (const [what, file, told] of broken) {
    test(`${what} is refused with the reason`, () => {
      expect(() => complexityModel(file)).toThrow(NotAModel);
      expect(() => complexityModel(file)).toThrow(told);
    });
  }
});
