/** Gemini's function declarations, and the notation of their schemas, to neutral ones. May import spec. */

import type { ToolSpec } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { extensionOf, keepUnknown } from '../extension.ts';
import { listOf, member } from './schema.ts';

const declarationFields: ReadonlySet<string> = new Set([
  ...['name', 'description', 'parameters', 'parametersJsonSchema', 'parameters_json_schema'],
  // What a function gives back is told to nobody else, and nothing is lost by that.
  ...['response', 'responseJsonSchema', 'response_json_schema'],
]);
const listFields: ReadonlySet<string> = new Set(['functionDeclarations', 'function_declarations']);

/** All functions of all entries; a tool of Google's own has no name and is kept for its own dialect alone. */
export const parseTools = (value: Json | undefined): readonly ToolSpec[] | undefined => {
  if (value === undefined || value === null) return undefined;
  const tools: ToolSpec[] = [];
  for (const entry of listOf(value)) {
    const tool = asObject(entry) ?? {};
    for (const declared of listOf(member(tool, 'functionDeclarations', 'function_declarations'))) {
      tools.push(parseDeclaration(asObject(declared) ?? {}));
    }
    const { unknown } = keepUnknown(tool, listFields);
    if (Object.keys(unknown).length > 0) {
      tools.push({ name: '', ext: extensionOf('gemini', { unknown: {}, sent: unknown }) });
    }
  }
  return tools;
};

const parseDeclaration = (declared: JsonObject): ToolSpec => {
  const schema = asObject(declared.parameters);
  return {
    name: asString(declared.name) ?? '',
    description: asString(declared.description),
    parameters:
      member(declared, 'parametersJsonSchema', 'parameters_json_schema') ??
      (schema === undefined ? undefined : toJsonSchema(schema)),
    ext: extensionOf('gemini', keepUnknown(declared, declarationFields)),
  };
};

/** Members that only Google's notation has, and those that are read into others. */
const ownMembers: ReadonlySet<string> = new Set(['propertyOrdering', 'property_ordering', 'nullable']);

/** Members that hold schemas by name, which may be called anything. */
const named: ReadonlySet<string> = new Set(['properties', '$defs', 'defs']);

/** Lengths and counts, which Google's JSON writes as text. */
const counts: ReadonlySet<string> = new Set([
  ...['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'],
]);

const camelOf = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Types are written in capitals there, and `nullable` stands beside the type. */
const typeOf = (schema: JsonObject): Json | undefined => {
  const type = typeof schema.type === 'string' ? schema.type.toLowerCase() : schema.type;
  if (type === 'type_unspecified') return undefined;
  return schema.nullable === true && typeof type === 'string' ? [type, 'null'] : type;
};

const memberOf = (name: string, value: Json | undefined): Json | undefined => {
  if (named.has(name)) {
    const schemas = asObject(value);
    if (schemas === undefined) return value;
    return Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, nestedOf(schema)]));
  }
  if (name === 'items' || name === 'additionalProperties') return nestedOf(value);
  if (name === 'anyOf') return asArray(value)?.map((schema) => nestedOf(schema) ?? null);
  return counts.has(name) && typeof value === 'string' ? Number(value) : value;
};

const nestedOf = (value: Json | undefined): Json | undefined => {
  const schema = asObject(value);
  return schema === undefined ? value : toJsonSchema(schema);
};

/** A schema in Google's notation, a part of OpenAPI 3.0, as the JSON Schema that everybody else reads. */
export const toJsonSchema = (schema: JsonObject): JsonObject => {
  const converted: Record<string, Json | undefined> = {};
  for (const [sent, value] of Object.entries(schema)) {
    const name = camelOf(sent);
    if (name === 'type') converted.type = typeOf(schema);
    else if (!ownMembers.has(sent)) converted[name] = memberOf(name, value);
  }
  return converted;
};
