/** The first look at a Gemini body: what must be right, and what the planner needs. May import spec. */

import { asNumber, type Json, type JsonObject } from '../../spec/json.ts';
import type { Capability, Inference } from '../../spec/vocabulary.ts';
import type { Peek } from '../protocol.ts';
import { checkModel, checkObject, checkStrings, invalid, isAbsent } from '../request-checks.ts';
import { checkContent, checkContents, type Seen } from './check-contents.ts';
import { configOf, listOf, member } from './schema.ts';

/** Reads what routing needs and refuses what Google's servers do not take; unknown fields pass. */
export const peek = (body: JsonObject, operation: Inference): Peek => {
  const model = checkModel(body.model);
  const { intent } = body;
  if (operation === 'embed') {
    checkEmbeddings(body);
    return { model, stream: false, intent, needs: ['embedding'] };
  }
  const needs: Capability[] = [];
  const seen: Seen = { images: false, audio: false, calls: undefined };
  checkConfig(body);
  const system = member(body, 'systemInstruction', 'system_instruction');
  if (!isAbsent(system)) checkContent(system, 'systemInstruction', seen);
  checkContents(body.contents, seen);
  if (checkTools(body.tools)) needs.push('tools');
  checkToolConfig(body);
  if (seen.images) needs.push('vision');
  if (seen.audio) needs.push('audio');
  const maxOutputTokens = asNumber(member(configOf(body), 'maxOutputTokens', 'max_output_tokens'));
  return { model, stream: body.stream === true, intent, maxOutputTokens, needs };
};

/** Each with its snake-case spelling, and what it must be. */
const configFields: readonly (readonly [
  camel: string,
  snake: string,
  type: 'number' | 'boolean' | 'string',
])[] = [
  ['temperature', 'temperature', 'number'],
  ['topP', 'top_p', 'number'],
  ['topK', 'top_k', 'number'],
  ['maxOutputTokens', 'max_output_tokens', 'number'],
  ['seed', 'seed', 'number'],
  ['candidateCount', 'candidate_count', 'number'],
  ['presencePenalty', 'presence_penalty', 'number'],
  ['frequencyPenalty', 'frequency_penalty', 'number'],
  ['logprobs', 'logprobs', 'number'],
  ['responseLogprobs', 'response_logprobs', 'boolean'],
  ['responseMimeType', 'response_mime_type', 'string'],
];

const mustBe = { number: 'a number', boolean: 'true or false', string: 'a string' } as const;

const checkConfig = (body: JsonObject): void => {
  const config = checkObject(member(body, 'generationConfig', 'generation_config'), 'generationConfig');
  if (config === undefined) return;
  for (const [camel, snake, type] of configFields) {
    const value = member(config, camel, snake);
    if (isAbsent(value) || typeof value === type) continue;
    const at = `generationConfig.${camel}`;
    throw invalid(at, `${at} must be ${mustBe[type]}`);
  }
  checkStrings(member(config, 'stopSequences', 'stop_sequences'), 'generationConfig.stopSequences');
  checkObject(member(config, 'responseSchema', 'response_schema'), 'generationConfig.responseSchema');
  const thinkingAt = 'generationConfig.thinkingConfig';
  const thinking = checkObject(member(config, 'thinkingConfig', 'thinking_config'), thinkingAt);
  const budget = thinking && member(thinking, 'thinkingBudget', 'thinking_budget');
  if (!isAbsent(budget) && typeof budget !== 'number') {
    throw invalid(`${thinkingAt}.thinkingBudget`, `${thinkingAt}.thinkingBudget must be a number`);
  }
  const level = thinking && member(thinking, 'thinkingLevel', 'thinking_level');
  if (!isAbsent(level) && typeof level !== 'string') {
    throw invalid(`${thinkingAt}.thinkingLevel`, `${thinkingAt}.thinkingLevel must be a string`);
  }
};

const maxTools = 512;

/** Whether there are any; an entry holds a list of functions, or one of Google's own tools. */
const checkTools = (value: Json | undefined): boolean => {
  if (isAbsent(value)) return false;
  const tools = listOf(value);
  if (tools.length > maxTools) throw invalid('tools', `tools must hold at most ${maxTools} entries`);
  for (const [index, entry] of tools.entries()) {
    const tool = checkObject(entry ?? false, `tools[${index}]`);
    const declared = tool && member(tool, 'functionDeclarations', 'function_declarations');
    for (const [position, given] of listOf(declared).entries()) {
      const at = `tools[${index}].functionDeclarations[${position}]`;
      const name = checkObject(given ?? false, at)?.name;
      if (typeof name !== 'string' || name === '') throw invalid(`${at}.name`, `${at}.name must be a string`);
    }
  }
  return tools.length > 0;
};

const checkToolConfig = (body: JsonObject): void => {
  const config = checkObject(member(body, 'toolConfig', 'tool_config'), 'toolConfig');
  if (config === undefined) return;
  const at = 'toolConfig.functionCallingConfig';
  const calling = checkObject(member(config, 'functionCallingConfig', 'function_calling_config'), at);
  if (calling === undefined) return;
  if (!isAbsent(calling.mode) && typeof calling.mode !== 'string') {
    throw invalid(`${at}.mode`, `${at}.mode must be a string`);
  }
  checkStrings(
    member(calling, 'allowedFunctionNames', 'allowed_function_names'),
    `${at}.allowedFunctionNames`,
  );
};

const maxEmbeddings = 2048;

/** One text, or `requests` with one each. */
const checkEmbeddings = (body: JsonObject): void => {
  const { requests } = body;
  if (requests === undefined) {
    checkEmbedding(body, '');
    return;
  }
  if (!Array.isArray(requests) || requests.length === 0 || requests.length > maxEmbeddings) {
    throw invalid('requests', `requests must be an array of 1 to ${maxEmbeddings} entries`);
  }
  for (const [index, entry] of requests.entries()) {
    const request = checkObject(entry ?? false, `requests[${index}]`);
    if (request !== undefined) checkEmbedding(request, `requests[${index}].`);
  }
};

const checkEmbedding = (request: JsonObject, at: string): void => {
  if (isAbsent(request.content)) throw invalid(`${at}content`, `${at}content is required`);
  const seen: Seen = { images: false, audio: false, calls: undefined };
  checkContent(request.content, `${at}content`, seen);
  const dimensions = member(request, 'outputDimensionality', 'output_dimensionality');
  if (!isAbsent(dimensions) && typeof dimensions !== 'number') {
    throw invalid(`${at}outputDimensionality`, `${at}outputDimensionality must be a number`);
  }
};
