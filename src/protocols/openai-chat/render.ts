/** Neutral requests to OpenAI bodies. May import spec. */

import type { ChatRequest, ResponseFormat, Thinking, ToolChoice, ToolSpec } from '../../spec/chat-request.ts';
import { GatewayError } from '../../spec/gateway-error.ts';
import type { Json, JsonObject } from '../../spec/json.ts';
import { isShortUser, nameEndUser } from '../end-user.ts';
import { nameDropped, restore } from '../extension.ts';
import type { Rendered } from '../protocol.ts';
import { thinkingLevelOf } from '../reasoning-loss.ts';
import { samplingNames } from '../sampling-names.ts';
import { renderTool } from '../tool-specs.ts';
import { renderMessages } from './render-message.ts';

/**
 * Writes a chat, or a completion where the request has a prompt that wants no chat template: a raw one, one with
 * a suffix, or one that was asked as a completion in this dialect. Engines here template chats only.
 */
export const render = (request: ChatRequest): Rendered => {
  const { prompt } = request;
  if (prompt === undefined) return chat(request);
  const isCompletion =
    prompt.raw === true || prompt.suffix !== undefined || request.ext?.['openai-chat'] !== undefined;
  if (isCompletion) return completion(request);
  const { text, system, images = [] } = prompt;
  const content = [
    ...images.map((data) => ({ type: 'image', data }) as const),
    { type: 'text', text } as const,
  ];
  return chat({
    ...request,
    messages: [
      ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
      { role: 'user', content: images.length === 0 ? text : content },
    ],
  });
};

const present = (field: string, value: Json | undefined): JsonObject =>
  value === undefined ? {} : { [field]: value };

const chat = (request: ChatRequest): Rendered => {
  const dropped: string[] = [];
  const { format, logprobs, parallelToolCalls, toolChoice } = request;
  const thinking = thinkingLevelOf(request);
  if (request.thinkingTokens !== undefined) dropped.push('thinking_tokens');
  const messages = renderMessages(
    request.messages,
    dropped,
    request.ext?.['openai-chat'] === undefined ? 'foreign' : 'own',
  );
  const tools = toolsOf(request, dropped);
  const canCall = tools !== undefined || request.ext?.['openai-chat'] !== undefined;
  const fields: JsonObject = {
    ...sharedFields(request, dropped),
    messages,
    ...present('tools', tools),
    ...present('tool_choice', canCall && toolChoice !== undefined ? toolChoiceOf(toolChoice) : undefined),
    ...present('parallel_tool_calls', canCall ? parallelToolCalls : undefined),
    ...present('response_format', format === undefined ? undefined : formatOf(format)),
    ...present('reasoning_effort', thinking === undefined ? undefined : effortOf(thinking)),
    ...(logprobs === undefined ? {} : { logprobs: true, ...present('top_logprobs', logprobs.top) }),
  };
  return { path: '/v1/chat/completions', operation: 'chat', body: bodyOf(fields, request), dropped };
};

const completion = (request: ChatRequest): Rendered => {
  const dropped: string[] = [];
  const { format, logprobs, prompt, thinking } = request;
  if (prompt?.images !== undefined && prompt.images.length > 0) {
    throw new GatewayError(
      'unprocessable',
      'the engine behind this model takes no images beside a raw prompt',
      {
        param: 'images',
      },
    );
  }
  if (prompt?.system !== undefined) dropped.push('system');
  if (format !== undefined) dropped.push('format');
  if (thinking !== undefined) dropped.push('think');
  const fields: JsonObject = {
    ...sharedFields(request, dropped),
    prompt: prompt?.text,
    ...present('suffix', prompt?.suffix),
    ...present('logprobs', logprobs === undefined ? undefined : (logprobs.top ?? 0)),
  };
  return { path: '/v1/completions', operation: 'complete', body: bodyOf(fields, request), dropped };
};

/** `stream` is false where it is absent, in this dialect. */
const bodyOf = (fields: JsonObject, request: ChatRequest): JsonObject => ({
  ...restore(fields, request.ext, 'openai-chat'),
  ...(request.stream ? { stream: true } : {}),
});

const sharedFields = (request: ChatRequest, dropped: string[]): JsonObject => {
  const { choices, contextTokens, endUser, keepAlive, sampling, stream } = request;
  const isOwn = request.ext?.['openai-chat'] !== undefined;
  nameDropped(request.ext, 'openai-chat', '', dropped);
  if (keepAlive !== undefined) dropped.push('keep_alive');
  if (contextTokens !== undefined) dropped.push('options.num_ctx');
  const fields: Record<string, Json | undefined> = { model: request.model, stream };
  if (stream && request.includeUsage) fields.stream_options = { include_usage: true };
  for (const [neutral, field] of samplingNames) {
    if (sampling[neutral] !== undefined) fields[field] = sampling[neutral];
  }
  if (sampling.maxTokens !== undefined) fields.max_tokens = sampling.maxTokens;
  if (sampling.stop !== undefined) fields.stop = sampling.stop;
  if (choices !== undefined) fields.n = choices;
  if (endUser !== undefined && (isOwn || isShortUser(endUser))) fields.user = endUser;
  else nameEndUser(request, dropped);
  return fields;
};

const toolsOf = ({ tools, ext }: ChatRequest, dropped: string[]): Json[] | undefined => {
  if (tools === undefined) return undefined;
  const isOwn = ext?.['openai-chat'] !== undefined;
  const isUsable = (tool: ToolSpec): boolean => tool.name !== '' || isOwn;
  for (const [index, tool] of tools.entries()) {
    nameDropped(tool.ext, 'openai-chat', `tools[${index}].`, dropped);
    if (!isUsable(tool)) dropped.push(`tools[${index}]`);
  }
  const usable = tools.filter(isUsable);
  // An empty list is refused, and a choice among nothing, too.
  if (usable.length === 0 && !isOwn) return undefined;
  return usable.map((tool) => renderTool(tool, 'openai-chat'));
};

const toolChoiceOf = (choice: ToolChoice): Json =>
  typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };

/** A schema must have a name here; Ollama's have none. */
const formatOf = (format: ResponseFormat): Json => {
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: { name: format.name ?? 'response', schema: format.schema } };
};

const effortOf = (thinking: Thinking): string => {
  if (typeof thinking === 'boolean') return thinking ? 'medium' : 'none';
  return thinking === 'max' ? 'xhigh' : thinking;
};
