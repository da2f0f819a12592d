/** `${VAR}`, `${VAR:-default}` and `${file:/path}` in the texts of a tree. Imports spec. */

import type { Json, JsonObject } from '../spec/json.ts';
import { type Path, pathText } from './path-text.ts';

/** Where expansions are read from: configuration itself sees neither environment nor files. */
export interface ConfigSources {
  env(name: string): string | undefined;
  readTextFile(path: string): Promise<string>;
}

/** A tree after expansion; its value is of use only without problems. */
export interface Expanded {
  readonly value: Json;
  /** The places whose text was expanded, each as `pathText` writes it. */
  readonly places: ReadonlySet<string>;
  readonly problems: readonly string[];
}

const reference = /\$\$\{|\$\{([^}]*)\}?/g;
const variable = /^([A-Za-z_]\w*)(?::-([^{]*))?$/;
const file = /^file:([^{]+)$/;

/** Writes a text so that expanding it gives it back. */
export const escapeExpansions = (text: string): string => text.replaceAll('${', () => '$${');

const malformed = `holds a \${ that is not \${VAR}, \${VAR:-default} or \${file:/path}; write $\${ where it is meant as text`;

/**
 * Expands every text in a tree; keys stay as they are.
 * As in a shell, the default also stands in for a variable that is set but empty.
 */
export const expand = async (tree: Json, sources: ConfigSources): Promise<Expanded> => {
  const places = new Set<string>();
  const problems: string[] = [];

  const resolve = async (inner: string, closed: boolean, where: string): Promise<string> => {
    const [, path] = file.exec(inner) ?? [];
    const [, name, fallback] = variable.exec(inner) ?? [];
    if (closed && path !== undefined) {
      try {
        return (await sources.readTextFile(path)).trim();
      } catch {
        problems.push(`${where}: the file ${JSON.stringify(path)} cannot be read`);
      }
    } else if (closed && name !== undefined) {
      const value = sources.env(name);
      if (value !== undefined && (value !== '' || fallback === undefined)) return value;
      if (fallback !== undefined) return fallback;
      problems.push(`${where}: the variable ${name} is not set and has no default`);
    } else {
      problems.push(`${where}: ${malformed}`);
    }
    return '';
  };

  const expandText = async (text: string, where: string): Promise<string> => {
    let expanded = '';
    let position = 0;
    for (const match of text.matchAll(reference)) {
      const [found, inner] = match;
      expanded += text.slice(position, match.index);
      expanded += inner === undefined ? '${' : await resolve(inner, found.endsWith('}'), where);
      position = match.index + found.length;
    }
    places.add(where);
    return expanded + text.slice(position);
  };

  const walk = async (node: Json, path: Path): Promise<Json> => {
    if (typeof node === 'string') return node.includes('${') ? expandText(node, pathText(path)) : node;
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) {
      const list: Json[] = [];
      for (const [index, child] of node.entries()) list.push(await walk(child, [...path, index]));
      return list;
    }
    const object: Record<string, Json> = {};
    for (const [key, child] of Object.entries(node as JsonObject)) {
      if (child !== undefined) object[key] = await walk(child, [...path, key]);
    }
    return object;
  };

  const value = await walk(tree, []);
  return { value, places, problems };
};
