/** Gemini bodies to neutral requests. May import spec. */

import type {
  ChatRequest,
  Message,
  ResponseFormat,
  Sampling,
  Thinking,
  ToolChoice,
} from '../../spec/chat-request.ts';
import { asArray, asBoolean, asNumber, asObject, asString, type JsonObject } from '../../spec/json.ts';
import { extensionOf, type Kept, keepUnknown } from '../extension.ts';
import { parseContents, textPartsOf } from './parse-contents.ts';
import { parseTools, toJsonSchema } from './parse-tools.ts';
import { configOf, member, samplingFields } from './schema.ts';

/** Fields with a neutral form, in both spellings; they are kept as they were sent. */
const neutralFields = [
  ...['contents', 'tools', 'systemInstruction', 'system_instruction'],
  ...['toolConfig', 'tool_config', 'generationConfig', 'generation_config', 'intent'],
] as const;

/** Those that `render` writes, and that a body without them is given back without. */
const renderedFields: ReadonlySet<string> = new Set([
  ...['contents', 'tools', 'systemInstruction', 'toolConfig', 'generationConfig'],
]);

const known: ReadonlySet<string> = new Set([...neutralFields, 'model', 'stream']);

const snakeOf = (camel: string): string => camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const inBothSpellings = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.flatMap((name) => [name, snakeOf(name)]));

const knownInConfig = inBothSpellings([
  ...samplingFields.map(([, camel]) => camel),
  ...['stopSequences', 'candidateCount', 'responseMimeType', 'responseSchema', 'responseJsonSchema'],
  ...['responseLogprobs', 'logprobs', 'thinkingConfig', '_responseJsonSchema'],
]);
const knownInThinking = inBothSpellings(['includeThoughts', 'thinkingBudget', 'thinkingLevel']);
const knownInCalling = inBothSpellings(['mode', 'allowedFunctionNames']);

/** Reads a body that passed `peek`, with the model and the wish for a stream beside what was sent. */
export const parse = (body: JsonObject): ChatRequest => {
  const kept = keepUnknown(body, known);
  for (const field of neutralFields) {
    if (field in body || renderedFields.has(field)) kept.sent[field] = body[field];
  }
  const config = configOf(body);
  return {
    model: asString(body.model) ?? '',
    stream: body.stream === true,
    messages: [...systemOf(body), ...parseContents(body.contents)],
    tools: parseTools(body.tools),
    toolChoice: toolChoiceOf(body, kept),
    sampling: samplingOf(config),
    format: formatOf(config),
    ...thinkingOf(config),
    logprobs: logprobsOf(config),
    choices: asNumber(member(config, 'candidateCount', 'candidate_count')),
    includeUsage: true,
    ext: extensionOf('gemini', withConfig(kept, config)),
  };
};

const withConfig = (kept: Kept, config: JsonObject): Kept => {
  const { unknown } = keepUnknown(config, knownInConfig);
  const thinking = asObject(member(config, 'thinkingConfig', 'thinking_config'));
  const more = thinking === undefined ? {} : keepUnknown(thinking, knownInThinking).unknown;
  const all = Object.keys(more).length === 0 ? unknown : { ...unknown, thinkingConfig: more };
  if (Object.keys(all).length > 0) kept.unknown.generationConfig = all;
  return kept;
};

const systemOf = (body: JsonObject): readonly Message[] => {
  const system = asObject(member(body, 'systemInstruction', 'system_instruction'));
  const content = system === undefined ? null : textPartsOf(system);
  return content === null ? [] : [{ role: 'system', content }];
};

/** Several names that are allowed are a choice no other dialect has; one of them is. */
const toolChoiceOf = (body: JsonObject, { unknown }: Kept): ToolChoice | undefined => {
  const config = asObject(member(body, 'toolConfig', 'tool_config'));
  if (config === undefined) return undefined;
  const calling = asObject(member(config, 'functionCallingConfig', 'function_calling_config'));
  const names = asArray(calling && member(calling, 'allowedFunctionNames', 'allowed_function_names')) ?? [];
  const lost = {
    ...keepUnknown(config, inBothSpellings(['functionCallingConfig'])).unknown,
    ...(calling === undefined ? {} : keepUnknown(calling, knownInCalling).unknown),
    ...(names.length > 1 ? { allowedFunctionNames: names } : {}),
  };
  if (Object.keys(lost).length > 0) unknown.toolConfig = lost;
  switch (asString(calling?.mode)?.toUpperCase()) {
    case 'NONE':
      return 'none';
    case 'ANY': {
      const [name] = names;
      return names.length === 1 && typeof name === 'string' ? { name } : 'required';
    }
    case 'AUTO':
    case 'VALIDATED':
      return 'auto';
    default:
      return undefined;
  }
};

const samplingOf = (config: JsonObject): Sampling => {
  const numbers: Record<string, number | undefined> = {};
  for (const [neutral, camel, snake] of samplingFields)
    numbers[neutral] = asNumber(member(config, camel, snake));
  const stop = asArray(member(config, 'stopSequences', 'stop_sequences'))?.map(
    (text) => asString(text) ?? '',
  );
  return { ...numbers, stop: stop?.length ? stop : undefined };
};

/** A schema may come in Google's own notation or as JSON Schema; both constrain JSON. */
const formatOf = (config: JsonObject): ResponseFormat | undefined => {
  const type = asString(member(config, 'responseMimeType', 'response_mime_type'));
  const ownSchema = asObject(member(config, 'responseSchema', 'response_schema'));
  const jsonSchema =
    member(config, 'responseJsonSchema', 'response_json_schema') ?? config._responseJsonSchema;
  const schema = jsonSchema ?? (ownSchema === undefined ? undefined : toJsonSchema(ownSchema));
  if (schema !== undefined && schema !== null) return { type: 'schema', schema };
  if (type === 'application/json') return { type: 'json' };
  return type === 'text/plain' ? { type: 'text' } : undefined;
};

const levels: ReadonlyMap<string | undefined, Thinking> = new Map<string | undefined, Thinking>([
  ['MINIMAL', 'minimal'],
  ['LOW', 'low'],
  ['MEDIUM', 'medium'],
  ['HIGH', 'high'],
]);

/** A budget of -1 leaves it to the model how much to think. */
const thinkingOf = (config: JsonObject): Pick<ChatRequest, 'thinking' | 'thinkingTokens'> => {
  const thinking = asObject(member(config, 'thinkingConfig', 'thinking_config'));
  if (thinking === undefined) return {};
  const level = levels.get(asString(member(thinking, 'thinkingLevel', 'thinking_level'))?.toUpperCase());
  const budget = asNumber(member(thinking, 'thinkingBudget', 'thinking_budget'));
  if (level !== undefined) return { thinking: level };
  if (budget === 0) return { thinking: false };
  if (budget !== undefined && budget > 0) return { thinking: true, thinkingTokens: budget };
  if (budget === undefined && asBoolean(member(thinking, 'includeThoughts', 'include_thoughts')) !== true)
    return {};
  return { thinking: true };
};

const logprobsOf = (config: JsonObject): ChatRequest['logprobs'] =>
  member(config, 'responseLogprobs', 'response_logprobs') === true
    ? { top: asNumber(config.logprobs) }
    : undefined;
