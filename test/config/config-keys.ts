import { configJsonSchema } from '../../src/config/json-schema.ts';
import { asArray, asObject, type Json, type JsonObject } from '../../src/spec/json.ts';

export interface ConfigKey {
  /** `*` stands for a name of the user's choice, `[]` for an entry of a list. */
  readonly path: string;
  readonly schema: JsonObject;
}

const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

const walk = (path: string, json: Json | undefined): readonly ConfigKey[] => {
  const schema = asObject(json) ?? {};
  const properties = asObject(schema.properties);
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([key, child]) => walk(below(path, key), child));
  }
  const values = asObject(schema.additionalProperties);
  const items = asObject(schema.items);
  if (asObject(values?.properties) !== undefined) return walk(below(path, '*'), values);
  if (asObject(items?.properties) !== undefined) return walk(`${path}[]`, items);
  return [{ path, schema }];
};

/** Every key of the configuration that holds a value, in the order of the schema. */
export const configKeys: readonly ConfigKey[] = walk('', configJsonSchema());

/** The default as the schema shows it; undefined where there is none. */
export const defaultText = ({ schema }: ConfigKey): string | undefined => {
  if (schema.default === undefined) return undefined;
  const list = asArray(schema.default);
  if (list !== undefined) return list.length === 0 ? 'none' : list.join(', ');
  return asObject(schema.default) === undefined ? String(schema.default) : 'none';
};
