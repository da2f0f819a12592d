/**
 * What a dialect keeps of a request beside its neutral form: fields no other dialect has, which are named when
 * another dialect drops them, and the spelling of neutral fields that can be written in several ways.
 * Rendering the same dialect gives both back. May import spec.
 */

import type { Extension } from '../spec/chat-request.ts';
import { asObject, type Json, type JsonObject } from '../spec/json.ts';
import type { ProtocolId } from '../spec/vocabulary.ts';

/** Holds the spelling inside an extension; a sent field of this very name counts as spelling, so nothing collides. */
const sentKey = '$sent';

type Fields = Record<string, Json | undefined>;

/** What of one object goes into its extension. */
export interface Kept {
  readonly unknown: Fields;
  /** Neutral fields as they were sent; a value of `undefined` says that the field was absent. */
  readonly sent: Fields;
}

/** Splits off the fields of `object` that are not in `known`. */
export const keepUnknown = (object: JsonObject, known: ReadonlySet<string>): Kept => {
  const kept: Kept = { unknown: {}, sent: {} };
  for (const field in object) {
    if (known.has(field)) continue;
    (field === sentKey ? kept.sent : kept.unknown)[field] = object[field];
  }
  return kept;
};

const isEmptyObject = (object: object): boolean => {
  for (const _ in object) return false;
  return true;
};

/** The extension for what was kept; absent when that is nothing. */
export const extensionOf = (protocol: ProtocolId, { unknown, sent }: Kept): Extension | undefined => {
  if (!isEmptyObject(sent)) return { [protocol]: { ...unknown, [sentKey]: sent } };
  return isEmptyObject(unknown) ? undefined : { [protocol]: unknown };
};

/** The two parts of an extension again. */
export const keptOf = (
  extension: Extension | undefined,
  protocol: ProtocolId,
): { unknown: JsonObject; sent: JsonObject } => {
  const own = extension?.[protocol];
  if (own === undefined) return nothingKept;
  const { [sentKey]: sent, ...unknown } = own;
  return { unknown, sent: asObject(sent) ?? {} };
};

const nothingKept = { unknown: {}, sent: {} };

/**
 * An object of the dialect as it was sent: the rendered fields, in the spelling they were sent in, and the unknown
 * ones. Who changes a neutral field that can be spelled in several ways drops the extension with it.
 */
export const restore = (
  rendered: JsonObject,
  extension: Extension | undefined,
  protocol: ProtocolId,
): JsonObject => {
  if (extension?.[protocol] === undefined) return rendered;
  const { unknown, sent } = keptOf(extension, protocol);
  return { ...unknown, ...rendered, ...sent };
};

/** Objects whose members are fields of their own, so that they are named one by one. */
const nested: ReadonlySet<string> = new Set([
  ...['options', 'function', 'image_url', 'input_audio', 'generationConfig', 'thinkingConfig', 'toolConfig'],
]);

/** Names the unknown fields of all dialects but `protocol`; fields without a value are no loss. */
export const nameDropped = (
  extension: Extension | undefined,
  protocol: ProtocolId,
  prefix: string,
  dropped: string[],
): void => {
  if (extension === undefined) return;
  for (const [origin, fields] of Object.entries(extension)) {
    if (origin !== protocol && fields !== undefined) nameFields(fields, prefix, dropped);
  }
};

const nameFields = (fields: JsonObject, prefix: string, dropped: string[]): void => {
  for (const [field, value] of Object.entries(fields)) {
    if (field === sentKey || isNothing(value)) continue;
    const members = nested.has(field) ? asObject(value) : undefined;
    if (members === undefined) dropped.push(`${prefix}${field}`);
    else nameFields(members, `${prefix}${field}.`, dropped);
  }
};

const isNothing = (value: Json | undefined): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
