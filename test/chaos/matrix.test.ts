/** That the table and the cells are about the same, each cell on each runtime. */

import { describe, expect, test } from 'bun:test';
import { dialects } from '../runtimes/dialects.ts';
import { cells } from './cells.ts';
import { beyond, matrix, placeName, places } from './matrix.ts';

describe('the chaos matrix', () => {
  test('has a cell for each of its places', () => {
    const proved = new Set(cells.map(placeName));
    expect(places.map(placeName).filter((name) => !proved.has(name))).toEqual([]);
  });

  test('has a place for each cell', () => {
    const known = new Set(places.map(placeName));
    expect(
      cells.map(({ id, ...place }) => [id, placeName(place)]).filter(([, name = '']) => !known.has(name)),
    ).toEqual([]);
  });

  test('has cells that can each be asked for by name', () => {
    const ids = cells.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    for (const { id, fault, phase, form } of cells) expect(id).toStartWith(placeName({ fault, phase, form }));
  });

  test('is proved in each dialect for each of its faults', () => {
    const silent = ['black hole', 'no descriptors', 'name moved', 'herd'];
    for (const fault of Object.keys(matrix).filter((name) => !silent.includes(name))) {
      const spoken = new Set(cells.filter((cell) => cell.fault === fault).map(({ dialect }) => dialect.name));
      expect([fault, spoken.size]).toEqual([fault, dialects.length]);
    }
  });

  test('says why it leaves out what it leaves out', () => {
    for (const reason of Object.values(beyond)) expect(reason).not.toBe('');
  });
});
