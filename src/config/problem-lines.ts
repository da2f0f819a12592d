/** What the schema refuses, as one line each: `path: what is wrong (did you mean …?)`. Imports core and `zod`. */

import { z } from 'zod';
import { nearNames } from '../core/near-names.ts';
import type { Json } from '../spec/json.ts';
import { type Path, pathText } from './path-text.ts';

type Issue = z.core.$ZodIssue;

/** The nearest of the known words as a question to append, or nothing where none is near. */
export const suggestion = (wrong: string, known: Iterable<string>): string => {
  const [near] = nearNames(wrong, known, 1);
  return near === undefined ? '' : ` (did you mean ${JSON.stringify(near)}?)`;
};

/** What stands at a path of a tree; undefined where the tree ends before it. */
export const valueAt = (tree: Json, path: Path): Json | undefined => {
  let node: Json | undefined = tree;
  for (const part of path) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = Object.hasOwn(node, part) ? (node as Readonly<Record<PropertyKey, Json>>)[part] : undefined;
  }
  return node;
};

const bare = (schema: unknown): unknown =>
  schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
    ? bare(schema.unwrap())
    : schema;

/** The keys the schema knows at a path. */
const keysAt = (schema: unknown, path: Path): readonly string[] => {
  let node = bare(schema);
  for (const part of path) {
    if (node instanceof z.ZodObject) node = bare(node.shape[String(part)]);
    else if (node instanceof z.ZodRecord) node = bare(node.valueType);
    else if (node instanceof z.ZodArray) node = bare(node.element);
  }
  if (node instanceof z.ZodRecord && node.keyType instanceof z.ZodEnum)
    return node.keyType.options.map(String);
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
};

const wanted: Readonly<Record<string, string>> = {
  string: 'must be a text',
  number: 'must be a whole number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be a mapping of keys to values',
  record: 'must be a mapping of keys to values',
};

const typeLine = (expected: string, value: Json | undefined): string => {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is empty; give it a value or remove the key';
  const quote = expected === 'string' && typeof value !== 'object' ? '; put it in quotes' : '';
  return `${wanted[expected] ?? 'has the wrong type'}${quote}`;
};

const boundLine = (origin: string, bound: string): string =>
  origin === 'string' ? `must be ${bound} characters long` : `must be ${bound}`;

/** Whether the schema words the problem itself, as where a number need not be whole. */
const isOwn = ({ message }: Issue): boolean => !message.startsWith('Invalid ');

const issueLines = (issue: Issue, tree: Json, schema: unknown): readonly string[] => {
  const at = pathText(issue.path);
  const value = valueAt(tree, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, issue.path);
      return issue.keys.map(
        (key) => `${pathText([...issue.path, key])}: unknown key${suggestion(key, known)}`,
      );
    }
    case 'invalid_type':
      return [`${at}: ${isOwn(issue) && value != null ? issue.message : typeLine(issue.expected, value)}`];
    case 'invalid_value': {
      if (value === undefined || value === null) return [`${at}: ${typeLine('string', value)}`];
      const known = issue.values.map(String);
      return [
        `${at}: must be one of ${known.join(', ')}${typeof value === 'string' ? suggestion(value, known) : ''}`,
      ];
    }
    case 'too_small':
      if (issue.origin === 'array') return [`${at}: must not be empty`];
      return [`${at}: ${boundLine(issue.origin, `at least ${issue.minimum}`)}`];
    case 'too_big':
      return [`${at}: ${boundLine(issue.origin, `at most ${issue.maximum}`)}`];
    case 'invalid_key':
      return issue.issues.flatMap((inner) => issueLines({ ...inner, path: issue.path }, tree, schema));
    default:
      return [`${at}: ${issue.message}`];
  }
};

/** Words every issue without quoting a value, since any of them may be a secret. */
export const problemLines = (issues: readonly Issue[], tree: Json, schema: z.ZodType): readonly string[] =>
  issues.flatMap((issue) => issueLines(issue, tree, schema));
