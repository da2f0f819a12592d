import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Awaited, createAwaitedHosts } from '../../src/core/awaited-hosts.ts';
import { propertyRuns } from '../property-runs.ts';

const host = (backend: string, serviceMs: number): Awaited => ({ backend, serviceMs });

describe('those who wait for a host', () => {
  test('are before whoever came later, and all of them before a newcomer', () => {
    const awaited = createAwaitedHosts();
    for (const number of [1, 2, 4]) awaited.note(number, host('fast', 1000 * number));
    awaited.note(3, host('slow', 500));
    expect([1, 2, 3, 4, 5].map((number) => awaited.before(number)('fast'))).toEqual([
      0, 1000, 3000, 3000, 7000,
    ]);
    expect(['fast', 'slow', 'unknown'].map(awaited.all)).toEqual([7000, 500, 0]);
  });

  test('are before nobody else once they would have another host, or wait no more', () => {
    const awaited = createAwaitedHosts();
    awaited.note(1, host('fast', 1000));
    awaited.note(2, host('fast', 1000));
    awaited.note(1, host('slow', 4000));
    awaited.note(2, undefined);
    expect(['fast', 'slow'].map(awaited.before(9))).toEqual([0, 4000]);
  });

  test('whatever is noted, wait for the host that was noted last', () => {
    const number = fc.nat(5);
    const noted = fc.record({ backend: fc.constantFrom('a', 'b', 'c'), serviceMs: fc.nat(9) });
    const notes = fc.array(fc.tuple(number, fc.option(noted, { nil: undefined })));
    fc.assert(
      fc.property(notes, number, (all, asked) => {
        const awaited = createAwaitedHosts();
        for (const [each, where] of all) awaited.note(each, where);
        const last = [...new Map(all)];
        for (const backend of ['a', 'b', 'c']) {
          const sum = (before: number): number =>
            last.reduce(
              (ms, [each, where]) => ms + (where?.backend === backend && each < before ? where.serviceMs : 0),
              0,
            );
          expect(awaited.all(backend)).toBe(sum(Infinity));
          expect(awaited.before(asked)(backend)).toBe(sum(asked));
        }
      }),
      { numRuns: propertyRuns },
    );
  });
});
