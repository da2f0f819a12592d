/** What must be right of the turns of a conversation before anything is sent. May import spec. */

import { asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { isImage } from '../is-image.ts';
import { checkObject, invalid, isAbsent } from '../request-checks.ts';
import { listOf, member, roles } from './schema.ts';

/** What was found so far. */
export interface Seen {
  images: boolean;
  audio: boolean;
  /** The calls that were made, by what they can be answered under; absent until there is one. */
  calls: { readonly ids: Set<string>; readonly names: Set<string> } | undefined;
}

const maxContents = 2000;

/** The conversation: one turn at least. */
export const checkContents = (value: Json | undefined, seen: Seen): void => {
  if (isAbsent(value)) throw invalid('contents', 'contents is required');
  const contents = listOf(value);
  if (contents.length === 0) throw invalid('contents', 'contents must not be empty');
  if (contents.length > maxContents) {
    throw invalid('contents', `contents must hold at most ${maxContents} entries`);
  }
  for (let index = 0; index < contents.length; index += 1) {
    checkContent(contents[index], `contents[${index}]`, seen);
  }
};

/** One turn. */
export const checkContent = (value: Json | undefined, at: string, seen: Seen): void => {
  const content = asObject(value);
  if (content === undefined) throw invalid(at, `${at} must be an object`);
  const { role } = content;
  if (!isAbsent(role) && role !== '' && (typeof role !== 'string' || !roles.has(role))) {
    // Systems speak in a field of their own; what stands there may call itself so.
    if (at !== 'systemInstruction' || role !== 'system') {
      throw invalid(`${at}.role`, `${at}.role must be user or model`);
    }
  }
  const parts = listOf(content.parts);
  for (let index = 0; index < parts.length; index += 1) {
    checkPart(parts[index], `${at}.parts[${index}]`, role === 'model', seen);
  }
};

/** What a part can be that no other dialect has a word for. */
const ownKinds: readonly (readonly [camel: string, snake: string])[] = [
  ['executableCode', 'executable_code'],
  ['codeExecutionResult', 'code_execution_result'],
  ['toolCall', 'tool_call'],
  ['toolResponse', 'tool_response'],
  ['thoughtSignature', 'thought_signature'],
  ['audioTranscription', 'audio_transcription'],
];

const checkPart = (value: Json | undefined, at: string, isModel: boolean, seen: Seen): void => {
  const part = asObject(value);
  if (part === undefined) throw invalid(at, `${at} must be an object`);
  if (!isAbsent(part.text)) {
    if (typeof part.text !== 'string') throw invalid(`${at}.text`, `${at}.text must be a string`);
    return;
  }
  const data = member(part, 'inlineData', 'inline_data');
  if (!isAbsent(data)) {
    checkData(data, `${at}.inlineData`, seen);
    return;
  }
  const call = member(part, 'functionCall', 'function_call');
  if (!isAbsent(call)) {
    checkCall(call, `${at}.functionCall`, isModel, seen);
    return;
  }
  const response = member(part, 'functionResponse', 'function_response');
  if (!isAbsent(response)) {
    checkResponse(response, `${at}.functionResponse`, seen);
    return;
  }
  const file = member(part, 'fileData', 'file_data');
  if (!isAbsent(file)) {
    checkFile(file, `${at}.fileData`, seen);
    return;
  }
  if (ownKinds.some(([camel, snake]) => !isAbsent(member(part, camel, snake)))) return;
  throw invalid(at, `${at} holds none of text, inlineData, fileData, functionCall and functionResponse`);
};

/** Of a long string only the beginning may be here, which is all that is looked at. */
const checkData = (value: Json | undefined, at: string, seen: Seen): void => {
  const blob = checkObject(value, at);
  const data = blob?.data;
  const mediaType = blob && member(blob, 'mimeType', 'mime_type');
  if (typeof mediaType !== 'string' || mediaType === '') {
    throw invalid(`${at}.mimeType`, `${at}.mimeType must be a string`);
  }
  if (typeof data !== 'string') throw invalid(`${at}.data`, `${at}.data must be a string of base64`);
  if (mediaType.startsWith('image/')) {
    if (!isImage(data)) throw invalid(`${at}.data`, `${at}.data is not an image`);
    seen.images = true;
  } else if (mediaType.startsWith('audio/')) seen.audio = true;
};

/** Where a file lies is for Google to follow; nothing is fetched from here. */
const checkFile = (value: Json | undefined, at: string, seen: Seen): void => {
  const file = checkObject(value, at);
  const uri = file && member(file, 'fileUri', 'file_uri');
  if (typeof uri !== 'string' || uri === '') throw invalid(`${at}.fileUri`, `${at}.fileUri must be a string`);
  const mediaType = asString(file && member(file, 'mimeType', 'mime_type')) ?? '';
  if (mediaType.startsWith('image/')) seen.images = true;
  else if (mediaType.startsWith('audio/')) seen.audio = true;
};

const checkCall = (value: Json | undefined, at: string, isModel: boolean, seen: Seen): void => {
  const call = checkObject(value, at);
  const name = asString(call?.name) ?? '';
  if (call === undefined || name === '') throw invalid(`${at}.name`, `${at}.name must be a string`);
  checkObject(call.args, `${at}.args`);
  if (!isModel) throw invalid(at, `${at} belongs into a turn of the role model`);
  seen.calls ??= { ids: new Set(), names: new Set() };
  seen.calls.names.add(name);
  checkId(call, at);
  if (typeof call.id === 'string') seen.calls.ids.add(call.id);
};

const checkId = ({ id }: JsonObject, at: string): void => {
  if (!isAbsent(id) && typeof id !== 'string') throw invalid(`${at}.id`, `${at}.id must be a string`);
};

/** By its id where it and the calls have one, else by its name, as Google matches them. */
const checkResponse = (value: Json | undefined, at: string, { calls }: Seen): void => {
  const response = checkObject(value, at);
  const name = asString(response?.name) ?? '';
  if (response === undefined || name === '') throw invalid(`${at}.name`, `${at}.name must be a string`);
  if (asObject(response.response) === undefined) {
    throw invalid(`${at}.response`, `${at}.response must be an object`);
  }
  checkId(response, at);
  const answered =
    calls !== undefined &&
    ((typeof response.id === 'string' && calls.ids.has(response.id)) || calls.names.has(name));
  if (!answered) throw invalid(at, `${at} answers no functionCall that came before it`);
};
