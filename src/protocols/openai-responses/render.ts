/** Neutral requests to bodies of the Responses API. May import spec and wire. */

import type {
  ChatRequest,
  ResponseFormat,
  Sampling,
  Thinking,
  ToolChoice,
  ToolSpec,
} from '../../spec/chat-request.ts';
import type { Json, JsonObject } from '../../spec/json.ts';
import { isShortUser, nameEndUser } from '../end-user.ts';
import { keptOf, nameDropped, restore } from '../extension.ts';
import { refuseCompletion } from '../no-completion.ts';
import { messagePath } from '../origin.ts';
import type { Rendered } from '../protocol.ts';
import { nameForeignSignatures, thinkingLevelOf } from '../reasoning-loss.ts';
import { verbosityField } from './parse.ts';
import { renderItems } from './render-items.ts';

/** What this dialect has no field for, by the name OpenAI and Ollama give it. */
const unsaid: readonly (readonly [keyof Sampling, string])[] = [
  ['topK', 'top_k'],
  ['minP', 'min_p'],
  ['seed', 'seed'],
  ['stop', 'stop'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['presencePenalty', 'presence_penalty'],
  ['repeatPenalty', 'repeat_penalty'],
];

const present = (field: string, value: Json | undefined): JsonObject =>
  value === undefined ? {} : { [field]: value };

/** Writes a response to be made; nothing of it is kept behind, since what is kept is kept in front. */
export const render = (given: ChatRequest): Rendered => {
  const request = given.prompt === undefined ? given : asChat(given);
  const dropped: string[] = [];
  nameDropped(request.ext, 'openai-responses', '', dropped);
  nameUnsaid(request, dropped);
  if (request.endUser !== undefined && !isShortUser(request.endUser)) nameEndUser(request, dropped);
  for (const [index, message] of request.messages.entries()) {
    nameForeignSignatures(message, 'openai-responses', messagePath(message, index), dropped);
  }
  const { endUser, format, logprobs, parallelToolCalls, sampling, toolChoice } = request;
  const thinking = thinkingLevelOf(request);
  const isOwn = request.ext?.['openai-responses'] !== undefined;
  const fields: JsonObject = {
    model: request.model,
    ...(isOwn ? {} : { input: renderItems(request.messages, dropped), store: false }),
    ...present('tools', toolsOf(request, dropped)),
    ...present('tool_choice', toolChoice === undefined ? undefined : toolChoiceOf(toolChoice)),
    ...present('parallel_tool_calls', parallelToolCalls),
    ...present('max_output_tokens', sampling.maxTokens),
    ...present('temperature', sampling.temperature),
    ...present('top_p', sampling.topP),
    ...present('text', format === undefined ? undefined : { format: formatOf(format) }),
    ...present('reasoning', thinking === undefined ? undefined : { effort: effortOf(thinking) }),
    ...present('user', isOwn || (endUser !== undefined && isShortUser(endUser)) ? endUser : undefined),
    ...(logprobs === undefined
      ? {}
      : { include: ['message.output_text.logprobs'], ...present('top_logprobs', logprobs.top) }),
    stream: request.stream,
  };
  const body = isOwn ? asSent(fields, request) : fields;
  return { path: '/v1/responses', operation: 'chat', body, dropped };
};

/** The fields of a request of this dialect are as they were sent, and those it left out stay out. */
const asSent = (fields: JsonObject, request: ChatRequest): JsonObject => {
  const { sent } = keptOf(request.ext, 'openai-responses');
  const own: Record<string, Json | undefined> = {};
  for (const field in fields) {
    if (field in sent || field === 'model' || field === 'stream') own[field] = fields[field];
  }
  const { [verbosityField]: _inText, ...body } = restore(own, request.ext, 'openai-responses');
  return body;
};

const asChat = (request: ChatRequest): ChatRequest => {
  const { prompt } = request;
  if (prompt === undefined) return request;
  if (prompt.raw === true || prompt.suffix !== undefined) throw refuseCompletion(prompt);
  const images = (prompt.images ?? []).map((data) => ({ type: 'image', data }) as const);
  return {
    ...request,
    messages: [
      ...(prompt.system === undefined ? [] : [{ role: 'system', content: prompt.system } as const]),
      { role: 'user', content: [...images, { type: 'text', text: prompt.text }] },
    ],
  };
};

const nameUnsaid = (
  { sampling, keepAlive, contextTokens, choices }: ChatRequest,
  dropped: string[],
): void => {
  for (const [neutral, field] of unsaid) if (sampling[neutral] !== undefined) dropped.push(field);
  if (keepAlive !== undefined) dropped.push('keep_alive');
  if (contextTokens !== undefined) dropped.push('options.num_ctx');
  if ((choices ?? 1) > 1) dropped.push('n');
};

const toolsOf = ({ tools }: ChatRequest, dropped: string[]): Json[] | undefined =>
  tools?.flatMap((tool, index) => {
    if (tool.name !== '') return [renderTool(tool)];
    if (tool.ext?.['openai-responses'] === undefined) dropped.push(`tools[${index}]`);
    return [];
  });

/** A tool is strict here unless it says that it is not. */
const renderTool = (tool: ToolSpec): JsonObject => ({
  type: 'function',
  name: tool.name,
  ...present('description', tool.description),
  parameters: tool.parameters ?? { type: 'object', properties: {} },
  strict: false,
});

const toolChoiceOf = (choice: ToolChoice): Json =>
  typeof choice === 'string' ? choice : { type: 'function', name: choice.name };

const formatOf = (format: ResponseFormat): JsonObject => {
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  return { type: 'json_schema', name: format.name ?? 'response', schema: format.schema };
};

const effortOf = (thinking: Thinking): string => {
  if (typeof thinking === 'boolean') return thinking ? 'medium' : 'none';
  return thinking === 'max' ? 'xhigh' : thinking;
};
