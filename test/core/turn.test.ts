import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isBefore, placeOf, type Turn } from '../../src/core/turn.ts';
import { propertyRuns } from '../property-runs.ts';

test('a line in which each takes its place is in order of turns, equals in that of arrival', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (turns) => {
      const line: Turn[] = [];
      for (const [order, turnAt] of turns.entries()) {
        const turn = { order, turnAt };
        line.splice(placeOf(line, turn), 0, turn);
      }
      for (const [index, turn] of line.entries()) {
        expect(placeOf(line, turn)).toBe(index);
        const next = line[index + 1];
        if (next === undefined) continue;
        expect(isBefore(turn, next)).toBe(true);
        expect(isBefore(next, turn)).toBe(false);
        if (turn.turnAt === next.turnAt) expect(turn.order).toBeLessThan(next.order);
      }
    }),
    { numRuns: propertyRuns },
  );
});
