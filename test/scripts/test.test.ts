import { describe, expect, test } from 'bun:test';
import { readJunitCounts } from '../../scripts/junit-report.ts';
import { closingLine, countRun, sumCounts } from '../../scripts/test.ts';

const report = (tests: number, failures: number, skipped: number): string =>
  `<?xml version="1.0"?>\n<testsuites name="bun test" tests="${tests}" assertions="9" failures="${failures}" skipped="${skipped}" time="1.5">\n</testsuites>\n`;

describe('the counts of a report', () => {
  test('passed are those that neither failed nor were skipped', () => {
    expect(readJunitCounts(report(10, 2, 3))).toEqual({ passed: 5, failed: 2, skipped: 3 });
  });

  test('a report cut short gives none', () => {
    expect(readJunitCounts(report(10, 2, 3).replace('</testsuites>', ''))).toBeUndefined();
    expect(readJunitCounts('')).toBeUndefined();
  });
});

describe('a run', () => {
  test('that passed counts as reported', () => {
    expect(countRun(report(10, 0, 0), 0)).toEqual({ passed: 10, failed: 0, skipped: 0 });
  });

  test('whose runner failed beside its tests has one failure', () => {
    expect(countRun(report(10, 0, 0), 1)).toEqual({ passed: 10, failed: 1, skipped: 0 });
    expect(countRun(report(10, 0, 0), null)).toEqual({ passed: 10, failed: 1, skipped: 0 });
  });

  test('with failed tests does not count its exit code too', () => {
    expect(countRun(report(10, 2, 0), 1)).toEqual({ passed: 8, failed: 2, skipped: 0 });
  });

  test('that left no report has failed', () => {
    expect(countRun(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

test('the closing line tells the sum of all runs', () => {
  const sum = sumCounts([
    { passed: 1, failed: 2, skipped: 3 },
    { passed: 10, failed: 20, skipped: 30 },
  ]);
  expect(closingLine(sum)).toBe('11 passed, 22 failed, 33 skipped');
});
