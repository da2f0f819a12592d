import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { predictWaitMs } from '../../src/core/admission.ts';
import type { Competes } from '../../src/core/deficit-rounds.ts';
import { type InLine, outlookOf } from '../../src/core/queue-outlook.ts';
import { propertyRuns } from '../property-runs.ts';

interface Drawn {
  readonly group: string;
  readonly cost: number;
  readonly workMs: number;
  readonly slots: number;
  readonly busy?: number;
}

const inLine = ({ group, cost, workMs, slots, busy = 0 }: Drawn): InLine => ({
  group,
  cost,
  work: { workMs, slots, busy, measured: true },
});

const small = inLine({ group: 'small', cost: 100, workMs: 1000, slots: 6 });
const large = inLine({ group: 'large', cost: 100, workMs: 6000, slots: 2 });

/** Everybody in line is before the newcomer. */
const waitMs = (newcomer: InLine, others: readonly InLine[]): number => {
  const costAhead = (isIn: Competes): number =>
    others.reduce((sum, { group, cost }) => sum + (isIn(group) ? cost : 0), 0);
  const outlook = outlookOf(newcomer, others, costAhead);
  return predictWaitMs(outlook.costAhead, outlook.costPerSecond);
};

const times = (count: number, each: InLine): readonly InLine[] => new Array<InLine>(count).fill(each);

describe('the wait of a newcomer', () => {
  test('is the work before it over the slots that do it', () => {
    expect(waitMs(small, times(12, small))).toBeCloseTo(2000, 6);
    expect(waitMs(large, times(4, large))).toBeCloseTo(12_000, 6);
  });

  test('begins with what runs, which is half done', () => {
    expect(waitMs(inLine({ group: 'm', cost: 100, workMs: 1000, slots: 4, busy: 4 }), [])).toBeCloseTo(
      500,
      6,
    );
  });

  test('is not that of others’ short requests at the pace of its own long ones', () => {
    // Six seconds for all hosts, where its own two slots alone would take eighteen.
    expect(waitMs(large, times(36, small))).toBeCloseTo((3600 * 42_000) / 3700 / 6, 0);
  });

  test('is that of what only its own hosts can do, where that takes longer than all together', () => {
    const others = [...times(4, large), ...times(6, small)];
    expect(waitMs(large, others)).toBeCloseTo(12_000, 6);
  });

  test('never shrinks because more wait', () => {
    const drawn = fc.record({
      cost: fc.integer({ min: 1, max: 1000 }),
      isLarge: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 30 }), (line) => {
        const others = line.map(({ cost, isLarge }) =>
          inLine({
            group: isLarge ? 'large' : 'small',
            cost,
            workMs: 10 * cost,
            slots: isLarge ? 2 : 6,
          }),
        );
        const newcomer = inLine({ group: 'large', cost: 100, workMs: 1000, slots: 2 });
        const all = waitMs(newcomer, others);
        expect(all).toBeGreaterThanOrEqual(0);
        for (let index = 0; index < others.length; index += 1)
          expect(waitMs(newcomer, others.toSpliced(index, 1))).toBeLessThanOrEqual(all + 1e-6);
      }),
      { numRuns: propertyRuns / 10 },
    );
  });
});
