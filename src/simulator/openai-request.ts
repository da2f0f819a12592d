/** Reads OpenAI's chat, completion and embedding bodies as the compatible servers do. */

import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  type Json,
  type JsonObject,
} from '../spec/json.ts';
import { composeAnswer, type ThinkingEffort } from './answer.ts';
import type { Refusal } from './exchange.ts';
import { chatOpening, type Generation } from './generation.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import type { OpenAiFlavour } from './openai-flavour.ts';
import type { RunnerSpec } from './placement.ts';
import { countTokens } from './tokens.ts';
import type { ToolAsk } from './tool-calls.ts';

/** The two ways to ask for text. */
export type OpenAiOperation = 'chat' | 'complete';

/** A request that a server would serve. */
export interface OpenAiAsk {
  /** What the answer says in `model`. */
  readonly name: string;
  readonly operation: OpenAiOperation;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly logprobs: number | undefined;
  readonly generation: Generation;
}

/** What was read, or what the caller is told instead. */
export type OpenAiRead = { readonly ask: OpenAiAsk } | { readonly refusal: Refusal };

/** What runs it: the model, and the runner that this kind of host makes for it. */
export interface OpenAiTarget {
  readonly listed: ListedModel;
  readonly spec: RunnerSpec;
  readonly keepAliveMs: number | undefined;
}

interface Conversation {
  readonly prompt: string;
  readonly images: number;
  readonly lastUserText: string;
  readonly answersTool: boolean;
}

const imageTokens = 256;

const partText = (part: Json): string => asString(asObject(part)?.text) ?? '';

const isImage = (part: Json): boolean => asString(asObject(part)?.type) === 'image_url';

const readMessages = (messages: readonly Json[]): Conversation => {
  const turns: string[] = [];
  let images = 0;
  let lastUserText = '';
  let role = '';
  for (const value of messages) {
    const message = asObject(value) ?? {};
    const parts = asArray(message.content);
    const text = parts === undefined ? (asString(message.content) ?? '') : parts.map(partText).join('\n');
    images += parts?.filter(isImage).length ?? 0;
    role = asString(message.role) ?? '';
    if (role === 'user') lastUserText = text;
    const calls = message.tool_calls === undefined ? '' : JSON.stringify(message.tool_calls);
    turns.push(`<|${role}|>${text}${calls}`);
  }
  return { prompt: turns.join('\n'), images, lastUserText, answersTool: role === 'tool' };
};

const readPrompt = (body: JsonObject): Conversation => {
  const first = asArray(body.prompt)?.[0] ?? body.prompt;
  const prompt = typeof first === 'string' ? first : JSON.stringify(first ?? '');
  return { prompt, images: 0, lastUserText: prompt, answersTool: false };
};

const readChoice = (body: JsonObject): ToolAsk['choice'] => {
  const choice = body.tool_choice;
  const name = asString(asObject(asObject(choice)?.function)?.name);
  if (name !== undefined) return { name };
  return choice === 'none' || choice === 'required' ? choice : 'auto';
};

const readFormat = (body: JsonObject): { readonly schema?: Json } | undefined => {
  const format = asObject(body.response_format);
  const type = asString(format?.type);
  const schema = type === 'json_schema' ? asObject(format?.json_schema)?.schema : format?.schema;
  if (type !== 'json_object' && type !== 'json_schema') return undefined;
  return schema === undefined || schema === null ? {} : { schema };
};

const readStop = (stop: Json | undefined): readonly string[] =>
  typeof stop === 'string' ? [stop] : (asArray(stop) ?? []).filter((item) => typeof item === 'string');

const efforts = { none: 'none', minimal: 'low', low: 'low', medium: 'medium', high: 'high' } as const;

/** A thinking model thinks unless the template or the effort tells it not to. */
const readThinking = (body: JsonObject, target: OpenAiTarget): ThinkingEffort => {
  if (!target.listed.model.capabilities.includes('thinking')) return 'none';
  if (asObject(body.chat_template_kwargs)?.enable_thinking === false) return 'none';
  const effort = Object.entries(efforts).find(([name]) => name === body.reasoning_effort);
  return effort?.[1] ?? 'medium';
};

const readMaxTokens = (body: JsonObject): number => {
  const given =
    asNumber(body.max_completion_tokens) ?? asNumber(body.max_tokens) ?? asNumber(body.n_predict) ?? -1;
  return given < 0 ? Infinity : given;
};

const readLogprobs = (body: JsonObject): number | undefined => {
  if (typeof body.logprobs === 'number') return body.logprobs;
  return asBoolean(body.logprobs) === true ? (asNumber(body.top_logprobs) ?? 0) : undefined;
};

/** What to run, or what the server answers instead. */
export const readOpenAiRequest = (
  core: HostCore,
  flavour: OpenAiFlavour,
  body: JsonObject,
  operation: OpenAiOperation,
  target: OpenAiTarget,
): OpenAiRead => {
  const { listed, spec } = target;
  const messages = asArray(body.messages) ?? [];
  if (operation === 'chat' && messages.length === 0) {
    return { refusal: flavour.badRequest("'messages' must be an array with at least one message") };
  }
  if (operation === 'complete' && (body.prompt === undefined || body.prompt === null)) {
    return { refusal: flavour.badRequest("'prompt' is required") };
  }
  const conversation = operation === 'chat' ? readMessages(messages) : readPrompt(body);
  if (conversation.images > 0 && !listed.model.capabilities.includes('vision')) {
    return { refusal: flavour.noVision(listed.name) };
  }
  const promptTokens = countTokens(conversation.prompt) + conversation.images * imageTokens;
  if (promptTokens >= spec.contextTokens) {
    return { refusal: flavour.contextExceeded(promptTokens, spec.contextTokens) };
  }
  const maxTokens = readMaxTokens(body);
  const leftTokens = spec.contextTokens - promptTokens;
  if (maxTokens !== Infinity && maxTokens > leftTokens && flavour.maxTokensExceeded !== undefined) {
    return { refusal: flavour.maxTokensExceeded(maxTokens, promptTokens, spec.contextTokens) };
  }
  const answer = composeAnswer({
    seed: core.settings.seed + (asNumber(body.seed) ?? 0),
    signature: `Simulated ${listed.name} on ${core.settings.name}:`,
    prompt: conversation.prompt,
    thinking: operation === 'chat' ? readThinking(body, target) : 'none',
    format: readFormat(body),
    stop: readStop(body.stop),
    maxTokens: Math.min(maxTokens, leftTokens),
    tools: {
      tools: operation === 'chat' ? (asArray(body.tools) ?? []) : [],
      choice: readChoice(body),
      lastUserText: conversation.lastUserText,
      answersTool: conversation.answersTool,
    },
  });
  return {
    ask: {
      name: asString(body.model) ?? listed.name,
      operation,
      stream: asBoolean(body.stream) === true,
      includeUsage: asBoolean(asObject(body.stream_options)?.include_usage) === true,
      logprobs: readLogprobs(body),
      generation: {
        spec,
        keepAliveMs: target.keepAliveMs,
        prompt: conversation.prompt,
        promptTokens,
        opening: operation === 'chat' ? chatOpening : '',
        answer,
      },
    },
  };
};
