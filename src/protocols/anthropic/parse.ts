/** Anthropic's bodies to neutral requests. May import spec. */

import type {
  ChatRequest,
  Message,
  ResponseFormat,
  Sampling,
  Thinking,
  ToolChoice,
  ToolSpec,
} from '../../spec/chat-request.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { extensionOf, type Kept, keepUnknown } from '../extension.ts';
import { parseContent, parseMessage } from './parse-message.ts';

const known: ReadonlySet<string> = new Set([
  ...['model', 'stream', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config'],
  ...['output_format', 'max_tokens', 'temperature', 'top_p', 'top_k', 'stop_sequences', 'intent'],
]);

/** Fields that have more spellings than the neutral form: they are kept as sent, by reference. */
const spelled = [
  ...['stream', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'output_format'],
  ...['max_tokens', 'temperature', 'top_p', 'top_k', 'stop_sequences', 'intent'],
] as const;

/** What a rendered body may hold that was not sent. */
const added = [
  'stream',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'max_tokens',
] as const;

/** Conversations as they were read; one that was changed since is another. */
const untouched = new WeakSet<readonly Message[]>();

/** Whether a conversation is the one that was sent, so that its own spelling still says the same. */
export const isUntouched = (messages: readonly Message[]): boolean => untouched.has(messages);

/** Reads a body that passed `peek`; nothing of it is lost to this dialect. */
export const parse = (body: JsonObject): ChatRequest => {
  const kept = keepUnknown(body, known);
  for (const field of spelled) if (field in body) kept.sent[field] = body[field];
  for (const field of added) if (!(field in body)) kept.sent[field] = undefined;
  const endUser = endUserOf(body, kept);
  const messages: Message[] = [];
  if (body.system !== undefined && body.system !== null && body.system !== '') {
    messages.push({ role: 'system', content: parseContent(body.system, 'system') });
  }
  for (const [index, message] of (asArray(body.messages) ?? []).entries()) {
    messages.push(...parseMessage(asObject(message) ?? {}, `messages[${index}]`));
  }
  untouched.add(messages);
  const choice = asObject(body.tool_choice);
  const thinking = thinkingOf(body);
  return {
    model: asString(body.model) ?? '',
    stream: body.stream === true,
    messages,
    tools: asArray(body.tools)?.map(toolOf),
    toolChoice: choice === undefined ? undefined : choiceOf(choice),
    ...(choice?.disable_parallel_tool_use === true ? { parallelToolCalls: false } : {}),
    sampling: samplingOf(body),
    format: formatOf(body, kept),
    thinking,
    thinkingTokens: thinking === false ? undefined : asNumber(asObject(body.thinking)?.budget_tokens),
    includeUsage: true,
    endUser,
    ext: extensionOf('anthropic', kept),
  };
};

/** Alone in `metadata` it has a neutral form; beside members of later versions all of them stay this dialect's own. */
const endUserOf = ({ metadata }: JsonObject, { unknown, sent }: Kept): string | undefined => {
  const { user_id: userId, ...others } = asObject(metadata) ?? {};
  if (typeof userId !== 'string' || userId === '' || Object.keys(others).length > 0) return undefined;
  delete unknown.metadata;
  sent.metadata = metadata;
  return userId;
};

const toolFields: ReadonlySet<string> = new Set(['type', 'name', 'description', 'input_schema']);

/** A tool that the provider itself runs has a type of its own and no schema; it means nothing elsewhere. */
const toolOf = (value: Json): ToolSpec => {
  const tool = asObject(value) ?? {};
  const isCustom = tool.type === undefined || tool.type === null || tool.type === 'custom';
  if (!isCustom) return { name: '', ext: extensionOf('anthropic', { unknown: {}, sent: { ...tool } }) };
  return {
    name: asString(tool.name) ?? '',
    description: asString(tool.description),
    parameters: tool.input_schema,
    ext: extensionOf('anthropic', keepUnknown(tool, toolFields)),
  };
};

const choiceOf = ({ type, name }: JsonObject): ToolChoice | undefined => {
  if (type === 'auto' || type === 'none') return type;
  if (type === 'any') return 'required';
  return type === 'tool' && typeof name === 'string' ? { name } : undefined;
};

const samplingOf = (body: JsonObject): Sampling => ({
  maxTokens: asNumber(body.max_tokens),
  temperature: asNumber(body.temperature),
  topP: asNumber(body.top_p),
  topK: asNumber(body.top_k),
  stop: stopOf(body.stop_sequences),
});

const stopOf = (value: Json | undefined): readonly string[] | undefined => {
  const texts = asArray(value);
  return texts === undefined || texts.length === 0 ? undefined : texts.map((text) => asString(text) ?? '');
};

/** `output_format` is the older place. */
const formatOf = (body: JsonObject, { unknown }: Kept): ResponseFormat | undefined => {
  const newer = asObject(asObject(body.output_config)?.format);
  const format = newer ?? asObject(body.output_format);
  if (format === undefined) return undefined;
  if (format.type === 'json_schema' && format.schema !== undefined && format.schema !== null) {
    return { type: 'schema', schema: format.schema };
  }
  if (newer === undefined) unknown.output_format = body.output_format;
  else unknown.output_config = body.output_config;
  return undefined;
};

const efforts: ReadonlyMap<Json | undefined, Thinking> = new Map<Json | undefined, Thinking>([
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'max'],
  ['max', 'max'],
]);

/** A budget says more than an effort beside it; without a word of thinking there is none in this dialect. */
const thinkingOf = (body: JsonObject): Thinking | undefined => {
  const effort = efforts.get(asObject(body.output_config)?.effort);
  switch (asObject(body.thinking)?.type) {
    case 'enabled':
      return effort ?? true;
    case 'adaptive':
      return effort ?? true;
    case 'disabled':
      return false;
    default:
      return effort;
  }
};
