/** The list of gaps is about cases there are, and every case can be told from every other. */

import { expect, test } from 'bun:test';
import { cells } from '../chaos/cells.ts';
import { knownGaps } from '../known-gaps.ts';
import { groups } from './suite.ts';

const names = [...groups.flatMap((group) => group.names), ...cells.map(({ id }) => id)];

test('every case has a name of its own', () => {
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  expect(repeated).toEqual([]);
});

test('every known gap names a case of the suite, and why it is one', () => {
  for (const gap of knownGaps) {
    expect(names).toContain(gap.case);
    expect(gap.reason).not.toBe('');
  }
});
