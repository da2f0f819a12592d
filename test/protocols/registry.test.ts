import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { protocolFolders, protocolRegistry } from '../../scripts/generate.ts';
import { protocols } from '../../src/protocols/registry.ts';

test('the registry is what the generator writes', () => {
  const written = readFileSync(new URL('../../src/protocols/registry.ts', import.meta.url), 'utf8');
  expect(written).toBe(protocolRegistry(protocolFolders()));
});

test('each dialect has a folder of its name, with the fixed file names in it', () => {
  expect(protocols.map(({ id }): string => id)).toEqual([...protocolFolders()]);
  const fixed = [
    'beside',
    'decoder',
    'embed',
    'encoder',
    'error',
    'index',
    'models',
    'parse',
    'peek',
    'render',
    'routes',
    'schema',
    'whole',
  ];
  for (const folder of protocolFolders()) {
    const files = readdirSync(new URL(`../../src/protocols/${folder}/`, import.meta.url));
    expect(files).toEqual(expect.arrayContaining(fixed.map((name) => `${name}.ts`)));
  }
});

test('no two dialects share a path', () => {
  const paths = protocols.flatMap(({ routes }) => routes.map(({ method, path }) => `${method} ${path}`));
  expect(new Set(paths).size).toBe(paths.length);
});
