import { describe, expect, test } from 'bun:test';
import { problemsOf } from './reading.ts';

describe('groups of models', () => {
  const wrong: readonly (readonly [text: string, problem: string])[] = [
    ['auto: { groups: { fast: { small: a } } }', 'auto.groups.fast: this name is reserved'],
    [
      'models: { m: { aliases: [Coding] }}\nauto: { groups: { coding: { small: a } } }',
      'auto.groups.coding: is the name of a model as well',
    ],
    [
      'auto: { groups: { a: { small: x }, A: { small: x } } }',
      'auto.groups.A: the same name as another group',
    ],
    [
      'auto: { small: a, medium: b, large: c, mediumThreshold: 0.8 }',
      'auto.mediumThreshold: is above auto.threshold',
    ],
    [
      'auto: { scoring: { performance: 0, cost: 0, reliability: 0, capabilities: 0 } }',
      'auto.scoring: leaves nothing to choose by',
    ],
  ];
  for (const [text, problem] of wrong) {
    test(`${problem.split(': ')[1]} is told with its place`, async () => {
      expect(await problemsOf(text)).toEqual([problem]);
    });
  }
});
