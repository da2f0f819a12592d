/** Neutral requests to Anthropic's bodies. May import spec and wire. */

import type { ChatRequest, Sampling, ToolChoice, ToolSpec } from '../../spec/chat-request.ts';
import type { Json, JsonObject } from '../../spec/json.ts';
import { nameEndUser } from '../end-user.ts';
import { keptOf, nameDropped } from '../extension.ts';
import { promptMessages } from '../prompt-messages.ts';
import type { Rendered } from '../protocol.ts';
import { isUntouched } from './parse.ts';
import { renderConversation } from './render-message.ts';
import { renderThinking, takesSampling } from './thinking.ts';

/** Writes messages; a plain prompt becomes the one message of a conversation, unless it wants no template. */
export const render = (request: ChatRequest): Rendered => {
  const { prompt, ext } = request;
  const { unknown, sent } = keptOf(ext, 'anthropic');
  const dropped: string[] = [];
  if ('messages' in sent && isUntouched(request.messages)) {
    return rendered({ ...unknown, model: request.model, ...sent }, request, dropped);
  }
  nameDropped(ext, 'anthropic', '', dropped);
  const asked = prompt === undefined ? request : { ...request, messages: promptMessages(prompt) };
  return rendered({ ...unknown, ...fieldsOf(asked, dropped), ...withoutTalk(sent) }, request, dropped);
};

/** What was sent without the conversation and its tools, which were put another way since. */
const withoutTalk = ({ messages, system, tools, tool_choice, ...rest }: JsonObject): JsonObject => rest;

/** `stream` is false where it is absent, in this dialect. */
const rendered = (body: JsonObject, { stream }: ChatRequest, dropped: readonly string[]): Rendered => ({
  path: '/v1/messages',
  operation: 'chat',
  body: stream ? { ...body, stream: true } : body,
  dropped,
});

const present = (field: string, value: Json | undefined): JsonObject =>
  value === undefined ? {} : { [field]: value };

const fieldsOf = (request: ChatRequest, dropped: string[]): JsonObject => {
  const { system, messages } = renderConversation(request.messages, dropped);
  const tools = toolsOf(request, dropped);
  const { thinking, effort, maxTokens } = renderThinking(request, dropped);
  nameUnknown(request, dropped);
  return {
    model: request.model,
    max_tokens: maxTokens,
    ...present('system', system),
    messages,
    ...present('tools', tools),
    ...present('tool_choice', tools === undefined ? undefined : choiceOf(request)),
    ...present('thinking', thinking),
    ...present('output_config', outputConfigOf(request, effort, dropped)),
    ...samplingOf(
      request.sampling,
      thinking === undefined && takesSampling(request.model) ? 'tuned' : 'fixed',
      dropped,
    ),
    ...present('metadata', metadataOf(request, dropped)),
    stream: request.stream,
  };
};

/** Longer ones are refused. */
const maxUserCharacters = 256;

const metadataOf = (request: ChatRequest, dropped: string[]): JsonObject | undefined => {
  const { endUser } = request;
  if (endUser === undefined) return undefined;
  if (endUser.length <= maxUserCharacters) return { user_id: endUser };
  nameEndUser(request, dropped);
  return undefined;
};

/** What this dialect has no word for. */
const nameUnknown = (request: ChatRequest, dropped: string[]): void => {
  const { sampling, choices, logprobs, keepAlive, contextTokens } = request;
  const names = {
    min_p: sampling.minP,
    seed: sampling.seed,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    repeat_penalty: sampling.repeatPenalty,
    n: (choices ?? 1) > 1 ? choices : undefined,
    logprobs: logprobs === undefined ? undefined : 1,
    keep_alive: keepAlive === undefined ? undefined : 1,
    'options.num_ctx': contextTokens,
  };
  for (const [name, value] of Object.entries(names)) if (value !== undefined) dropped.push(name);
};

/**
 * Newer models refuse a temperature beside `top_p`, the newest refuse both, and all of them do while they think; the
 * temperature goes to 1 here, to 2 elsewhere.
 */
const samplingOf = (
  { temperature, topP, topK, stop }: Sampling,
  mode: 'tuned' | 'fixed',
  dropped: string[],
): JsonObject => {
  const sequences = stop?.filter((text) => text.trim() !== '');
  if (stop !== undefined && sequences?.length !== stop.length) dropped.push('stop');
  const stops = present('stop_sequences', sequences?.length ? sequences : undefined);
  if (mode === 'fixed') {
    if (temperature !== undefined && temperature !== 1) dropped.push('temperature');
    if (topP !== undefined) dropped.push('top_p');
    if (topK !== undefined) dropped.push('top_k');
    return stops;
  }
  if (temperature !== undefined && temperature > 1) dropped.push('temperature');
  if (temperature !== undefined && topP !== undefined) dropped.push('top_p');
  return {
    ...present('temperature', temperature === undefined ? undefined : Math.min(1, Math.max(0, temperature))),
    ...present('top_p', temperature === undefined ? topP : undefined),
    ...present('top_k', topK),
    ...stops,
  };
};

/** Any JSON whatever cannot be asked for here, only that of a schema. */
const outputConfigOf = (
  { format }: ChatRequest,
  effort: string | undefined,
  dropped: string[],
): JsonObject | undefined => {
  if (format?.type === 'json') dropped.push('response_format');
  const schema = format?.type === 'schema' ? { type: 'json_schema', schema: format.schema } : undefined;
  if (schema === undefined && effort === undefined) return undefined;
  return { ...present('effort', effort), ...present('format', schema) };
};

const toolsOf = ({ tools }: ChatRequest, dropped: string[]): readonly JsonObject[] | undefined => {
  if (tools === undefined || tools.length === 0) return undefined;
  const written: JsonObject[] = [];
  for (const [index, tool] of tools.entries()) {
    nameDropped(tool.ext, 'anthropic', `tools[${index}].`, dropped);
    const definition = toolOf(tool);
    if (definition === undefined) dropped.push(`tools[${index}]`);
    else written.push(definition);
  }
  return written.length === 0 ? undefined : written;
};

/** A schema is needed even where there are no arguments. */
const toolOf = (tool: ToolSpec): JsonObject | undefined => {
  const { unknown, sent } = keptOf(tool.ext, 'anthropic');
  if (tool.name === '') return 'type' in sent ? sent : undefined;
  return {
    ...unknown,
    name: tool.name,
    ...present('description', tool.description),
    input_schema: tool.parameters ?? { type: 'object', properties: {} },
  };
};

const choices = { auto: { type: 'auto' }, none: { type: 'none' }, required: { type: 'any' } } as const;

const writeChoice = (choice: ToolChoice): JsonObject =>
  typeof choice === 'string' ? choices[choice] : { type: 'tool', name: choice.name };

const choiceOf = ({ toolChoice, parallelToolCalls }: ChatRequest): JsonObject | undefined => {
  if (parallelToolCalls !== false || toolChoice === 'none') {
    return toolChoice === undefined ? undefined : writeChoice(toolChoice);
  }
  return { ...writeChoice(toolChoice ?? 'auto'), disable_parallel_tool_use: true };
};
