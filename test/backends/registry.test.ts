import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { backendFiles, backendRegistry } from '../../scripts/generate.ts';
import { backendKinds } from '../../src/backends/registry.ts';

test('the registry is what the generator writes', () => {
  const written = readFileSync(new URL('../../src/backends/registry.ts', import.meta.url), 'utf8');
  expect(written).toBe(backendRegistry(backendFiles()));
});

test('each kind has a file of its name and no two share one', () => {
  expect(backendKinds.map(({ kind }) => kind)).toEqual([...backendFiles()]);
});
