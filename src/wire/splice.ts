/**
 * Edits of named members of a JSON body by byte range: a body that passes through keeps its numbers,
 * spacing and unknown fields to the byte, which parsing and rendering would not. Imports spec and this folder.
 */

import type { Json } from '../spec/json.ts';
import { type JsonMember, type JsonMembers, readJsonMembers, skipJsonSpace } from './json-members.ts';
import { encodeUtf8 } from './utf8.ts';

/** Sets a member, or deletes it where `value` is undefined. A path has one name or two. */
export interface JsonEdit {
  readonly path: readonly string[];
  readonly value: Json | undefined;
}

/** The edits of one object: names to new values. */
type Changes = ReadonlyMap<string, Json | undefined>;

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

const OPEN_BRACE = 0x7b;
const NO_BYTES = new Uint8Array(0);

const equalsAt = (bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean => {
  if (end - start !== expected.length) return false;
  for (let index = 0; index < expected.length; index += 1) {
    if (bytes[start + index] !== expected[index]) return false;
  }
  return true;
};

type Found = JsonMember | 'absent' | 'duplicate';

const findMember = (bytes: Uint8Array, members: readonly JsonMember[], name: string): Found => {
  const nameBytes = encodeUtf8(name);
  let found: Found = 'absent';
  for (const member of members) {
    if (!equalsAt(bytes, member.nameStart, member.nameEnd, nameBytes)) continue;
    if (found !== 'absent') return 'duplicate';
    found = member;
  }
  return found;
};

const renderMember = (name: string, value: Json): string =>
  `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/**
 * The replacements that remove members and put new ones behind the last that stays.
 * A removed member takes along the comma behind it; those removed at the end take the comma before them.
 */
const restructure = (
  object: JsonMembers,
  removed: ReadonlySet<JsonMember>,
  added: readonly string[],
): readonly Replacement[] => {
  const { members } = object;
  const replacements: Replacement[] = [];
  let lastKept: JsonMember | undefined;
  for (const member of members) if (!removed.has(member)) lastKept = member;
  for (const [position, member] of members.entries()) {
    if (member === lastKept || lastKept === undefined) break;
    const next = members[position + 1];
    if (next === undefined || !removed.has(member)) continue;
    replacements.push({ start: member.nameStart - 1, end: next.nameStart - 1, bytes: NO_BYTES });
  }
  const [first] = members;
  const last = members.at(-1);
  const start = lastKept?.valueEnd ?? (first === undefined ? object.open + 1 : first.nameStart - 1);
  const end = last?.valueEnd ?? start;
  const text = `${lastKept === undefined || added.length === 0 ? '' : ','}${added.join(',')}`;
  if (end > start || text !== '') replacements.push({ start, end, bytes: encodeUtf8(text) });
  return replacements;
};

const editObject = (
  bytes: Uint8Array,
  object: JsonMembers,
  changes: Changes,
): readonly Replacement[] | undefined => {
  const replacements: Replacement[] = [];
  const removed = new Set<JsonMember>();
  const added: string[] = [];
  for (const [name, value] of changes) {
    const member = findMember(bytes, object.members, name);
    if (member === 'duplicate') return undefined;
    if (member === 'absent') {
      if (value !== undefined) added.push(renderMember(name, value));
    } else if (value === undefined) {
      removed.add(member);
    } else {
      const rendered = encodeUtf8(JSON.stringify(value));
      const { valueStart, valueEnd } = member;
      if (equalsAt(bytes, valueStart, valueEnd, rendered)) continue;
      replacements.push({ start: valueStart, end: valueEnd, bytes: rendered });
    }
  }
  if (removed.size > 0 || added.length > 0) replacements.push(...restructure(object, removed, added));
  return replacements;
};

const apply = (bytes: Uint8Array, unordered: readonly Replacement[]): Uint8Array => {
  const replacements = unordered.toSorted((left, right) => left.start - right.start || left.end - right.end);
  let sizeBytes = bytes.length;
  for (const { start, end, bytes: inserted } of replacements) sizeBytes += inserted.length - (end - start);
  const edited = new Uint8Array(sizeBytes);
  let from = 0;
  let to = 0;
  for (const { start, end, bytes: inserted } of replacements) {
    edited.set(bytes.subarray(from, start), to);
    edited.set(inserted, to + start - from);
    to += start - from + inserted.length;
    from = end;
  }
  edited.set(bytes.subarray(from), to);
  return edited;
};

interface Grouped {
  readonly top: Map<string, Json | undefined>;
  readonly nested: ReadonlyMap<string, Map<string, Json | undefined>>;
}

/** Undefined where two edits meet at one place, whose order would then matter. */
const group = (edits: readonly JsonEdit[]): Grouped | undefined => {
  const top = new Map<string, Json | undefined>();
  const nested = new Map<string, Map<string, Json | undefined>>();
  for (const { path, value } of edits) {
    const [first, second, ...deeper] = path;
    if (first === undefined || deeper.length > 0) return undefined;
    const changes = second === undefined ? top : (nested.get(first) ?? new Map<string, Json | undefined>());
    if (changes.has(second ?? first)) return undefined;
    changes.set(second ?? first, value);
    if (second !== undefined) nested.set(first, changes);
  }
  for (const name of nested.keys()) if (top.has(name)) return undefined;
  return { top, nested };
};

/** What is left of a change set when its object does not exist: the members to create it with. */
const created = (changes: Changes): Json | undefined => {
  const members = [...changes].filter(([, value]) => value !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
};

/**
 * Gives the edited body, the same bytes object where nothing changes, or undefined where it cannot be sure
 * and the caller must render the body instead. Values are skimmed, not validated: the body has been parsed before.
 */
export const spliceJson = (bytes: Uint8Array, edits: readonly JsonEdit[]): Uint8Array | undefined => {
  const grouped = group(edits);
  const object = readJsonMembers(bytes, skipJsonSpace(bytes, 0));
  if (grouped === undefined || object === undefined) return undefined;
  if (skipJsonSpace(bytes, object.close + 1) !== bytes.length) return undefined;

  const replacements: Replacement[] = [];
  for (const [name, changes] of grouped.nested) {
    const member = findMember(bytes, object.members, name);
    if (member === 'duplicate') return undefined;
    if (member === 'absent') {
      grouped.top.set(name, created(changes));
      continue;
    }
    if (bytes[member.valueStart] !== OPEN_BRACE && created(changes) === undefined) continue;
    const inner = readJsonMembers(bytes, member.valueStart);
    const innerReplacements = inner === undefined ? undefined : editObject(bytes, inner, changes);
    if (innerReplacements === undefined) return undefined;
    replacements.push(...innerReplacements);
  }
  const outerReplacements = editObject(bytes, object, grouped.top);
  if (outerReplacements === undefined) return undefined;
  replacements.push(...outerReplacements);
  return replacements.length === 0 ? bytes : apply(bytes, replacements);
};
