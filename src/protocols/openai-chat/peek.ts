/** The first look at an OpenAI body: what must be right, and what the planner needs. May import spec. */

import { asNumber, asObject, type Json, type JsonObject } from '../../spec/json.ts';
import type { Capability, Inference } from '../../spec/vocabulary.ts';
import { isImage } from '../is-image.ts';
import type { Peek } from '../protocol.ts';
import {
  checkFlag,
  checkMessages,
  checkModel,
  checkNumbers,
  checkObject,
  checkPartType,
  checkStrings,
  checkTools,
  invalid,
  isAbsent,
} from '../request-checks.ts';
import { checkToolResults } from './check-tool-results.ts';
import { numberFields, partTypes, roles } from './schema.ts';

/** Reads what routing needs and refuses what no server of this dialect takes; unknown fields pass. */
export const peek = (body: JsonObject, operation: Inference): Peek => {
  const model = checkModel(body.model);
  const stream = checkFlag(body, 'stream') ?? false;
  const needs: Capability[] = [];
  if (operation === 'embed') lookAtEmbeddings(body, needs);
  else {
    checkNumbers(body, numberFields);
    checkObject(body.stream_options, 'stream_options');
    if (!isAbsent(body.stop) && typeof body.stop !== 'string') checkStrings(body.stop, 'stop');
    if (operation === 'chat') lookAtChat(body, needs);
    else lookAtCompletion(body, needs);
  }
  const maxOutputTokens = asNumber(body.max_completion_tokens) ?? asNumber(body.max_tokens);
  return { model, stream: stream && operation !== 'embed', intent: body.intent, maxOutputTokens, needs };
};

interface Seen {
  images: boolean;
  audio: boolean;
}

const lookAtChat = (body: JsonObject, needs: Capability[]): void => {
  if (isAbsent(body.messages)) throw invalid('messages', 'messages is required');
  const messages = checkMessages(body.messages, roles);
  if (messages.length === 0) throw invalid('messages', 'messages must not be empty');
  const seen: Seen = { images: false, audio: false };
  for (let index = 0; index < messages.length; index += 1)
    checkMessage(messages[index] as JsonObject, index, seen);
  checkToolResults(messages);
  checkFlag(body, 'logprobs');
  const format = checkObject(body.response_format, 'response_format');
  if (format !== undefined && typeof format.type !== 'string') {
    throw invalid('response_format.type', 'response_format.type must be a string');
  }
  if (checkTools(body.tools)) needs.push('tools');
  if (seen.images) needs.push('vision');
  if (seen.audio) needs.push('audio');
};

const checkMessage = (message: JsonObject, index: number, seen: Seen): void => {
  const { content } = message;
  if (Array.isArray(content)) {
    for (let part = 0; part < content.length; part += 1) {
      checkPart(content[part], `messages[${index}].content[${part}]`, seen);
    }
  } else if (typeof content !== 'string' && !(isAbsent(content) && message.role === 'assistant')) {
    throw invalid(
      `messages[${index}].content`,
      `messages[${index}].content must be a string or an array of parts`,
    );
  }
  if (!isAbsent(message.tool_calls)) checkToolCalls(message.tool_calls, `messages[${index}].tool_calls`);
};

const checkPart = (value: Json | undefined, field: string, seen: Seen): void => {
  const part = asObject(value);
  if (part === undefined) throw invalid(field, `${field} must be an object`);
  switch (part.type) {
    case 'text':
      if (typeof part.text !== 'string') throw invalid(`${field}.text`, `${field}.text must be a string`);
      return;
    case 'image_url':
      checkImage(asObject(part.image_url)?.url ?? part.image_url, `${field}.image_url.url`);
      seen.images = true;
      return;
    case 'input_audio':
      if (typeof asObject(part.input_audio)?.data !== 'string') {
        throw invalid(`${field}.input_audio.data`, `${field}.input_audio.data must be a string`);
      }
      seen.audio = true;
      return;
    default:
      checkPartType(part.type, partTypes, field);
  }
};

/** Formats that are told from their first bytes, of which few need be there; other types pass as they are. */
const commonImage = /^data:image\/(?:png|jpe?g|gif|webp);base64,/i;

const checkImage = (url: Json | undefined, at: string): void => {
  if (typeof url !== 'string') throw invalid(at, `${at} must be a string`);
  const head = commonImage.exec(url)?.[0];
  if (head !== undefined && !isImage(url.slice(head.length)))
    throw invalid(at, `${at} does not hold an image`);
};

const checkToolCalls = (value: Json | undefined, field: string): void => {
  if (!Array.isArray(value)) throw invalid(field, `${field} must be an array`);
  for (let index = 0; index < value.length; index += 1) {
    const call = checkObject(value[index] ?? false, `${field}[${index}]`);
    if (isAbsent(call?.function)) continue;
    const at = `${field}[${index}].function`;
    const called = checkObject(call?.function, at);
    if (typeof called?.name !== 'string') throw invalid(`${at}.name`, `${at}.name must be a string`);
    if (!isAbsent(called.arguments) && typeof called.arguments !== 'string') {
      throw invalid(`${at}.arguments`, `${at}.arguments must be a string of JSON`);
    }
  }
};

const lookAtCompletion = (body: JsonObject, needs: Capability[]): void => {
  const { prompt, suffix } = body;
  if (isAbsent(prompt)) throw invalid('prompt', 'prompt is required');
  if (typeof prompt !== 'string' && !isTextOrTokens(prompt)) {
    throw invalid('prompt', 'prompt must be a string, an array of strings or an array of tokens');
  }
  if (!isAbsent(suffix) && typeof suffix !== 'string') throw invalid('suffix', 'suffix must be a string');
  if (!isAbsent(body.logprobs) && typeof body.logprobs !== 'number') {
    throw invalid('logprobs', 'logprobs must be a number');
  }
  if (suffix) needs.push('insert');
};

const lookAtEmbeddings = (body: JsonObject, needs: Capability[]): void => {
  const { input, encoding_format: encoding } = body;
  if (isAbsent(input)) throw invalid('input', 'input is required');
  if (typeof input !== 'string' && !isTextOrTokens(input)) {
    throw invalid(
      'input',
      'input must be a string, an array of strings or an array of tokens, and not empty',
    );
  }
  checkNumbers(body, ['dimensions']);
  if (!isAbsent(encoding)) {
    const name = typeof encoding === 'string' ? encoding.toLowerCase() : '';
    if (name !== 'float' && name !== 'base64') {
      throw invalid('encoding_format', "encoding_format must be one of 'float', 'base64'");
    }
  }
  needs.push('embedding');
};

/** Texts, tokens, or arrays of tokens, all of one kind; the first entry says which. */
const isTextOrTokens = (value: Json): boolean => {
  if (!Array.isArray(value) || value.length === 0) return false;
  const kind = typeof value[0];
  if (kind === 'string' || kind === 'number') return value.every((entry) => typeof entry === kind);
  return value.every((entry) => Array.isArray(entry) && entry.every((token) => typeof token === 'number'));
};
