/** A JSON value that satisfies a simple JSON Schema, as constrained decoding would give. */

import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { Random } from '../spec/ports.ts';

const words = ['amber', 'birch', 'café', 'delta', 'ember', 'fjord', 'grün', 'harbour'];

const deepest = 8;

const sampleString = (schema: JsonObject, random: Random): string => {
  const format = asString(schema.format);
  if (format === 'date') return '2026-01-01';
  if (format === 'date-time') return '2026-01-01T00:00:00Z';
  if (format === 'email') return 'someone@example.com';
  if (format === 'uri') return 'https://example.com/';
  const shortest = asNumber(schema.minLength) ?? 0;
  const longest = asNumber(schema.maxLength) ?? Infinity;
  const word = words[Math.floor(random() * words.length)] ?? 'word';
  return word.padEnd(shortest, 'x').slice(0, longest);
};

const sampleNumber = (schema: JsonObject, random: Random): number => {
  const low = asNumber(schema.minimum) ?? asNumber(schema.exclusiveMinimum) ?? 0;
  const high = asNumber(schema.maximum) ?? asNumber(schema.exclusiveMaximum) ?? low + 100;
  return low + (high - low) * (0.1 + 0.8 * random());
};

const sampleObject = (schema: JsonObject, random: Random, depth: number): JsonObject => {
  const properties = asObject(schema.properties) ?? {};
  const required = asArray(schema.required);
  const value: Record<string, Json> = {};
  for (const [name, property] of Object.entries(properties)) {
    // Below a certain depth only what must be there, so that a schema that contains itself ends.
    if (depth > deepest / 2 && required?.includes(name) !== true) continue;
    value[name] = sample(property ?? {}, random, depth + 1);
  }
  return value;
};

const sampleArray = (schema: JsonObject, random: Random, depth: number): Json => {
  const shortest = asNumber(schema.minItems) ?? 1;
  const count = Math.min(Math.max(shortest, 2), asNumber(schema.maxItems) ?? Infinity);
  const items: Json[] = [];
  for (let index = 0; index < (depth > deepest ? shortest : count); index++) {
    items.push(sample(schema.items ?? { type: 'string' }, random, depth + 1));
  }
  return items;
};

const typeOf = (schema: JsonObject): string => {
  const type = schema.type;
  const first = Array.isArray(type) ? type.find((name) => name !== 'null') : type;
  if (typeof first === 'string') return first;
  return schema.properties === undefined ? 'string' : 'object';
};

const sample = (schema: Json, random: Random, depth: number): Json => {
  const node = asObject(schema);
  if (node === undefined) return 'anything';
  if (node.const !== undefined) return node.const;
  const choices = asArray(node.enum);
  if (choices !== undefined) return choices[Math.floor(random() * choices.length)] ?? null;
  const alternative = (asArray(node.anyOf) ?? asArray(node.oneOf))?.[0];
  if (alternative !== undefined) return sample(alternative, random, depth + 1);
  const type = typeOf(node);
  if (type === 'object') return sampleObject(node, random, depth);
  if (type === 'array') return sampleArray(node, random, depth);
  if (type === 'integer') return Math.round(sampleNumber(node, random));
  if (type === 'number') return Math.round(sampleNumber(node, random) * 100) / 100;
  if (type === 'boolean') return random() < 0.5;
  return type === 'null' ? null : sampleString(node, random);
};

/** A value for the schema; `undefined` asks for any JSON object. */
export const sampleJson = (schema: Json | undefined, random: Random): Json =>
  schema === undefined
    ? { answer: words[Math.floor(random() * words.length)] ?? 'word', certainty: 0.8 }
    : sample(schema, random, 0);
