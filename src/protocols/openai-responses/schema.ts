/** The wire vocabulary of OpenAI's Responses API: literal sets, and the shapes both directions share. May import spec. */

import type { FinishReason } from '../../spec/chat-event.ts';
import { asNumber, asObject, type JsonObject } from '../../spec/json.ts';
import type { Usage } from '../../spec/usage.ts';

/** Who may speak in an input item; results of tools are items of their own. */
export const roles: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant']);

/** Body fields that hold one number. */
export const numberFields = [
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'max_tool_calls',
] as const;

/** Why an answer is incomplete; undefined where it is not. */
export const incompleteReason = (reason: FinishReason | undefined): string | undefined => {
  if (reason === 'length') return 'max_output_tokens';
  return reason === 'content-filter' || reason === 'refusal' ? 'content_filter' : undefined;
};

/** Reads `incomplete_details.reason`. */
export const readIncomplete = (reason: string | undefined): FinishReason => {
  if (reason === 'max_output_tokens') return 'length';
  return reason === 'content_filter' ? 'content-filter' : 'other';
};

/** The `usage` object, whose details are always there. */
export const writeUsage = (usage: Usage): JsonObject => {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens = 0, reasoningTokens = 0 } = usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedInputTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  };
};

/** Reads it back. */
export const readUsage = (usage: JsonObject): Usage => ({
  inputTokens: asNumber(usage.input_tokens),
  outputTokens: asNumber(usage.output_tokens),
  cachedInputTokens: asNumber(asObject(usage.input_tokens_details)?.cached_tokens),
  reasoningTokens: asNumber(asObject(usage.output_tokens_details)?.reasoning_tokens),
});
