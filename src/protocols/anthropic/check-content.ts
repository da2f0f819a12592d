/** The content blocks of a message: each fault is named by its path. May import spec. */

import { asObject, type Json, type JsonObject } from '../../spec/json.ts';
import { imageTypeOf } from '../image-type.ts';
import { invalid, isAbsent, unknownPart } from '../request-checks.ts';
import { isOwnThinking } from './purged.ts';
import { imageTypes, isBlockType } from './schema.ts';

/** What was met so far. */
export interface Seen {
  images: boolean;
  /** Whether there is reasoning that the provider did not sign. */
  isMixed: boolean;
  /** The ids of the calls that a result may answer. */
  readonly calls: Set<string>;
}

/** A text or blocks; `role` decides which blocks have a place in it. */
export const checkContent = (
  value: Json | undefined,
  role: Json | undefined,
  at: string,
  seen: Seen,
): void => {
  if (typeof value === 'string') return;
  if (!Array.isArray(value)) throw invalid(at, `${at} must be a string or an array of content blocks`);
  for (let index = 0; index < value.length; index += 1) {
    checkBlock(value[index], role, `${at}[${index}]`, seen);
  }
};

const text = (block: JsonObject, field: string, at: string): string => {
  const value = block[field];
  if (typeof value !== 'string') throw invalid(`${at}.${field}`, `${at}.${field} must be a string`);
  return value;
};

const checkBlock = (value: Json | undefined, role: Json | undefined, at: string, seen: Seen): void => {
  const block = asObject(value);
  if (block === undefined) throw invalid(at, `${at} must be an object`);
  switch (block.type) {
    case 'text':
      text(block, 'text', at);
      return;
    case 'image':
      checkImage(block, at);
      seen.images = true;
      return;
    case 'document':
      checkSource(block, at);
      return;
    case 'tool_use':
      demandRole(role, 'assistant', block.type, at);
      seen.calls.add(text(block, 'id', at));
      text(block, 'name', at);
      if (!isAbsent(block.input) && asObject(block.input) === undefined) {
        throw invalid(`${at}.input`, `${at}.input must be an object`);
      }
      return;
    case 'tool_result':
      demandRole(role, 'user', block.type, at);
      checkResult(block, at, seen);
      return;
    case 'thinking':
      demandRole(role, 'assistant', block.type, at);
      text(block, 'thinking', at);
      if (!isOwnThinking(block)) seen.isMixed = true;
      return;
    case 'redacted_thinking':
      demandRole(role, 'assistant', block.type, at);
      text(block, 'data', at);
      if (!isOwnThinking(block)) seen.isMixed = true;
      return;
    default:
      if (typeof block.type !== 'string') throw invalid(`${at}.type`, `${at}.type must be a string`);
      if (!isBlockType(block.type)) throw unknownPart(block.type, at);
  }
};

const demandRole = (role: Json | undefined, wanted: string, type: string, at: string): void => {
  if (role !== wanted)
    throw invalid(at, `${at}: a block of type ${type} belongs to a message of role ${wanted}`);
};

const checkResult = (block: JsonObject, at: string, seen: Seen): void => {
  const id = text(block, 'tool_use_id', at);
  if (!seen.calls.has(id)) {
    throw invalid(
      `${at}.tool_use_id`,
      `${at}.tool_use_id: each tool_result must have a tool_use of the same id in an earlier message`,
    );
  }
  if (!isAbsent(block.is_error) && typeof block.is_error !== 'boolean') {
    throw invalid(`${at}.is_error`, `${at}.is_error must be true or false`);
  }
  if (!isAbsent(block.content)) checkContent(block.content, 'result', `${at}.content`, seen);
};

const checkSource = (block: JsonObject, at: string): JsonObject => {
  const source = asObject(block.source);
  if (source === undefined) throw invalid(`${at}.source`, `${at}.source must be an object`);
  const path = `${at}.source`;
  if (source.type === 'base64' || source.type === 'text') {
    text(source, 'data', path);
    text(source, 'media_type', path);
  } else if (source.type === 'url') text(source, 'url', path);
  else if (typeof source.type !== 'string') throw invalid(`${path}.type`, `${path}.type must be a string`);
  return source;
};

/** The first bytes tell; they are there even of an image whose rest is kept elsewhere. */
const checkImage = (block: JsonObject, at: string): void => {
  const source = checkSource(block, at);
  if (source.type !== 'base64') return;
  if (!imageTypes.has(source.media_type as string)) {
    throw invalid(
      `${at}.source.media_type`,
      `${at}.source.media_type must be one of ${[...imageTypes].join(', ')}`,
    );
  }
  if (imageTypeOf(source.data as string) === undefined) {
    throw invalid(`${at}.source.data`, `${at}.source.data is not an image in base64`);
  }
};
