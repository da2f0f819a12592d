/** Neutral requests to Gemini bodies. May import spec and wire. */

import type { ChatRequest, ResponseFormat, ToolChoice, ToolSpec } from '../../spec/chat-request.ts';
import { asObject, type Json, type JsonObject } from '../../spec/json.ts';
import { nameEndUser } from '../end-user.ts';
import { keptOf, nameDropped, restore } from '../extension.ts';
import { fillModel } from '../model-route.ts';
import { promptMessages } from '../prompt-messages.ts';
import type { Rendered } from '../protocol.ts';
import { renderContents } from './render-contents.ts';
import { samplingFields } from './schema.ts';
import { thinkingConfigOf } from './thinking.ts';

/** Always a chat: Google has no plain completions, so a prompt becomes the turn of a user. */
export const render = (request: ChatRequest): Rendered => {
  const dropped: string[] = [];
  nameDropped(request.ext, 'gemini', '', dropped);
  nameEndUser(request, dropped);
  nameUnsaid(request, dropped);
  const messages = request.prompt === undefined ? request.messages : promptMessages(request.prompt);
  // What came in this dialect is given back as it came, so that nothing of it is lost here.
  const lost = request.ext?.gemini === undefined ? dropped : [];
  const { system, contents } = renderContents(messages, request.model, lost);
  const tools = toolsOf(request, dropped);
  const config = configOf(request);
  const fields: JsonObject = {
    ...(system.length === 0 ? {} : { systemInstruction: { parts: system } }),
    contents,
    ...(tools === undefined ? {} : { tools }),
    // A choice without functions to choose from is refused.
    ...(request.toolChoice === undefined || tools === undefined
      ? {}
      : { toolConfig: toolConfigOf(request.toolChoice) }),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
  };
  const action = request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return {
    path: fillModel(`/v1beta/models/{model}:${action}`, request.model),
    operation: 'chat',
    body: restore(fields, request.ext, 'gemini'),
    dropped,
  };
};

/** Neutral fields that have no place here; what only tunes is left out and named. */
const nameUnsaid = (request: ChatRequest, dropped: string[]): void => {
  const { sampling } = request;
  if (request.keepAlive !== undefined) dropped.push('keep_alive');
  if (request.contextTokens !== undefined) dropped.push('options.num_ctx');
  if (sampling.minP !== undefined) dropped.push('min_p');
  if (sampling.repeatPenalty !== undefined) dropped.push('repeat_penalty');
  if (request.parallelToolCalls === false) dropped.push('parallel_tool_calls');
  if ((sampling.stop?.length ?? 0) > maxStopSequences) dropped.push('stop');
};

/** All functions in one entry, as Google wants them; its own tools stand beside it. */
const toolsOf = ({ tools }: ChatRequest, dropped: string[]): readonly Json[] | undefined => {
  if (tools === undefined) return undefined;
  const declarations: Json[] = [];
  const others: Json[] = [];
  for (const [index, tool] of tools.entries()) {
    nameDropped(tool.ext, 'gemini', `tools[${index}].`, dropped);
    if (tool.name !== '') declarations.push(declarationOf(tool));
    else if (tool.ext?.gemini === undefined) dropped.push(`tools[${index}]`);
    else others.push(keptOf(tool.ext, 'gemini').sent);
  }
  const entries = declarations.length === 0 ? others : [{ functionDeclarations: declarations }, ...others];
  return entries.length === 0 ? undefined : entries;
};

/** A function without parameters has none here either: an object without members is refused. */
const declarationOf = (tool: ToolSpec): JsonObject => ({
  ...keptOf(tool.ext, 'gemini').unknown,
  name: tool.name,
  ...(tool.description === undefined ? {} : { description: tool.description }),
  ...(hasMembers(tool.parameters) ? { parametersJsonSchema: tool.parameters } : {}),
});

const hasMembers = (schema: Json | undefined): boolean => {
  const object = asObject(schema);
  return object !== undefined && Object.keys(object).length > 0;
};

const toolConfigOf = (choice: ToolChoice): JsonObject => {
  if (typeof choice === 'object') {
    return { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [choice.name] } };
  }
  const mode = choice === 'none' ? 'NONE' : choice === 'required' ? 'ANY' : 'AUTO';
  return { functionCallingConfig: { mode } };
};

/** Google takes five, and a seed of 32 bits. */
const maxStopSequences = 5;
const seeds = 2 ** 31;

const configOf = (request: ChatRequest): JsonObject => {
  const { sampling, format, logprobs, choices } = request;
  const config: Record<string, Json | undefined> = {};
  for (const [neutral, camel] of samplingFields) {
    if (sampling[neutral] !== undefined) config[camel] = sampling[neutral];
  }
  if (sampling.seed !== undefined) config.seed = sampling.seed % seeds;
  if (sampling.stop !== undefined) config.stopSequences = sampling.stop.slice(0, maxStopSequences);
  if (choices !== undefined) config.candidateCount = choices;
  if (logprobs !== undefined) {
    config.responseLogprobs = true;
    if (logprobs.top !== undefined && logprobs.top > 0) config.logprobs = logprobs.top;
  }
  if (format !== undefined) Object.assign(config, formatFieldsOf(format));
  const thinking = thinkingConfigOf(request);
  if (thinking !== undefined) config.thinkingConfig = thinking;
  return config;
};

const formatFieldsOf = (format: ResponseFormat): JsonObject => {
  if (format.type === 'text') return { responseMimeType: 'text/plain' };
  if (format.type === 'json') return { responseMimeType: 'application/json' };
  return { responseMimeType: 'application/json', responseJsonSchema: format.schema };
};
