/** Bodies of the Responses API to neutral requests. May import spec and wire. */

import type {
  ChatRequest,
  Message,
  ResponseFormat,
  Sampling,
  Thinking,
  ToolChoice,
  ToolSpec,
} from '../../spec/chat-request.ts';
import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  type Json,
  type JsonObject,
} from '../../spec/json.ts';
import { extensionOf, keepUnknown } from '../extension.ts';
import { openaiEfforts } from '../openai-efforts.ts';
import { parseItems } from './parse-items.ts';
import { parseTools } from './parse-tools.ts';

/** Fields that have a neutral form, that are answered here, or that change nothing in an answer. */
const known: ReadonlySet<string> = new Set([
  ...['model', 'stream', 'input', 'instructions', 'tools', 'tool_choice', 'parallel_tool_calls', 'text'],
  ...['reasoning', 'max_output_tokens', 'temperature', 'top_p', 'top_logprobs', 'include', 'intent'],
  ...['store', 'previous_response_id', 'metadata', 'background', 'conversation', 'prompt', 'truncation'],
  ...['stream_options', 'user', 'prompt_cache_key', 'prompt_cache_retention', 'safety_identifier'],
]);

/** Under this name it is told of where it is dropped; everything else of `text` has a neutral form. */
export const verbosityField = 'text.verbosity';

/** Reads a body that passed `peek`; the fields as they were sent stay beside it, for they are told again in the answer. */
export const parse = (body: JsonObject, _operation: 'chat' | 'complete'): ChatRequest => {
  const kept = keepUnknown(body, known);
  for (const field of known) {
    if (field in body && field !== 'model' && field !== 'stream') kept.sent[field] = body[field];
  }
  if (typeof body.stream !== 'boolean') kept.sent.stream = body.stream;
  const verbosity = asObject(body.text)?.verbosity;
  if (verbosity !== undefined && verbosity !== null) kept.unknown[verbosityField] = verbosity;
  return {
    model: asString(body.model) ?? '',
    stream: body.stream === true,
    messages: messagesOf(body),
    ...toolsOf(body),
    parallelToolCalls: asBoolean(body.parallel_tool_calls),
    sampling: samplingOf(body),
    format: formatOf(asObject(asObject(body.text)?.format)),
    thinking: thinkingOf(body),
    logprobs: logprobsOf(body),
    includeUsage: true,
    endUser: asString(body.user) || undefined,
    ext: extensionOf('openai-responses', kept) ?? { 'openai-responses': {} },
  };
};

/** Instructions hold for this request alone and stand before all that is remembered. */
const messagesOf = ({ instructions, input }: JsonObject): readonly Message[] => {
  const messages = parseItems(input);
  return typeof instructions === 'string' && instructions !== ''
    ? [{ role: 'system', content: instructions }, ...messages]
    : messages;
};

const toolsOf = (body: JsonObject): { tools?: readonly ToolSpec[]; toolChoice?: ToolChoice } => {
  const tools = asArray(body.tools);
  const { choice, allowed } = choiceOf(body.tool_choice);
  if (tools === undefined) return choice === undefined ? {} : { toolChoice: choice };
  const specs = parseTools(tools);
  const offered = allowed === undefined ? specs : specs.filter(({ name }) => allowed.has(name));
  return choice === undefined ? { tools: offered } : { tools: offered, toolChoice: choice };
};

/** `allowed_tools` names those of the tools that may be called. */
const choiceOf = (
  value: Json | undefined,
): { readonly choice?: ToolChoice; readonly allowed?: ReadonlySet<string> } => {
  if (value === 'auto' || value === 'none' || value === 'required') return { choice: value };
  const object = asObject(value);
  const name = asString(object?.name);
  if (object?.type === 'allowed_tools') {
    const names = (asArray(object.tools) ?? []).map((tool) => asString(asObject(tool)?.name) ?? '');
    return { choice: object.mode === 'required' ? 'required' : 'auto', allowed: new Set(names) };
  }
  return name === undefined ? {} : { choice: { name } };
};

const samplingOf = (body: JsonObject): Sampling => ({
  maxTokens: asNumber(body.max_output_tokens),
  temperature: asNumber(body.temperature),
  topP: asNumber(body.top_p),
});

const formatOf = (format: JsonObject | undefined): ResponseFormat | undefined => {
  switch (format?.type) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema':
      return { type: 'schema', schema: format.schema ?? {}, name: asString(format.name) };
    default:
      return undefined;
  }
};

const thinkingOf = (body: JsonObject): Thinking | undefined =>
  openaiEfforts.get(asObject(body.reasoning)?.effort);

const logprobsOf = (body: JsonObject): ChatRequest['logprobs'] => {
  const top = asNumber(body.top_logprobs);
  const isIncluded = asArray(body.include)?.includes('message.output_text.logprobs') === true;
  if (!isIncluded && (top === undefined || top === 0)) return undefined;
  return top === undefined ? {} : { top };
};
