/** Neutral requests to Ollama bodies. May import spec and wire. */

import type { ChatRequest, ContentPart, Message, ToolCall, ToolSpec } from '../../spec/chat-request.ts';
import { asObject, type Json, type JsonObject } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { nameEndUser } from '../end-user.ts';
import { keptOf, nameDropped, restore } from '../extension.ts';
import { argumentsPath, callPath, imageUrlPath, messagePath, partPath } from '../origin.ts';
import type { Rendered } from '../protocol.ts';
import { nameForeignSignatures } from '../reasoning-loss.ts';
import { invalid } from '../request-checks.ts';
import { samplingNames } from '../sampling-names.ts';
import { renderTool } from '../tool-specs.ts';

/** Writes `/api/generate` where the request has a prompt, else `/api/chat`. */
export const render = (request: ChatRequest): Rendered => {
  const dropped: string[] = [];
  const { prompt } = request;
  nameDropped(request.ext, 'ollama', '', dropped);
  nameEndUser(request, dropped);
  if ((request.choices ?? 1) > 1) dropped.push('n');
  if (request.thinkingTokens !== undefined) dropped.push('thinking_tokens');
  const { sent } = keptOf(request.ext, 'ollama');
  const fields: JsonObject = {
    model: request.model,
    ...(prompt === undefined ? conversation(request, dropped) : promptFields(request)),
    stream: request.stream,
    ...present('format', formatOf(request)),
    ...present('think', request.thinking === 'minimal' ? 'low' : request.thinking),
    ...(request.logprobs === undefined
      ? {}
      : { logprobs: true, ...present('top_logprobs', request.logprobs.top) }),
  };
  const body = {
    ...restore(fields, request.ext, 'ollama'),
    ...present('options', optionsOf(request)),
    ...present('keep_alive', request.keepAlive),
    ...('model' in sent ? { name: request.model } : {}),
    ...(request.stream ? {} : { stream: false }),
  };
  return prompt === undefined
    ? { path: '/api/chat', operation: 'chat', body, dropped }
    : { path: '/api/generate', operation: 'complete', body, dropped };
};

const present = (field: string, value: Json | undefined): JsonObject =>
  value === undefined ? {} : { [field]: value };

const promptFields = ({ prompt }: ChatRequest): JsonObject => ({
  prompt: prompt?.text,
  ...present('suffix', prompt?.suffix),
  ...present('system', prompt?.system),
  ...present('raw', prompt?.raw),
  ...present('images', prompt?.images),
});

const conversation = (request: ChatRequest, dropped: string[]): JsonObject => {
  /** The latest call counts where an engine used an id twice. */
  const toolNames = new Map<string, string>();
  const messages = request.messages.map((message, index) => {
    for (const call of message.toolCalls ?? []) if (call.id !== undefined) toolNames.set(call.id, call.name);
    return renderMessage(message, messagePath(message, index), toolNames, dropped);
  });
  const tools = toolsOf(request, dropped);
  return { messages, ...(tools === undefined ? {} : { tools }) };
};

const renderMessage = (
  message: Message,
  at: string,
  toolNames: ReadonlyMap<string, string>,
  dropped: string[],
): JsonObject => {
  nameDropped(message.ext, 'ollama', `${at}.`, dropped);
  nameForeignSignatures(message, 'ollama', at, dropped);
  if (message.toolFailed === true) dropped.push(`${at}.is_error`);
  const images: string[] = [];
  const content = textOf(message.content, at, images, dropped);
  const toolName =
    message.toolName ?? (message.role === 'tool' ? toolNames.get(message.toolCallId ?? '') : undefined);
  const fields: JsonObject = {
    role: message.role === 'developer' ? 'system' : message.role,
    content,
    ...present('thinking', message.reasoning === '' ? undefined : message.reasoning),
    ...(images.length === 0 ? {} : { images }),
    ...(message.toolCalls === undefined
      ? {}
      : {
          tool_calls: message.toolCalls.map((call, index) =>
            renderToolCall(call, callPath(call, at, index), dropped),
          ),
        }),
    ...present('tool_name', toolName),
    ...present('tool_call_id', message.toolCallId),
  };
  return restore(fields, message.ext, 'ollama');
};

/**
 * Content is one string here, with images beside it. Text parts are joined by a line break: Ollama's own
 * OpenAI surface makes each part a message, and gluing parts together would glue words together.
 */
const textOf = (content: Message['content'], at: string, images: string[], dropped: string[]): string => {
  if (content === null) return '';
  if (typeof content === 'string') return content;
  const texts: string[] = [];
  for (let index = 0; index < content.length; index += 1) {
    const part = content[index] as ContentPart;
    const partAt = partPath(part, at, index);
    if (part.type !== 'other') nameDropped(part.ext, 'ollama', `${partAt}.`, dropped);
    switch (part.type) {
      case 'text':
        texts.push(part.text);
        break;
      case 'image':
      case 'audio':
        images.push(part.data);
        break;
      case 'document':
        if (part.mediaType === 'text/plain') texts.push(part.data);
        else dropped.push(partAt);
        break;
      case 'image-url':
        throw invalid(
          imageUrlPath(part, partAt),
          'image URLs are not supported here; images must be sent as base64 data',
        );
      case 'other':
        throw invalid(partAt, `${partAt} is of a type that the engine behind this model does not take`);
    }
  }
  return texts.join('\n');
};

const renderToolCall = (call: ToolCall, at: string, dropped: string[]): JsonObject => {
  nameDropped(call.ext, 'ollama', `${at}.`, dropped);
  const fields = {
    ...present('id', call.id),
    function: { name: call.name, arguments: argumentsOf(call, at) },
  };
  return restore(fields, call.ext, 'ollama');
};

const argumentsOf = (call: ToolCall, at: string): JsonObject => {
  const field = argumentsPath(call, at);
  const value = call.arguments.trim() === '' ? {} : asObject(tryParseJson(call.arguments));
  if (value === undefined) throw invalid(field, `${field} must be the JSON text of an object`);
  return value;
};

/** A forced choice of one tool narrows the offer to it, which is the nearest this dialect has. */
const toolsOf = (
  { tools, toolChoice, parallelToolCalls, ext }: ChatRequest,
  dropped: string[],
): Json[] | undefined => {
  if (parallelToolCalls === false) dropped.push('parallel_tool_calls');
  if (toolChoice === 'required' || typeof toolChoice === 'object') dropped.push('tool_choice');
  if (tools === undefined || toolChoice === 'none') return undefined;
  const isOffered = (tool: ToolSpec): boolean =>
    typeof toolChoice !== 'object' || tool.name === toolChoice.name;
  const isOwn = ext?.ollama !== undefined;
  const offered: Json[] = [];
  for (const [index, tool] of tools.entries()) {
    nameDropped(tool.ext, 'ollama', `tools[${index}].`, dropped);
    if (tool.name === '' && !isOwn) dropped.push(`tools[${index}]`);
    else if (isOffered(tool)) offered.push(renderTool(tool, 'ollama', isOwn ? undefined : noParameters));
  }
  return offered;
};

const noParameters = { type: 'object', properties: {} };

const formatOf = ({ format }: ChatRequest): Json | undefined => {
  if (format === undefined || format.type === 'text') return undefined;
  return format.type === 'json' ? 'json' : format.schema;
};

const optionsOf = ({ sampling, contextTokens, ext }: ChatRequest): JsonObject | undefined => {
  const { unknown, sent } = keptOf(ext, 'ollama');
  const options: Record<string, Json | undefined> = {
    ...asObject(unknown.options),
    ...asObject(sent.options),
  };
  for (const [neutral, option] of samplingNames) {
    if (sampling[neutral] !== undefined) options[option] = sampling[neutral];
  }
  if (sampling.maxTokens !== undefined) options.num_predict = sampling.maxTokens;
  if (sampling.stop !== undefined) options.stop = sampling.stop;
  if (contextTokens !== undefined) options.num_ctx = contextTokens;
  return Object.keys(options).length > 0 || asObject(sent.options) !== undefined ? options : undefined;
};
