/** OpenAI bodies to neutral requests. May import spec. */

import type {
  ChatRequest,
  Prompt,
  ResponseFormat,
  Sampling,
  Thinking,
  ToolChoice,
} from '../../spec/chat-request.ts';
import { GatewayError } from '../../spec/gateway-error.ts';
import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  type Json,
  type JsonObject,
} from '../../spec/json.ts';
import { extensionOf, type Kept, keepUnknown } from '../extension.ts';
import { openaiEfforts } from '../openai-efforts.ts';
import { samplingNames } from '../sampling-names.ts';
import { parseTool } from '../tool-specs.ts';
import { parseMessage } from './parse-message.ts';

const sharedFields = [
  ...['model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens', 'repetition_penalty'],
  ...['stop', 'logprobs', 'n', 'intent', 'user', ...samplingNames.map(([, field]) => field)],
];
const knownInChat: ReadonlySet<string> = new Set([
  ...sharedFields,
  ...['messages', 'tools', 'tool_choice', 'parallel_tool_calls', 'response_format'],
  ...['reasoning_effort', 'reasoning', 'top_logprobs'],
]);
const knownInCompletions: ReadonlySet<string> = new Set([...sharedFields, 'prompt', 'suffix']);

/** Reads a body that passed `peek`; nothing of it is lost to this dialect. */
export const parse = (body: JsonObject, operation: 'chat' | 'complete'): ChatRequest => {
  const kept = keepUnknown(body, operation === 'chat' ? knownInChat : knownInCompletions);
  const { sent } = kept;
  if ('intent' in body) sent.intent = body.intent;
  if (typeof body.stream !== 'boolean') sent.stream = body.stream;
  if ('user' in body) sent.user = body.user;
  return {
    model: asString(body.model) ?? '',
    stream: body.stream === true,
    ...(operation === 'chat' ? chatFields(body, kept) : completionFields(body, kept)),
    sampling: samplingOf(body, sent),
    choices: numberOf(body, 'n', sent),
    includeUsage: includeUsageOf(body, sent),
    endUser: asString(body.user) || undefined,
    ext: extensionOf('openai-chat', kept) ?? { 'openai-chat': {} },
  };
};

type Sent = Kept['sent'];

const numberOf = (body: JsonObject, field: string, sent: Sent): number | undefined => {
  const value = asNumber(body[field]);
  if (value === undefined && field in body) sent[field] = body[field];
  return value;
};

const chatFields = (body: JsonObject, kept: Kept) => {
  const { sent } = kept;
  const tools = asArray(body.tools);
  if (tools === undefined && 'tools' in body) sent.tools = body.tools;
  const parallelToolCalls = asBoolean(body.parallel_tool_calls);
  if (parallelToolCalls === undefined && 'parallel_tool_calls' in body)
    sent.parallel_tool_calls = body.parallel_tool_calls;
  return {
    messages: (asArray(body.messages) ?? []).map((message) => parseMessage(asObject(message) ?? {})),
    tools: tools?.map((tool) => parseTool(tool, 'openai-chat')),
    toolChoice: toolChoiceOf(body, kept),
    parallelToolCalls,
    format: formatOf(body, kept),
    thinking: thinkingOf(body, kept),
    logprobs: logprobsOf(body, sent),
  };
};

const completionFields = (body: JsonObject, { sent }: Kept) => ({
  messages: [],
  prompt: promptOf(body, sent),
  logprobs: typeof body.logprobs === 'number' ? { top: body.logprobs } : withoutLogprobs(body, sent),
});

const promptOf = (body: JsonObject, sent: Sent): Prompt => {
  const { prompt } = body;
  const list = asArray(prompt);
  const text = list === undefined ? prompt : list[0];
  if (typeof text !== 'string' || (list !== undefined && list.length !== 1)) {
    throw new GatewayError(
      'unprocessable',
      'the engine behind this model completes one text at a time, not tokens',
      {
        param: 'prompt',
      },
    );
  }
  if (list !== undefined) sent.prompt = prompt;
  const suffix = asString(body.suffix);
  if (!suffix && 'suffix' in body) sent.suffix = body.suffix;
  return { text, suffix: suffix || undefined };
};

const withoutLogprobs = (body: JsonObject, sent: Sent): undefined => {
  if ('logprobs' in body) sent.logprobs = body.logprobs;
};

const logprobsOf = (body: JsonObject, sent: Sent): ChatRequest['logprobs'] => {
  if (body.logprobs === true) return { top: numberOf(body, 'top_logprobs', sent) };
  if ('top_logprobs' in body) sent.top_logprobs = body.top_logprobs;
  return withoutLogprobs(body, sent);
};

const samplingOf = (body: JsonObject, sent: Sent): Sampling => {
  const numbers: Record<string, number | undefined> = {};
  for (const [neutral, field] of samplingNames) numbers[neutral] = numberOf(body, field, sent);
  const stop =
    typeof body.stop === 'string' ? [body.stop] : asArray(body.stop)?.map((text) => asString(text) ?? '');
  if (
    'stop' in body &&
    (stop === undefined || stop.length === 0 || stop.length !== asArray(body.stop)?.length)
  ) {
    sent.stop = body.stop;
  }
  const repetitionPenalty = repetitionPenaltyOf(body, sent);
  return {
    ...numbers,
    repeatPenalty: numbers.repeatPenalty ?? repetitionPenalty,
    maxTokens: maxTokensOf(body, sent),
    stop: stop?.length ? stop : undefined,
  };
};

/** vLLM's spelling of `repeat_penalty`. */
const repetitionPenaltyOf = (body: JsonObject, sent: Sent): number | undefined => {
  const value = asNumber(body.repetition_penalty);
  if ('repetition_penalty' in body) {
    sent.repetition_penalty = body.repetition_penalty;
    sent.repeat_penalty = body.repeat_penalty;
  }
  return value;
};

/** Rendered as `max_tokens`, which every local engine reads; -1 is LM Studio's way to say that there is no limit. */
const maxTokensOf = (body: JsonObject, sent: Sent): number | undefined => {
  const { max_tokens: older, max_completion_tokens: newer } = body;
  if ('max_completion_tokens' in body) {
    sent.max_completion_tokens = newer;
    sent.max_tokens = older;
  }
  const value = asNumber(newer) ?? asNumber(older);
  if (value !== undefined && value >= 0) return value;
  if ('max_tokens' in body) sent.max_tokens = older;
  return undefined;
};

const includeUsageOf = (body: JsonObject, sent: Sent): boolean => {
  if ('stream_options' in body) sent.stream_options = body.stream_options;
  return asObject(body.stream_options)?.include_usage === true;
};

const toolChoiceOf = (body: JsonObject, { unknown, sent }: Kept): ToolChoice | undefined => {
  const choice = body.tool_choice;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  const object = asObject(choice);
  const name = asString(asObject(object?.function)?.name);
  if (object?.type === 'function' && name !== undefined) {
    sent.tool_choice = choice;
    return { name };
  }
  if ('tool_choice' in body) unknown.tool_choice = choice;
  return undefined;
};

/** llama.cpp takes a schema beside either type, without OpenAI's wrapper. */
const formatOf = (body: JsonObject, { unknown, sent }: Kept): ResponseFormat | undefined => {
  const format = asObject(body.response_format);
  const wrapped = asObject(format?.json_schema);
  const schema: Json | undefined = wrapped?.schema ?? format?.schema;
  if ('response_format' in body) sent.response_format = body.response_format;
  if (format?.type === 'text') return { type: 'text' };
  if (
    schema !== undefined &&
    schema !== null &&
    (format?.type === 'json_schema' || format?.type === 'json_object')
  ) {
    return { type: 'schema', schema, name: asString(wrapped?.name) };
  }
  if (format?.type === 'json_object') return { type: 'json' };
  if (format !== undefined) unknown.response_format = format;
  return undefined;
};

/** In this dialect `ultra` is known besides. */
const efforts: ReadonlyMap<Json | undefined, Thinking> = new Map(openaiEfforts).set('ultra', 'max');

/** `reasoning.effort` is the Responses spelling, which some chat clients and Ollama's OpenAI surface use too. */
const thinkingOf = (body: JsonObject, { unknown, sent }: Kept): Thinking | undefined => {
  const flat = efforts.get(body.reasoning_effort);
  const nested = flat ?? efforts.get(asObject(body.reasoning)?.effort);
  if (flat === undefined && body.reasoning_effort) unknown.reasoning_effort = body.reasoning_effort;
  if (nested === undefined && body.reasoning) unknown.reasoning = body.reasoning;
  for (const field of ['reasoning_effort', 'reasoning'] as const) {
    if (nested !== undefined || field in body) sent[field] = body[field];
  }
  return nested;
};
