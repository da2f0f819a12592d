import { expect, test } from 'bun:test';
import { nearNames } from '../../src/core/near-names.ts';

const known = ['llama3.2:3b', 'llama3.2:1b', 'qwen3:8b', 'nomic-embed-text:latest'];

test('a name without its tag finds the tags', () => {
  expect(nearNames('llama3.2', known)).toEqual(['llama3.2:1b', 'llama3.2:3b']);
});

test('a slip of the finger finds the name', () => {
  expect(nearNames('qwen3:8n', known)).toEqual(['qwen3:8b']);
});

test('a name like no other finds nothing', () => {
  expect(nearNames('zzzzzzzzzz', known)).toEqual([]);
});

test('a very long name is compared by its beginning only', () => {
  expect(nearNames('x'.repeat(100_000), known)).toEqual([]);
});
