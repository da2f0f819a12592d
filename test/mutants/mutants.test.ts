/** That the tests of the core, the gateway and what instances share find every planted defect, and nothing else. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createPlot, createStages, type Mutant, type Plot, readMutants } from '../../scripts/mutants.ts';

/** A mutant takes the fraction of a second; all tests that are tested take more on a machine that is busy. */
const patienceMs = 180_000;

const mutants = readMutants();

describe('the tests of the core, the gateway and what instances share', () => {
  let plot: Plot;

  beforeAll(() => {
    plot = createPlot(createStages());
  });

  afterAll(() => plot.clear());

  test(
    'pass in a copy as long as nothing is planted there',
    async () => {
      expect(await plot.proveSound()).toEqual({ verdict: 'survived' });
    },
    patienceMs,
  );

  for (const mutant of mutants) {
    test(
      `find ${mutant.name}: ${mutant.patch.description}`,
      async () => {
        expect(await plot.kill(mutant)).toMatchObject({ verdict: 'killed' });
      },
      patienceMs,
    );
  }

  const change = (before: string, after: string): Mutant => {
    const path = 'src/core/lowest-version.ts';
    return {
      name: 'example',
      patch: { description: '', path, hunks: [{ line: 0, before: [before], after: [after] }] },
      foundBy: [],
    };
  };
  const line = '    if (parts === undefined || parts.every((part) => part === 0)) continue;';

  test.each([
    ['does not hold what is no defect for one', line, `${line} // A word more.`, 'survived'],
    ['does not take a copy that cannot be read for one with a defect', line, `${line} (`, 'broken'],
    ['does not pass over a patch for another text', `${line} `, line, 'does not apply'],
    ['leaves the copy as it was', line, '    if (parts === undefined) continue;', 'killed'],
  ] as const)(
    'are run by a program that %s',
    async (_what, before, after, verdict) => {
      expect(await plot.kill(change(before, after))).toMatchObject({ verdict });
      expect(await plot.kill(change(line, line))).toEqual({ verdict: 'survived' });
    },
    patienceMs,
  );
});

describe('the planted defects', () => {
  test('are many, each says in a sentence what it is, and those outside the core which test finds it', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(30);
    for (const { name, patch, foundBy } of mutants) {
      expect({ name, path: patch.path }).toEqual({
        name,
        path: expect.stringMatching(/^src\/(?:core|gateway|state|http)\/.+\.ts$/),
      });
      const isNamed = !patch.path.startsWith('src/core/');
      expect({ name, foundBy: foundBy.length }).toEqual({ name, foundBy: isNamed ? 1 : 0 });
      expect({ name, is: patch.description }).toEqual({ name, is: expect.stringMatching(/^[A-Z][^\n]+\.$/) });
    }
  });
});
