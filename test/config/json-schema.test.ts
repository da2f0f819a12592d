import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { configKeys } from './config-keys.ts';

describe('the JSON Schema', () => {
  test('in the repository is the one of the code', () => {
    const committed = readFileSync(new URL('../../pointsman.schema.json', import.meta.url), 'utf8');
    expect(committed).toBe(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  });

  test('describes every key', () => {
    expect(configKeys.length).toBeGreaterThan(40);
    expect(
      configKeys.filter(({ schema }) => typeof schema.description !== 'string').map(({ path }) => path),
    ).toEqual([]);
  });
});
