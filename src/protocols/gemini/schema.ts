/**
 * Gemini's wire vocabulary: literal sets, spellings and guards, as Google's `generativelanguage` API has them.
 * May import spec.
 */

import type { FinishReason } from '../../spec/chat-event.ts';
import { asNumber, asObject, type Json, type JsonObject } from '../../spec/json.ts';
import type { Usage } from '../../spec/usage.ts';

/** `function` is an older spelling for whoever answers a call. */
export const roles: ReadonlySet<string> = new Set(['user', 'model', 'function']);

/**
 * A member under either of its spellings: Google's servers read `camelCase` and `snake_case` alike, and write the first.
 */
export const member = (object: JsonObject, camel: string, snake: string): Json | undefined =>
  object[camel] ?? object[snake];

/** `generationConfig` under either spelling; empty where there is none. */
export const configOf = (body: JsonObject): JsonObject =>
  asObject(member(body, 'generationConfig', 'generation_config')) ?? {};

/** A list that may be given as its only entry, as Google's own examples do. */
export const listOf = (value: Json | undefined): readonly Json[] => {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
};

/** Number fields of `generationConfig` by their neutral name, for both directions. */
export const samplingFields = [
  ['temperature', 'temperature', 'temperature'],
  ['topP', 'topP', 'top_p'],
  ['topK', 'topK', 'top_k'],
  ['maxTokens', 'maxOutputTokens', 'max_output_tokens'],
  ['seed', 'seed', 'seed'],
  ['frequencyPenalty', 'frequencyPenalty', 'frequency_penalty'],
  ['presencePenalty', 'presencePenalty', 'presence_penalty'],
] as const;

/** Reasons that mean that something was kept back. */
const filtered: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
]);

/** The model called a tool as nobody can, or one that was not on offer. */
const unreadable: ReadonlySet<string> = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL']);

/** Gemini has no reason of its own for function calls; they end with `STOP`. */
export const readFinishReason = (value: string, calledTools: boolean): FinishReason => {
  if (value === 'STOP') return calledTools ? 'tool-calls' : 'stop';
  if (value === 'MAX_TOKENS') return 'length';
  if (filtered.has(value)) return 'content-filter';
  return unreadable.has(value) ? 'unreadable-call' : 'other';
};

/** The nearest of Gemini's reasons. */
export const writeFinishReason = (reason: FinishReason): string => {
  switch (reason) {
    case 'length':
      return 'MAX_TOKENS';
    case 'content-filter':
    case 'refusal':
      return 'SAFETY';
    case 'unreadable-call':
      return 'MALFORMED_FUNCTION_CALL';
    case 'pause':
    case 'other':
      return 'OTHER';
    default:
      return 'STOP';
  }
};

const sum = (left: number | undefined, right: number | undefined): number | undefined =>
  left === undefined && right === undefined ? undefined : (left ?? 0) + (right ?? 0);

/** Thoughts are counted beside the answer here, and in it everywhere else. */
export const readUsage = (usage: JsonObject): Usage => {
  const reasoningTokens = asNumber(usage.thoughtsTokenCount);
  return {
    inputTokens: sum(asNumber(usage.promptTokenCount), asNumber(usage.toolUsePromptTokenCount)),
    outputTokens: sum(asNumber(usage.candidatesTokenCount), reasoningTokens),
    cachedInputTokens: asNumber(usage.cachedContentTokenCount),
    reasoningTokens,
  };
};

/** The `usageMetadata` object; details only where they are known. */
export const writeUsage = (usage: Usage): JsonObject => {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens, reasoningTokens } = usage;
  const spokenTokens = Math.max(0, outputTokens - (reasoningTokens ?? 0));
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: spokenTokens,
    ...(reasoningTokens === undefined ? {} : { thoughtsTokenCount: reasoningTokens }),
    ...(cachedInputTokens === undefined ? {} : { cachedContentTokenCount: cachedInputTokens }),
    totalTokenCount: inputTokens + spokenTokens + (reasoningTokens ?? 0),
  };
};
