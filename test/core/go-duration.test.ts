import { expect, test } from 'bun:test';
import { parseGoDuration } from '../../src/core/go-duration.ts';

test.each([
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['.5s', 500],
  ['1.s', 1000],
  ['250ms', 250],
  ['10µs', 0.01],
  ['10μs', 0.01],
  ['-1s', -1000],
  ['+2s', 2000],
  ['0', 0],
  ['0s', 0],
])('%s is %d ms', (text, durationMs) => {
  expect(parseGoDuration(text)).toBeCloseTo(durationMs, 9);
});

test.each(['', '-', '-1', '300', 's', '5 m', '5M', '1d', 'm5', '1s2', 'forever', '1..5s', '.s'])(
  '%p is no duration',
  (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  },
);

test('a text of many digits is read in one pass', () => {
  expect(parseGoDuration('1'.repeat(200_000))).toBeUndefined();
  expect(parseGoDuration(`${'1.'.repeat(100_000)}s`)).toBeUndefined();
});
