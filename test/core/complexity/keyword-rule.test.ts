import { expect, test } from 'bun:test';
import { keywordShare, keywordThreshold } from '../../../src/core/complexity/keyword-rule.ts';

test('the list of keywords counts those a prompt holds, whatever their case', () => {
  expect(keywordShare('Analyze this complex CODE')).toBe(3 / 8);
  expect(keywordShare('What is the capital of France?')).toBe(0);
  expect(keywordThreshold).toBe(0.7);
});
