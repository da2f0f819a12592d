import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { sampleJson } from '../../src/simulator/json-sample.ts';
import { createSeededRandom } from '../../src/simulator/seeded-random.ts';
import type { Json } from '../../src/spec/json.ts';
import { propertyRuns } from '../property-runs.ts';

const sample = (schema: Json | undefined, seed = 1): Json => sampleJson(schema, createSeededRandom(seed));

describe('a sample of JSON', () => {
  test('has the properties, bounds and choices of its schema', () => {
    const schema = {
      type: 'object',
      properties: {
        colour: { enum: ['red', 'blue'] },
        size: { type: 'number', minimum: 5, maximum: 6 },
        tags: { type: 'array', items: { type: 'string' }, minItems: 3 },
        kind: { const: 'thing' },
        maybe: { type: ['null', 'integer'] },
        either: { anyOf: [{ type: 'boolean' }, { type: 'string' }] },
        day: { type: 'string', format: 'date' },
      },
    };
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const value = sample(schema, seed) as { readonly size: number } & Readonly<Record<string, unknown>>;
        expect(['red', 'blue']).toContain(String(value.colour));
        expect(value.size).toBeGreaterThanOrEqual(5);
        expect(value.size).toBeLessThanOrEqual(6);
        expect(value.tags).toHaveLength(3);
        expect(value.kind).toBe('thing');
        expect(Number.isInteger(value.maybe)).toBe(true);
        expect(value.either).toBeBoolean();
        expect(value.day).toMatch(/^\d{4}-\d\d-\d\d$/);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('of a schema that nests without end has an end', () => {
    const schema: Record<string, Json> = { type: 'object', required: [] };
    let inner: Json = { type: 'string' };
    for (let depth = 0; depth < 60; depth++) inner = { type: 'array', minItems: 0, items: inner };
    schema.properties = { deep: inner };
    expect(JSON.stringify(sample(schema)).length).toBeLessThan(20_000);
  });

  test('is an object when nothing more is asked', () => {
    expect(sample(undefined)).toBeObject();
  });

  test('is the same for the same seed', () => {
    const schema = { type: 'array', items: { type: 'number' }, minItems: 5 };
    expect(sample(schema, 3)).toEqual(sample(schema, 3));
    expect(sample(schema, 3)).not.toEqual(sample(schema, 4));
  });
});
