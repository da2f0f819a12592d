/** Ollama bodies to neutral requests. May import spec. */

import type {
  ChatRequest,
  ContentPart,
  Message,
  Prompt,
  ResponseFormat,
  Role,
  Thinking,
  ToolCall,
} from '../../spec/chat-request.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { extensionOf, type Kept, keepUnknown } from '../extension.ts';
import { samplingNames } from '../sampling-names.ts';
import { parseTool } from '../tool-specs.ts';
import { modelField } from './peek.ts';
import { isThinkLevel } from './schema.ts';

const chatFields = [
  ...['model', 'name', 'messages', 'stream', 'tools', 'options', 'format', 'think'],
  ...['keep_alive', 'logprobs', 'top_logprobs', 'intent'],
];
const knownInChat: ReadonlySet<string> = new Set(chatFields);
const knownInGenerate: ReadonlySet<string> = new Set([
  ...chatFields.filter((field) => field !== 'messages' && field !== 'tools'),
  ...['prompt', 'suffix', 'system', 'raw', 'images'],
]);
const knownInMessage: ReadonlySet<string> = new Set([
  ...['role', 'content', 'thinking', 'images', 'tool_calls', 'tool_name', 'tool_call_id'],
]);
const knownInToolCall: ReadonlySet<string> = new Set(['id', 'function']);

/** Reads a body that passed `peek`; nothing of it is lost to this dialect. */
export const parse = (body: JsonObject, operation: 'chat' | 'complete'): ChatRequest => {
  const kept = keepUnknown(body, operation === 'chat' ? knownInChat : knownInGenerate);
  const { sent } = kept;
  for (const field of ['name', 'intent'] as const) if (field in body) sent[field] = body[field];
  if (body.model !== modelField(body)) sent.model = body.model;
  if (typeof body.stream !== 'boolean') sent.stream = body.stream;
  const request = {
    model: asString(modelField(body)) ?? '',
    stream: body.stream !== false,
    ...(operation === 'chat' ? conversation(body, sent) : { messages: [], prompt: promptOf(body, sent) }),
    ...options(body, kept),
    format: formatOf(body, sent),
    thinking: thinkingOf(body, sent),
    logprobs: logprobsOf(body, sent),
    includeUsage: true,
    keepAlive: body.keep_alive === null ? undefined : body.keep_alive,
  };
  if (body.keep_alive === null) sent.keep_alive = null;
  return { ...request, ext: extensionOf('ollama', kept) ?? { ollama: {} } };
};

type Sent = Kept['sent'];

const conversation = (body: JsonObject, sent: Sent): Pick<ChatRequest, 'messages' | 'tools'> => {
  const messages = asArray(body.messages);
  const tools = asArray(body.tools);
  if (messages === undefined) sent.messages = body.messages;
  if (tools === undefined && 'tools' in body) sent.tools = body.tools;
  return {
    messages: (messages ?? []).map((message) => parseMessage(asObject(message) ?? {})),
    tools: tools?.map((tool) => parseTool(tool, 'ollama')),
  };
};

/** Images stand before the text, where Ollama's own templates put them. */
const parseMessage = (raw: JsonObject): Message => {
  const kept = keepUnknown(raw, knownInMessage);
  const { sent } = kept;
  const role = asString(raw.role) ?? '';
  if (role !== role.toLowerCase() || role === 'developer') sent.role = role;
  const text = asString(raw.content) ?? '';
  if (typeof raw.content !== 'string') sent.content = raw.content;
  const images = textsOf(raw, 'images', sent);
  const calls = asArray(raw.tool_calls);
  if (calls === undefined && 'tool_calls' in raw) sent.tool_calls = raw.tool_calls;
  const toolCallId = textOf(raw, 'tool_call_id', sent);
  const toolName = textOf(raw, 'tool_name', sent);
  // Where it is missing, rendering looks the name up by the id.
  if (toolName === undefined && toolCallId !== undefined) sent.tool_name = raw.tool_name;
  return {
    role: role.toLowerCase() as Role,
    content:
      images === undefined ? text : [...images.map(imagePart), ...(text === '' ? [] : [textPart(text)])],
    reasoning: textOf(raw, 'thinking', sent),
    toolCalls: calls?.map((call) => parseToolCall(asObject(call) ?? {})),
    toolCallId,
    toolName,
    ext: extensionOf('ollama', kept),
  };
};

const imagePart = (data: string): ContentPart => ({ type: 'image', data });
const textPart = (text: string): ContentPart => ({ type: 'text', text });

/** Arguments are an object here; whatever else the function holds is kept as sent. */
const parseToolCall = (raw: JsonObject): ToolCall => {
  const kept = keepUnknown(raw, knownInToolCall);
  const called = asObject(raw.function) ?? {};
  const holdsMore = Object.keys(called).length !== 2 || asObject(called.arguments) === undefined;
  if (holdsMore) kept.sent.function = called;
  return {
    id: textOf(raw, 'id', kept.sent),
    name: asString(called.name) ?? '',
    arguments: JSON.stringify(called.arguments ?? {}),
    ext: extensionOf('ollama', kept),
  };
};

const promptOf = (body: JsonObject, sent: Sent): Prompt => {
  if (typeof body.prompt !== 'string') sent.prompt = body.prompt;
  if (typeof body.raw !== 'boolean' && 'raw' in body) sent.raw = body.raw;
  return {
    text: asString(body.prompt) ?? '',
    suffix: textOf(body, 'suffix', sent),
    system: textOf(body, 'system', sent),
    raw: typeof body.raw === 'boolean' ? body.raw : undefined,
    images: textsOf(body, 'images', sent),
  };
};

/** Empty text says nothing on this wire. */
const textOf = (raw: JsonObject, field: string, sent: Sent): string | undefined => {
  const text = asString(raw[field]);
  if (text !== undefined && text !== '') return text;
  if (field in raw) sent[field] = raw[field];
  return undefined;
};

const textsOf = (raw: JsonObject, field: string, sent: Sent): readonly string[] | undefined => {
  const texts = asArray(raw[field]);
  if (texts !== undefined && texts.length > 0) return texts.map((text) => asString(text) ?? '');
  if (field in raw) sent[field] = raw[field];
  return undefined;
};

const knownOptions: ReadonlySet<string> = new Set([
  ...samplingNames.map(([, option]) => option),
  'num_predict',
  'num_ctx',
  'stop',
]);

const options = (
  body: JsonObject,
  { unknown, sent }: Kept,
): Pick<ChatRequest, 'sampling' | 'contextTokens'> => {
  const raw = asObject(body.options);
  if (raw === undefined) {
    if ('options' in body) sent.options = body.options;
    return { sampling: {} };
  }
  const inner = keepUnknown(raw, knownOptions);
  const numberOf = (option: string): number | undefined => {
    const value = asNumber(raw[option]);
    if (value === undefined && option in raw) inner.sent[option] = raw[option];
    return value;
  };
  const sampling: Record<string, number | undefined> = {};
  for (const [neutral, option] of samplingNames) sampling[neutral] = numberOf(option);
  const limit = numberOf('num_predict');
  if (limit !== undefined && limit < 0) inner.sent.num_predict = limit;
  const stop = asArray(raw.stop);
  if ((stop === undefined || stop.length === 0) && 'stop' in raw) inner.sent.stop = raw.stop;
  const contextTokens = numberOf('num_ctx');
  if (Object.keys(inner.unknown).length > 0) unknown.options = inner.unknown;
  if (Object.keys(inner.sent).length > 0 || Object.keys(raw).length === 0) sent.options = inner.sent;
  return {
    sampling: {
      ...sampling,
      maxTokens: limit !== undefined && limit >= 0 ? limit : undefined,
      stop: stop === undefined || stop.length === 0 ? undefined : stop.map((text) => asString(text) ?? ''),
    },
    contextTokens,
  };
};

const formatOf = (body: JsonObject, sent: Sent): ResponseFormat | undefined => {
  const { format } = body;
  if (format === 'json') return { type: 'json' };
  const schema = asObject(format);
  if (schema !== undefined) return { type: 'schema', schema };
  if ('format' in body) sent.format = format;
  return undefined;
};

const thinkingOf = (body: JsonObject, sent: Sent): Thinking | undefined => {
  const { think } = body;
  if (typeof think === 'boolean' || isThinkLevel(think)) return think;
  if ('think' in body) sent.think = think;
  return undefined;
};

const logprobsOf = (body: JsonObject, sent: Sent): ChatRequest['logprobs'] => {
  const top: Json | undefined = body.top_logprobs;
  if (body.logprobs === true) {
    if (typeof top !== 'number' && 'top_logprobs' in body) sent.top_logprobs = top;
    return { top: asNumber(top) };
  }
  for (const field of ['logprobs', 'top_logprobs'] as const) if (field in body) sent[field] = body[field];
  return undefined;
};
