import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { configKeys, defaultText } from './config-keys.ts';
import { configOf, problemsOf } from './reading.ts';

const fileText = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = fileText('docs/configuration.md');
const example = fileText('pointsman.example.yaml');

const tableOf = (heading: string): readonly (readonly string[])[] => {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, name = '', rest = '']) => [
    name,
    ...rest.split(' | '),
  ]);
};

describe('the page on configuration', () => {
  test('names every key in the order of the schema, with its default', () => {
    const rows = tableOf('Every key').map(([key, shown]) => [key, shown]);
    expect(rows).toEqual(configKeys.map((key) => [key.path, defaultText(key) ?? '–']));
  });

  test('says why for every key', () => {
    for (const [, , why = ''] of tableOf('Every key')) expect(why.length).toBeGreaterThan(20);
  });

  test('names every variable the code reads', () => {
    const code = fileText('src/config/from-environment.ts');
    const read = new Set([...code.matchAll(/'((?:[A-Z]+_)+[A-Z]+)'/g)].map(([, name = '']) => name));
    const named = tableOf('Environment variables').map(([name]) => name ?? '');
    expect(read.size).toBeGreaterThan(8);
    expect(named.toSorted()).toEqual([...read, 'POINTSMAN_CONFIG'].sort());
  });

  test('shows problems as they are worded', async () => {
    const problems = await problemsOf(`
backends: { gpu: { kind: ollama, url: "http://h", slot: 1 } }
`);
    const names = await problemsOf('models: { mistral-small3.2: { names: { olama: x } } }');
    for (const problem of [...problems, ...names]) expect(page).toContain(`\n${problem}\n`);
  });
});

describe('the example', () => {
  test('is a good configuration', async () => {
    const config = await configOf(example);
    expect(Object.keys(config.backends)).toEqual(['gpu', 'cpu', 'dmr', 'box']);
  });

  test('is good with its comments taken in, too', async () => {
    const uncommented = example
      .replace(/^# (?=auth:| )/gm, '')
      .replaceAll('/run/secrets/open-webui', '/run/secrets/box')
      .replace(/key: "[^"]+prometheus}"/, 'key: another-secret');
    expect((await configOf(uncommented)).auth.keys.map(({ name }) => name)).toEqual([
      'open-webui',
      'prometheus',
    ]);
  });
});
