import { describe, expect, test } from 'bun:test';
import { squareGaps } from '../known-gaps.ts';
import { columns } from './columns.ts';
import { dialects } from './dialects.ts';
import { cells } from './square.ts';

describe('every client in front of every server', () => {
  test.each(cells.map((cell) => [`${cell.front} before ${cell.wire}: ${cell.column}`, cell] as const))(
    '%s',
    async (_name, cell) => {
      if (cell.gap === undefined) await cell.run();
      // A gap that closed has to leave the list.
      else expect(cell.run()).rejects.toThrow();
    },
  );

  test('no cell is missing', () => {
    const wires = dialects.filter(({ wire }) => wire !== undefined);
    expect(cells.length).toBe(dialects.length * wires.length * Object.keys(columns).length);
  });

  test('every known gap names cells of the square and why they are gaps', () => {
    for (const gap of squareGaps) {
      expect(cells.some((cell) => cell.gap === gap.reason)).toBe(true);
      expect(gap.reason.length).toBeGreaterThan(20);
    }
  });
});
