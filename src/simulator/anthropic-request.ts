/** Reads a body of Anthropic's API as the provider does, in the order in which it complains. */

import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import { type AnswerAsk, composeAnswer, type ThinkingEffort } from './answer.ts';
import { type AnthropicConversation, readAnthropicConversation } from './anthropic-content.ts';
import { badRequest } from './anthropic-errors.ts';
import type { Refusal } from './exchange.ts';
import { chatOpening, type Generation } from './generation.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import type { Answer } from './piece.ts';
import type { RunnerSpec } from './placement.ts';
import { countTokens } from './tokens.ts';
import type { ToolAsk } from './tool-calls.ts';

/** A request that the provider would serve. */
export interface AnthropicAsk {
  readonly name: string;
  readonly stream: boolean;
  /** Whether anything of the prompt may be kept for the next request. */
  readonly caches: boolean;
  readonly showsThinking: 'shown' | 'redacted' | 'omitted';
  readonly stopReason: string;
  readonly stopSequence: string | null;
  readonly generation: Generation;
}

/** What was read, or what the caller is told instead. */
export type AnthropicRead = { readonly ask: AnthropicAsk } | { readonly refusal: Refusal };

const imageTokens = 1500;

const knownFields: ReadonlySet<string> = new Set([
  ...['model', 'max_tokens', 'messages', 'system', 'temperature', 'top_p', 'top_k', 'stop_sequences'],
  ...['stream', 'tools', 'tool_choice', 'thinking', 'output_config', 'metadata', 'service_tier'],
  ...['cache_control', 'container', 'inference_geo', 'context_management', 'mcp_servers'],
]);

/** The provider's own words that make its models refuse, or hide what they think. */
const refusalTrigger = 'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL';
const redactedTrigger = 'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING';

const samplingFields = ['temperature', 'top_p', 'top_k'] as const;

/** The models from Opus 4.7 on, which are not told how to choose their words. */
const isUntuned = (model: string): boolean =>
  /^claude-(?:[a-z]+-4-[7-9](?!\d)|[a-z]+-[5-9](?!\d))/.test(model);

const fieldProblem = (body: JsonObject): string | undefined => {
  for (const field of Object.keys(body)) {
    if (!knownFields.has(field)) return `${field}: Extra inputs are not permitted`;
  }
  if (body.max_tokens === undefined) return 'max_tokens: Field required';
  const maxTokens = asNumber(body.max_tokens);
  if (maxTokens === undefined) return 'max_tokens: Input should be a valid integer';
  if (maxTokens < 1) return 'max_tokens: Input should be greater than or equal to 1';
  const refused = isUntuned(asString(body.model) ?? '')
    ? samplingFields.find((field) => field in body)
    : undefined;
  if (refused !== undefined) return `\`${refused}\` is deprecated for this model.`;
  const temperature = asNumber(body.temperature);
  if (temperature !== undefined && temperature > 1) {
    return 'temperature: Input should be less than or equal to 1';
  }
  if (temperature !== undefined && asNumber(body.top_p) !== undefined) {
    return '`temperature` and `top_p` cannot both be specified for this model. Please use only one.';
  }
  if (readStop(body).some((text) => text.trim() === '')) {
    return 'stop_sequences: each stop sequence must contain non-whitespace';
  }
  return undefined;
};

const readStop = (body: JsonObject): readonly string[] =>
  (asArray(body.stop_sequences) ?? []).filter((text) => typeof text === 'string');

const toolProblem = (body: JsonObject): string | undefined => {
  const tools = asArray(body.tools) ?? [];
  for (const [index, value] of tools.entries()) {
    const tool = asObject(value);
    if (tool?.type !== undefined && tool.type !== 'custom') continue;
    if (asObject(tool?.input_schema)?.type !== 'object') {
      return `tools.${index}.custom.input_schema.type: Field required`;
    }
  }
  return body.tool_choice !== undefined && tools.length === 0
    ? 'tool_choice: tool_choice may only be specified while providing tools.'
    : undefined;
};

const isForced = (body: JsonObject): boolean => {
  const type = asObject(body.tool_choice)?.type;
  return type === 'any' || type === 'tool';
};

const thinkingProblem = (body: JsonObject, conversation: AnthropicConversation): string | undefined => {
  const thinking = asObject(body.thinking);
  if (thinking?.type !== 'enabled' && thinking?.type !== 'adaptive') return undefined;
  if (thinking.type === 'enabled') {
    const budget = asNumber(thinking.budget_tokens);
    if (budget === undefined) return 'thinking.enabled.budget_tokens: Field required';
    if (budget < 1024) return 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024';
    if (budget >= (asNumber(body.max_tokens) ?? 0)) {
      return '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation.';
    }
    if (!conversation.thoughtBeforeCalls) {
      return 'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.';
    }
  }
  const temperature = asNumber(body.temperature);
  if (temperature !== undefined && temperature !== 1) {
    return '`temperature` may only be set to 1 when thinking is enabled.';
  }
  return isForced(body) ? 'Thinking may not be enabled when tool_choice forces tool use.' : undefined;
};

const efforts = { low: 'low', medium: 'medium', high: 'high', xhigh: 'high', max: 'high' } as const;

const effortOf = (body: JsonObject): ThinkingEffort => {
  const type = asObject(body.thinking)?.type;
  if (type !== 'enabled' && type !== 'adaptive') return 'none';
  const wanted = asString(asObject(body.output_config)?.effort);
  return Object.entries(efforts).find(([name]) => name === wanted)?.[1] ?? 'medium';
};

const asOpenAi = (value: Json): Json => {
  const tool = asObject(value) ?? {};
  return { type: 'function', function: { name: tool.name, parameters: tool.input_schema } };
};

const toolsOf = (body: JsonObject, conversation: AnthropicConversation): ToolAsk => {
  const choice = asObject(body.tool_choice);
  const name = asString(choice?.name);
  const isSingle = choice?.disable_parallel_tool_use === true;
  const { lastUserText, answersTool } = conversation;
  return {
    tools: (asArray(body.tools) ?? [])
      .filter((tool) => asObject(tool)?.input_schema !== undefined)
      .map(asOpenAi),
    choice:
      choice?.type === 'tool' && name !== undefined
        ? { name }
        : choice?.type === 'none'
          ? 'none'
          : choice?.type === 'any'
            ? 'required'
            : 'auto',
    lastUserText: isSingle ? lastUserText.replaceAll('parallel', '') : lastUserText,
    answersTool,
  };
};

const formatOf = (body: JsonObject): AnswerAsk['format'] => {
  const format = asObject(asObject(body.output_config)?.format);
  return format?.type === 'json_schema' ? { schema: format.schema ?? {} } : undefined;
};

const withOwnIds = (answer: Answer): Answer => ({
  ...answer,
  calls: answer.calls.map((call) => ({ ...call, id: call.id.replace('call_', 'toolu_01') })),
});

/** Which of the sequences the uncut answer meets first. */
const metSequence = (ask: AnswerAsk): string | null => {
  const { pieces } = composeAnswer({ ...ask, stop: [] });
  const text = pieces.map((piece) => (piece.kind === 'content' ? piece.text : '')).join('');
  const met = ask.stop.filter((sequence) => text.includes(sequence));
  return met.sort((left, right) => text.indexOf(left) - text.indexOf(right))[0] ?? null;
};

const reasonOf = (answer: Answer, stopSequence: string | null): string => {
  if (answer.reason === 'tool-calls') return 'tool_use';
  if (answer.reason === 'length') return 'max_tokens';
  return stopSequence === null ? 'end_turn' : 'stop_sequence';
};

const holdsCacheControl = (body: JsonObject): boolean => JSON.stringify(body).includes('"cache_control":{');

const showing = (body: JsonObject, lastUserText: string): AnthropicAsk['showsThinking'] => {
  if (lastUserText.includes(redactedTrigger)) return 'redacted';
  return asObject(body.thinking)?.display === 'omitted' ? 'omitted' : 'shown';
};

/** Tokens of what a body shows to the model. */
export const anthropicPromptTokens = ({ prompt, images }: AnthropicConversation, body: JsonObject): number =>
  countTokens(prompt) + images * imageTokens + countTokens(JSON.stringify(asArray(body.tools) ?? ''));

/** What to run, or what the provider answers instead. */
export const readAnthropicRequest = (
  core: HostCore,
  body: JsonObject,
  listed: ListedModel,
  spec: RunnerSpec,
): AnthropicRead => {
  const read = readAnthropicConversation(body);
  const problem =
    fieldProblem(body) ??
    toolProblem(body) ??
    ('problem' in read ? read.problem : thinkingProblem(body, read.conversation));
  if (problem !== undefined || 'problem' in read) return { refusal: badRequest(problem ?? '') };
  const { conversation } = read;
  const promptTokens = anthropicPromptTokens(conversation, body);
  if (promptTokens > spec.contextTokens) {
    return {
      refusal: badRequest(`prompt is too long: ${promptTokens} tokens > ${spec.contextTokens} maximum`),
    };
  }
  const ask: AnswerAsk = {
    seed: core.settings.seed,
    signature: `Simulated ${listed.name} on ${core.settings.name}:`,
    prompt: conversation.prompt,
    thinking: effortOf(body),
    format: formatOf(body),
    stop: readStop(body),
    maxTokens: asNumber(body.max_tokens) ?? 1,
    tools: toolsOf(body, conversation),
  };
  const isRefused = conversation.lastUserText.includes(refusalTrigger);
  const answer: Answer = isRefused
    ? { pieces: [], calls: [], reason: 'stop' }
    : withOwnIds(composeAnswer(ask));
  const stopSequence = answer.reason === 'stop' && ask.stop.length > 0 ? metSequence(ask) : null;
  return {
    ask: {
      name: listed.name,
      stream: body.stream === true,
      caches: holdsCacheControl(body),
      showsThinking: showing(body, conversation.lastUserText),
      stopReason: isRefused ? 'refusal' : reasonOf(answer, stopSequence),
      stopSequence,
      generation: {
        spec,
        keepAliveMs: Infinity,
        prompt: conversation.prompt,
        promptTokens,
        opening: chatOpening,
        answer,
      },
    },
  };
};
