/** The first look at an Ollama body: what must be right, and what the planner needs. May import spec. */

import { asObject, type Json, type JsonObject } from '../../spec/json.ts';
import type { Capability, Inference } from '../../spec/vocabulary.ts';
import { isImage } from '../is-image.ts';
import type { Peek } from '../protocol.ts';
import {
  checkFlag,
  checkMessages,
  checkModel,
  checkObject,
  checkStrings,
  checkTools,
  invalid,
  isAbsent,
} from '../request-checks.ts';
import { checkToolResults } from './check-tool-results.ts';
import { isDuration, isThinkLevel, isZeroDuration, numberOptions, roles } from './schema.ts';

/**
 * Reads what routing needs and refuses what no Ollama server takes.
 * As forgiving as the real server: `null` and empty strings are absent, unknown fields are nobody's business.
 */
export const peek = (body: JsonObject, operation: Inference): Peek => {
  const model = checkModel(modelField(body));
  const stream = checkFlag(body, 'stream') ?? true;
  const options = checkObject(body.options, 'options');
  if (options !== undefined) checkOptions(options);
  checkKeepAlive(body.keep_alive);

  const needs: Capability[] = [];
  const isEmpty =
    operation === 'chat'
      ? lookAtChat(body, needs)
      : operation === 'complete'
        ? lookAtGenerate(body, needs)
        : lookAtEmbed(body, needs);
  const residency = isEmpty ? (isZeroDuration(body.keep_alive) ? 'unload' : 'load') : undefined;
  return {
    model,
    stream: stream && operation !== 'embed',
    residency,
    intent: body.intent,
    maxOutputTokens: tokensOf(options?.num_predict),
    contextTokens: tokensOf(options?.num_ctx),
    needs,
  };
};

/** Zero and less have meanings of their own. */
const tokensOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && value > 0 ? value : undefined;

/** The older key `name` counts where `model` is empty: the command line client sends both, one of them empty. */
export const modelField = (body: JsonObject): Json | undefined =>
  isAbsent(body.model) || body.model === '' ? body.name : body.model;

const lookAtChat = (body: JsonObject, needs: Capability[]): boolean => {
  const messages = isAbsent(body.messages) ? [] : checkMessages(body.messages, roles);
  let seesImages = false;
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index] as JsonObject;
    if (!isAbsent(message.content) && typeof message.content !== 'string') {
      throw invalid(`messages[${index}].content`, `messages[${index}].content must be a string`);
    }
    if (!isAbsent(message.images)) {
      seesImages = checkImages(message.images, `messages[${index}].images`) || seesImages;
    }
    if (!isAbsent(message.tool_calls)) checkToolCalls(message.tool_calls, `messages[${index}].tool_calls`);
  }
  checkToolResults(messages);
  if (checkTools(body.tools)) needs.push('tools');
  if (seesImages) needs.push('vision');
  lookAtSampling(body, needs);
  return messages.length === 0;
};

/** Images in base64; returns whether there are any. */
const checkImages = (value: Json | undefined, field: string): boolean => {
  const images = checkStrings(value, field);
  for (let index = 0; index < images.length; index += 1) {
    if (!isImage(images[index] as string))
      throw invalid(`${field}[${index}]`, `${field}[${index}] is not an image`);
  }
  return images.length > 0;
};

const lookAtGenerate = (body: JsonObject, needs: Capability[]): boolean => {
  for (const field of ['prompt', 'suffix', 'system', 'template'] as const) {
    if (!isAbsent(body[field]) && typeof body[field] !== 'string')
      throw invalid(field, `${field} must be a string`);
  }
  checkFlag(body, 'raw');
  if (typeof body.suffix === 'string' && body.suffix !== '') needs.push('insert');
  if (checkImages(body.images, 'images')) needs.push('vision');
  lookAtSampling(body, needs);
  return isAbsent(body.prompt) || body.prompt === '';
};

const lookAtEmbed = (body: JsonObject, needs: Capability[]): boolean => {
  needs.push('embedding');
  if (!isAbsent(body.prompt) && typeof body.prompt !== 'string')
    throw invalid('prompt', 'prompt must be a string');
  const { input } = body;
  if (isAbsent(input) || input === '') return isAbsent(body.prompt) || body.prompt === '';
  if (typeof input === 'string') return false;
  if (!Array.isArray(input) || input.some((text) => typeof text !== 'string')) {
    throw invalid('input', 'invalid input type: input must be a string or an array of strings');
  }
  return input.length === 0;
};

const lookAtSampling = (body: JsonObject, needs: Capability[]): void => {
  const { think, format, top_logprobs: top } = body;
  if (!isAbsent(think) && think !== '') {
    if (typeof think !== 'boolean' && !isThinkLevel(think)) {
      throw invalid('think', `invalid think value: ${JSON.stringify(think)} (must be ${thinkValues})`);
    }
    if (think !== false) needs.push('thinking');
  }
  if (!isAbsent(format) && format !== '' && format !== 'json' && asObject(format) === undefined) {
    throw invalid(
      'format',
      `invalid format: ${JSON.stringify(format)}; expected "json" or a valid JSON Schema object`,
    );
  }
  checkFlag(body, 'logprobs');
  if (!isAbsent(top) && (typeof top !== 'number' || top < 0 || top > 20)) {
    throw invalid('top_logprobs', 'top_logprobs must be between 0 and 20');
  }
};

const thinkValues = '"high", "medium", "low", "max", true, or false';

const checkOptions = (options: JsonObject): void => {
  for (const name in options) {
    const value = options[name];
    if (isAbsent(value)) continue;
    if (name === 'stop') checkStrings(value, 'options.stop');
    else if (typeof value !== 'number' && numberOptions.has(name)) {
      throw invalid(`options.${name}`, `options.${name} must be a number`);
    }
  }
};

const checkToolCalls = (value: Json, field: string): void => {
  if (!Array.isArray(value)) throw invalid(field, `${field} must be an array`);
  for (let index = 0; index < value.length; index += 1) {
    const call = asObject(asObject(value[index])?.function);
    const at = `${field}[${index}].function`;
    if (typeof call?.name !== 'string') throw invalid(`${at}.name`, `${at}.name must be a string`);
    if (!isAbsent(call.arguments) && asObject(call.arguments) === undefined) {
      throw invalid(`${at}.arguments`, `${at}.arguments must be an object`);
    }
  }
};

/** The texts are those of Ollama's own server, because people search for them. */
const checkKeepAlive = (value: Json | undefined): void => {
  if (isAbsent(value) || value === '' || typeof value === 'number') return;
  if (typeof value !== 'string') {
    const kind =
      typeof value === 'boolean'
        ? 'bool'
        : Array.isArray(value)
          ? '[]interface {}'
          : 'map[string]interface {}';
    throw invalid('keep_alive', `Unsupported type: '${kind}'`);
  }
  if (isDuration(value)) return;
  const quoted = JSON.stringify(value.slice(0, 64));
  const problem = /^[-+]?[\d.]*\d\.?$/.test(value) ? 'missing unit in duration' : 'invalid duration';
  throw invalid('keep_alive', `time: ${problem} ${quoted}`);
};
