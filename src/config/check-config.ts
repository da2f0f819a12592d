/** From a plain tree to a configuration or the reasons why not. Imports spec. */

import type { Json, JsonObject } from '../spec/json.ts';
import { providerUrl } from './backend-schema.ts';
import { crossCheck } from './cross-check.ts';
import { type Path, pathText } from './path-text.ts';
import { problemLines, valueAt } from './problem-lines.ts';
import { type Config, configSchema, type ParsedConfig } from './schema.ts';

/** Either a whole configuration or why there is none. */
export type CheckedConfig = { readonly config: Config } | { readonly problems: readonly string[] };

const replacedAt = (node: Json, [part, ...rest]: Path, value: Json): Json => {
  if (part === undefined) return value;
  if (Array.isArray(node))
    return node.map((child, index) => (index === part ? replacedAt(child, rest, value) : child));
  const object = node as JsonObject;
  const key = String(part);
  return { ...object, [key]: replacedAt(object[key] ?? null, rest, value) };
};

/** The number or boolean a text spells; undefined when it spells neither. */
const spelled = (text: Json | undefined): Json | undefined => {
  if (typeof text !== 'string') return undefined;
  if (/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : undefined;
};

/** A configuration is read once: code made to read it faster would take longer than it saves, at each start. */
const once = { jitless: true } as const;

/**
 * An expansion is text, while the key it stands for may want a number or a boolean.
 * Only the schema knows which, so what it refused in such a place is read again as what it spells.
 */
const respelled = (tree: Json, places: ReadonlySet<string>): Json => {
  const { error } = configSchema.safeParse(tree, once);
  let result = tree;
  for (const issue of error?.issues ?? []) {
    if (issue.code !== 'invalid_type' || !places.has(pathText(issue.path))) continue;
    const value = spelled(valueAt(tree, issue.path));
    if (value !== undefined) result = replacedAt(result, issue.path, value);
  }
  return result;
};

/** Providers have one address, which the schema lets be left out. */
const withUrls = (config: ParsedConfig): Config => ({
  ...config,
  backends: Object.fromEntries(
    Object.entries(config.backends).map(([id, backend]) => [
      id,
      { ...backend, url: backend.url ?? providerUrl(backend.kind) ?? '' },
    ]),
  ),
});

/** Checks a tree against the schema and then its keys against each other; `places` are those that were expanded. */
export const checkConfig = (tree: Json, places: ReadonlySet<string> = new Set()): CheckedConfig => {
  const input = places.size === 0 ? tree : respelled(tree, places);
  const { data, error } = configSchema.safeParse(input, once);
  if (error !== undefined) return { problems: problemLines(error.issues, input, configSchema) };
  const config = withUrls(data);
  const problems = crossCheck(config);
  return problems.length > 0 ? { problems } : { config };
};
