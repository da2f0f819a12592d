import { expect, test } from 'bun:test';
import { lowestVersion } from '../../src/core/lowest-version.ts';

test('versions are compared by number, not by text', () => {
  expect(lowestVersion(['0.33.0', '0.9.6', '0.12.10'])).toBe('0.9.6');
});

test('a suffix and a leading v do not matter', () => {
  expect(lowestVersion(['0.33.0-rc2', 'v0.32.1'])).toBe('v0.32.1');
});

test('a self-built server says nothing', () => {
  expect(lowestVersion(['0.0.0', 'garbage'])).toBeUndefined();
  expect(lowestVersion(['0.0.0', '0.30.1'])).toBe('0.30.1');
});
