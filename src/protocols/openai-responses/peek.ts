/** The first look at a body of the Responses API: what must be right, and what the planner needs. May import spec. */

import { GatewayError } from '../../spec/gateway-error.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { Capability, Inference } from '../../spec/vocabulary.ts';
import type { Peek } from '../protocol.ts';
import {
  checkFlag,
  checkModel,
  checkNumbers,
  checkObject,
  checkStrings,
  checkTools,
  invalid,
  isAbsent,
} from '../request-checks.ts';
import { checkInput, type Seen } from './peek-input.ts';
import { numberFields } from './schema.ts';

const flags = ['store', 'parallel_tool_calls', 'background'] as const;
const texts = ['instructions', 'previous_response_id', 'user'] as const;

/** Reads what routing needs and refuses what no server of this dialect takes; unknown fields pass. */
export const peek = (body: JsonObject, _operation: Inference): Peek => {
  const model = checkModel(body.model);
  const stream = checkFlag(body, 'stream') ?? false;
  checkNumbers(body, numberFields);
  for (const field of flags) checkFlag(body, field);
  for (const field of texts) {
    const value = body[field];
    if (!isAbsent(value) && typeof value !== 'string') throw invalid(field, `${field} must be a string`);
  }
  refuseUnkept(body);
  checkStrings(body.include, 'include');
  checkObject(body.metadata, 'metadata');
  checkText(body);
  checkEffort(body);
  const seen: Seen = { images: false, audio: false, references: !isAbsent(body.previous_response_id) };
  checkInput(body, seen);
  const needs: Capability[] = [];
  if (checkTools(body.tools)) checkEachTool(body, needs);
  checkToolChoice(body);
  if (seen.images) needs.push('vision');
  if (seen.audio) needs.push('audio');
  return { model, stream, intent: body.intent, maxOutputTokens: asNumber(body.max_output_tokens), needs };
};

/** What only OpenAI's own servers keep. */
const refuseUnkept = (body: JsonObject): void => {
  if (body.background === true) {
    throw invalid('background', 'background responses are not supported here; leave out background');
  }
  for (const field of ['conversation', 'prompt'] as const) {
    if (!isAbsent(body[field])) {
      throw invalid(
        field,
        `${field} refers to what is kept on OpenAI's servers, which is not reached from here`,
      );
    }
  }
};

const checkText = (body: JsonObject): void => {
  const text = checkObject(body.text, 'text');
  const format = checkObject(text?.format, 'text.format');
  if (format === undefined) return;
  if (typeof format.type !== 'string') throw invalid('text.format.type', 'text.format.type must be a string');
  if (format.type === 'json_schema' && asObject(format.schema) === undefined) {
    throw invalid('text.format.schema', 'text.format.schema must be an object');
  }
};

const checkEffort = (body: JsonObject): void => {
  const effort = checkObject(body.reasoning, 'reasoning')?.effort;
  if (!isAbsent(effort) && typeof effort !== 'string') {
    throw invalid('reasoning.effort', 'reasoning.effort must be a string');
  }
};

/** Tools that OpenAI's servers run themselves need no model that can call tools. */
const checkEachTool = (body: JsonObject, needs: Capability[]): void => {
  if (checkCallable(body.tools, 'tools')) needs.push('tools');
};

/** Whether a model can call any of them. */
const checkCallable = (tools: Json | undefined, path: string): boolean => {
  let canBeCalled = false;
  for (const [index, value] of (asArray(tools) ?? []).entries()) {
    const tool = checkObject(value, `${path}[${index}]`);
    const at = `${path}[${index}]`;
    if (typeof tool?.type !== 'string') throw invalid(`${at}.type`, `${at}.type must be a string`);
    const isGroup = tool.type === 'namespace';
    if (!isGroup && tool.type !== 'function' && tool.type !== 'custom') continue;
    if (asString(tool.name) === undefined || tool.name === '') {
      throw invalid(`${at}.name`, `${at}.name must be a string that is not empty`);
    }
    checkObject(tool.parameters, `${at}.parameters`);
    if (!isGroup) canBeCalled = true;
    else if (!Array.isArray(tool.tools)) throw invalid(`${at}.tools`, `${at}.tools must be an array`);
    else if (checkCallable(tool.tools, `${at}.tools`)) canBeCalled = true;
  }
  return canBeCalled;
};

const words: ReadonlySet<string> = new Set(['auto', 'none', 'required']);
const objects: ReadonlySet<string> = new Set(['function', 'custom', 'allowed_tools']);

const checkToolChoice = ({ tool_choice: choice }: JsonObject): void => {
  if (isAbsent(choice)) return;
  if (typeof choice === 'string') {
    if (!words.has(choice)) throw invalid('tool_choice', "tool_choice must be 'auto', 'none' or 'required'");
    return;
  }
  const type = asString(checkObject(choice, 'tool_choice')?.type);
  if (type === undefined) throw invalid('tool_choice.type', 'tool_choice.type must be a string');
  if (!objects.has(type)) {
    throw new GatewayError('invalid_request', `tool_choice names ${type}, a tool that is not run here`, {
      param: 'tool_choice',
    });
  }
};
