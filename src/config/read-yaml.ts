/** YAML text to a plain tree, with positions for what is wrong. Imports spec and `yaml`. */

import { type ErrorCode, LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { Json } from '../spec/json.ts';
import { type Path, pathText } from './path-text.ts';

/** Either plain data or why the text is none. */
export type YamlTree = { readonly value: Json } | { readonly problems: readonly string[] };

const maxCharacters = 2 ** 20;
const maxDepth = 32;

/** The parser's own messages quote the text at fault, which may be a key: these say the same without it. */
const sentences: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'this alias names no anchor above it',
  BAD_DQ_ESCAPE: 'this escape does not exist between double quotes',
  BAD_INDENT: 'the indentation is wrong, or a bracket is not closed',
  BAD_SCALAR_START: 'a text that begins with this character must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'a text with ": " in it must be quoted, and a nested mapping begins on its own line',
  DUPLICATE_KEY: 'this key is given twice',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a colon is missing after this key',
  MULTIPLE_DOCS: 'a second document begins here; one file holds one',
  NON_STRING_KEY: 'a key must be a text',
  TAB_AS_INDENT: 'a tab cannot indent; use spaces',
  TAG_RESOLVE_FAILED: 'tags are not supported',
};

const errorLine = (error: YAMLError, lines: LineCounter): string => {
  const { line, col } = lines.linePos(error.pos[0]);
  return `line ${line}, column ${col}: ${sentences[error.code] ?? 'this is not YAML'}`;
};

const shieldable = /\$\{[^{}"'\\\r\n]*\}/g;
const shieldSize = 128;
const privateUse = { first: 0xe000, last: 0xf8ff } as const;

/** A block of code points the text does not use; undefined where it uses all of them. */
const freeBlock = (text: string): number | undefined => {
  const used = new Set<number>();
  for (let index = 0; index < text.length; index += 1)
    used.add(Math.floor(text.charCodeAt(index) / shieldSize));
  for (let block = privateUse.first; block < privateUse.last; block += shieldSize) {
    if (!used.has(block / shieldSize)) return block;
  }
  return undefined;
};

/**
 * Hides what stands between `${` and `}` from the YAML parser, one character for one, so that an expansion may
 * stand unquoted anywhere (its braces would end a flow mapping) and positions stay right.
 */
const shielded = (text: string, block: number): string =>
  text.replace(shieldable, (found) =>
    found.replace(/[^\w$-]/g, (character) => {
      const code = character.charCodeAt(0);
      return code < shieldSize ? String.fromCharCode(block + code) : character;
    }),
  );

const unshielded = (text: string, block: number): string => {
  let plain = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    plain += String.fromCharCode(code >= block && code < block + shieldSize ? code - block : code);
  }
  return plain;
};

/** Rebuilds what the parser made as plain data; throws a sentence for what a configuration cannot hold. */
const plainTree = (node: unknown, path: Path, restore: (text: string) => string): Json => {
  if (typeof node === 'string') return restore(node);
  if (node === null || typeof node === 'boolean' || typeof node === 'number') return node;
  if (path.length >= maxDepth) throw new SyntaxError(`${pathText(path.slice(0, 4))}: is nested too deeply`);
  if (Array.isArray(node)) return node.map((child, index) => plainTree(child, [...path, index], restore));
  if (typeof node !== 'object' || Object.getPrototypeOf(node) !== Object.prototype) {
    throw new SyntaxError(`${pathText(path)}: tags are not supported`);
  }
  const tree: Record<string, Json> = {};
  for (const [shieldedKey, child] of Object.entries(node)) {
    const key = restore(shieldedKey);
    // Assigning it would swap the prototype of the tree instead of setting a key.
    if (key === '__proto__') throw new SyntaxError(`${pathText([...path, key])}: unknown key`);
    tree[key] = plainTree(child, [...path, key], restore);
  }
  return tree;
};

/**
 * Reads one YAML 1.2 document; anchors, aliases and merge keys are understood, tags are not.
 * Never throws, and no problem quotes the file.
 */
export const readYaml = (text: string): YamlTree => {
  if (text.length > maxCharacters) return { problems: ['the file: is longer than 1 MiB'] };
  const block = freeBlock(text);
  const lineCounter = new LineCounter();
  try {
    const document = parseDocument(block === undefined ? text : shielded(text, block), {
      lineCounter,
      merge: true,
      prettyErrors: false,
      schema: 'core',
      stringKeys: true,
      version: '1.2',
    });
    const [first] = [...document.errors, ...document.warnings];
    // One is enough: a mistake in the syntax makes the parser see others that are none.
    if (first !== undefined) return { problems: [errorLine(first, lineCounter)] };
    const restore =
      block === undefined ? (plain: string) => plain : (plain: string) => unshielded(plain, block);
    return { value: plainTree(document.toJS(), [], restore) };
  } catch (error) {
    if (error instanceof SyntaxError) return { problems: [error.message] };
    if (error instanceof ReferenceError)
      return { problems: ['the file: an alias names no anchor, or there are too many'] };
    return { problems: ['the file: is not YAML'] };
  }
};
