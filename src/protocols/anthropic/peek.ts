/** The first look at a body of Anthropic's: what must be right, and what the planner needs. May import spec. */

import { asArray, asNumber, asObject, type Json, type JsonObject } from '../../spec/json.ts';
import type { Capability } from '../../spec/vocabulary.ts';
import type { Peek } from '../protocol.ts';
import {
  checkFlag,
  checkMessages,
  checkModel,
  checkNumbers,
  checkObject,
  checkStrings,
  checkTools,
  invalid,
  isAbsent,
} from '../request-checks.ts';
import { checkContent, type Seen } from './check-content.ts';
import { numberFields, roles } from './schema.ts';

const positive = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0;

/** Reads what routing needs and refuses what the provider refuses; unknown fields pass. */
export const peek = (body: JsonObject): Peek => {
  const seen = lookAt(body);
  if (isAbsent(body.max_tokens)) throw invalid('max_tokens', 'max_tokens is required');
  if (!positive(body.max_tokens)) throw invalid('max_tokens', 'max_tokens must be a number above 0');
  const needs: Capability[] = [];
  if (seen.tools) needs.push('tools');
  if (seen.images) needs.push('vision');
  return {
    model: seen.model,
    stream: checkFlag(body, 'stream') ?? false,
    intent: body.intent,
    maxOutputTokens: asNumber(body.max_tokens),
    needs,
    ...(seen.isMixed ? { isMixed: true } : {}),
  };
};

/** What a conversation is made of, as it is sent for an answer or to be counted. */
interface Look extends Seen {
  readonly model: string;
  readonly tools: boolean;
}

/** Checks all but the limit of the answer, which only an answer needs. */
export const lookAt = (body: JsonObject): Look => {
  const model = checkModel(body.model);
  const seen: Seen = { images: false, isMixed: false, calls: new Set() };
  checkNumbers(body, numberFields);
  checkStrings(body.stop_sequences, 'stop_sequences');
  checkSystem(body.system, seen);
  if (isAbsent(body.messages)) throw invalid('messages', 'messages is required');
  const messages = checkMessages(body.messages, roles);
  if (messages.length === 0) throw invalid('messages', 'messages: at least one message is required');
  for (let index = 0; index < messages.length; index += 1) {
    const { role, content } = messages[index] as JsonObject;
    checkContent(content, role, `messages[${index}].content`, seen);
  }
  const tools = checkTools(body.tools);
  if (tools) checkDefinitions(asArray(body.tools) ?? []);
  checkChoice(body.tool_choice);
  checkThinking(body.thinking);
  checkObject(body.output_config, 'output_config');
  return { ...seen, model, tools };
};

const checkSystem = (system: Json | undefined, seen: Seen): void => {
  if (isAbsent(system) || typeof system === 'string') return;
  const blocks = asArray(system);
  if (blocks === undefined) throw invalid('system', 'system must be a string or an array of text blocks');
  for (let index = 0; index < blocks.length; index += 1) {
    if (asObject(blocks[index])?.type !== 'text') {
      throw invalid(`system[${index}].type`, `system[${index}].type must be 'text'`);
    }
  }
  checkContent(system, 'system', 'system', seen);
};

const checkDefinitions = (tools: readonly Json[]): void => {
  for (let index = 0; index < tools.length; index += 1) {
    const tool = asObject(tools[index]) ?? {};
    const at = `tools[${index}]`;
    if (!isAbsent(tool.type) && typeof tool.type !== 'string') {
      throw invalid(`${at}.type`, `${at}.type must be a string`);
    }
    if (!isAbsent(tool.type) && tool.type !== 'custom') continue;
    if (typeof tool.name !== 'string' || tool.name === '') {
      throw invalid(`${at}.name`, `${at}.name must be a string`);
    }
    if (!isAbsent(tool.description) && typeof tool.description !== 'string') {
      throw invalid(`${at}.description`, `${at}.description must be a string`);
    }
    if (asObject(tool.input_schema) === undefined) {
      throw invalid(`${at}.input_schema`, `${at}.input_schema must be an object`);
    }
  }
};

const choices: ReadonlySet<Json | undefined> = new Set<Json | undefined>(['auto', 'any', 'none', 'tool']);

const checkChoice = (value: Json | undefined): void => {
  const choice = checkObject(value, 'tool_choice');
  if (choice === undefined) return;
  if (!choices.has(choice.type)) {
    throw invalid('tool_choice.type', 'tool_choice.type must be one of auto, any, none, tool');
  }
  if (choice.type === 'tool' && typeof choice.name !== 'string') {
    throw invalid('tool_choice.name', 'tool_choice.name must be a string');
  }
};

const checkThinking = (value: Json | undefined): void => {
  const thinking = checkObject(value, 'thinking');
  if (thinking === undefined) return;
  if (typeof thinking.type !== 'string') throw invalid('thinking.type', 'thinking.type must be a string');
  if (thinking.type === 'enabled' && !positive(thinking.budget_tokens)) {
    throw invalid('thinking.budget_tokens', 'thinking.budget_tokens must be a number above 0');
  }
};
