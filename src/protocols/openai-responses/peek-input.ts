/** Checks of a request's input, item by item; each names the path at fault. May import spec. */

import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { imageTypeOf } from '../image-type.ts';
import { checkObject, invalid, isAbsent, unknownPart } from '../request-checks.ts';
import { typeOfItem } from './items.ts';
import { roles } from './schema.ts';

/** What was met on the way. */
export interface Seen {
  images: boolean;
  audio: boolean;
  /** Whether calls may stand in what is kept of earlier answers, and not in the input. */
  references: boolean;
}

const maxItems = 4000;

/** Checks `input`; a request that continues an earlier answer may be without any. */
export const checkInput = ({ input }: JsonObject, seen: Seen): void => {
  if (isAbsent(input)) {
    if (!seen.references) throw invalid('input', 'input is required');
    return;
  }
  if (typeof input === 'string') return;
  if (!Array.isArray(input)) throw invalid('input', 'input must be a string or an array of items');
  if (input.length === 0 && !seen.references) throw invalid('input', 'input must not be empty');
  if (input.length > maxItems) throw invalid('input', `input must hold at most ${maxItems} items`);
  for (const [index, item] of input.entries()) checkItem(item, `input[${index}]`, seen);
  if (!seen.references) checkResults(input);
};

/** Refuses a result whose call is nowhere before it: an engine would take it for one of another call. */
export const checkResults = (items: readonly Json[]): void => {
  const called = new Set<Json | undefined>();
  for (const [index, value] of items.entries()) {
    const item = asObject(value) ?? {};
    if (item.type === 'function_call' || item.type === 'custom_tool_call') called.add(item.call_id);
    else if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output') {
      if (!called.has(item.call_id)) {
        throw invalid(
          `input[${index}].call_id`,
          `no tool call found for the ${item.type} with call_id ${JSON.stringify(item.call_id)}`,
        );
      }
    }
  }
};

const checkItem = (value: Json, at: string, seen: Seen): void => {
  const item = asObject(value);
  if (item === undefined) throw invalid(at, `${at} must be an object`);
  const type = typeOfItem(item);
  if (type === undefined) throw invalid(`${at}.type`, `${at}.type must be a string`);
  switch (type) {
    case 'message':
      checkMessage(item, at, seen);
      return;
    case 'function_call':
    case 'custom_tool_call':
      for (const field of ['call_id', 'name', type === 'function_call' ? 'arguments' : 'input']) {
        checkString(item[field], `${at}.${field}`);
      }
      return;
    case 'function_call_output':
    case 'custom_tool_call_output':
      checkString(item.call_id, `${at}.call_id`);
      checkContent(item.output, `${at}.output`, seen);
      return;
    case 'reasoning':
      checkParts(item.summary, `${at}.summary`);
      checkParts(item.content, `${at}.content`);
      if (!isAbsent(item.encrypted_content)) checkString(item.encrypted_content, `${at}.encrypted_content`);
      return;
    case 'image_generation_call':
      return;
    case 'item_reference':
      checkString(item.id, `${at}.id`);
      seen.references = true;
      return;
    default:
      throw unknownPart(type, at);
  }
};

const checkString = (value: Json | undefined, at: string): void => {
  if (typeof value !== 'string') throw invalid(at, `${at} must be a string`);
};

const checkMessage = (item: JsonObject, at: string, seen: Seen): void => {
  const { role } = item;
  checkString(role, `${at}.role`);
  if (typeof role === 'string' && !roles.has(role)) {
    throw invalid(`${at}.role`, `${at}.role must be one of ${[...roles].join(', ')}`);
  }
  checkContent(item.content, `${at}.content`, seen);
};

const checkContent = (content: Json | undefined, at: string, seen: Seen): void => {
  if (typeof content === 'string') return;
  const parts = asArray(content);
  if (parts === undefined) throw invalid(at, `${at} must be a string or an array of parts`);
  for (const [index, part] of parts.entries()) checkPart(part, `${at}[${index}]`, seen);
};

const checkPart = (value: Json, at: string, seen: Seen): void => {
  const part = asObject(value);
  if (part === undefined) throw invalid(at, `${at} must be an object`);
  checkString(part.type, `${at}.type`);
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      checkString(part.text, `${at}.text`);
      return;
    case 'refusal':
      checkString(part.refusal, `${at}.refusal`);
      return;
    case 'input_image':
      seen.images = true;
      checkImage(part.image_url, `${at}.image_url`);
      return;
    case 'input_file':
      checkFile(part, at);
      return;
    case 'input_audio':
      seen.audio = true;
      checkString(checkObject(part.input_audio, `${at}.input_audio`)?.data, `${at}.input_audio.data`);
      return;
    default:
      throw unknownPart(asString(part.type) ?? '', at);
  }
};

/** The formats that every vision model takes, and that can be told from their first bytes. */
const commonTypes: ReadonlySet<string> = new Set(['png', 'jpeg', 'jpg', 'gif', 'webp']);

const checkImage = (url: Json | undefined, at: string): void => {
  checkString(url, at);
  if (typeof url !== 'string' || /^https?:\/\//i.test(url)) return;
  const head = /^data:image\/([\w.+-]+);base64,/i.exec(url);
  if (head === null) throw invalid(at, `${at} must be a data URL of an image in base64, or an http URL`);
  const isKnown = commonTypes.has((head[1] ?? '').toLowerCase());
  if (isKnown && imageTypeOf(url.slice(head[0].length)) === undefined) {
    throw invalid(at, `${at} does not hold an image`);
  }
};

/** Files are read here only where they are in the request itself. */
const checkFile = (part: JsonObject, at: string): void => {
  for (const field of ['file_id', 'file_url'] as const) {
    if (!isAbsent(part[field])) {
      throw invalid(
        `${at}.${field}`,
        `${at}.${field} is not supported here; send the file itself as file_data`,
      );
    }
  }
  checkString(part.file_data, `${at}.file_data`);
};

const checkParts = (value: Json | undefined, at: string): void => {
  if (isAbsent(value)) return;
  const parts = asArray(value);
  if (parts === undefined) throw invalid(at, `${at} must be an array`);
  for (const [index, part] of parts.entries()) {
    if (typeof asObject(part)?.text !== 'string') {
      throw invalid(`${at}[${index}].text`, `${at}[${index}].text must be a string`);
    }
  }
};
