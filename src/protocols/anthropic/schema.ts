/** Anthropic's wire vocabulary for messages: literal sets, guards, ends and usage. May import spec. */

import type { FinishReason } from '../../spec/chat-event.ts';
import { asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { Usage } from '../../spec/usage.ts';

/** The API itself has the system text beside the messages; newer clients put later ones between them. */
export const roles: ReadonlySet<string> = new Set(['user', 'assistant', 'system']);

/** The kinds of images every model of the provider takes. */
export const imageTypes: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
]);

/** Blocks that are looked at no further, as the provider's versions and betas have them so far. */
const otherBlocks: ReadonlySet<string> = new Set([
  ...['search_result', 'tool_reference', 'container_upload', 'browser_state', 'compaction', 'fallback'],
  ...['tool_addition', 'tool_removal', 'mcp_tool_listing'],
]);

/** Whether the provider has blocks of a type: each tool that it runs itself brings two of its own, so their form tells. */
export const isBlockType = (type: string): boolean =>
  otherBlocks.has(type) || /^[a-z0-9_]+_tool_(?:use|result)$/.test(type);

/** Body fields that hold one number. */
export const numberFields = ['temperature', 'top_p', 'top_k'] as const;

/** Some servers of this dialect end an answer with calls like any other. */
export const readStopReason = (value: string, calledTools: boolean): FinishReason => {
  switch (value) {
    case 'end_turn':
      return calledTools ? 'tool-calls' : 'stop';
    case 'stop_sequence':
      return 'stop-sequence';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool-calls';
    case 'refusal':
      return 'refusal';
    case 'pause_turn':
      return 'pause';
    default:
      return 'other';
  }
};

/** A client goes on with its tools only where the answer ended for them. */
export const writeStopReason = (reason: FinishReason, calledTools: boolean): string => {
  switch (reason) {
    case 'length':
      return 'max_tokens';
    case 'tool-calls':
      return 'tool_use';
    case 'content-filter':
    case 'refusal':
      return 'refusal';
    case 'pause':
      return 'pause_turn';
    case 'stop-sequence':
      return 'stop_sequence';
    default:
      return calledTools ? 'tool_use' : 'end_turn';
  }
};

/** Counts of one message as its events tell them; each later one replaces the earlier. */
export interface UsageCounts {
  fresh: number | undefined;
  read: number | undefined;
  written: number | undefined;
  output: number | undefined;
  thinking: number | undefined;
}

/** Takes what a `usage` object says; a count that is null or missing stays as it was. */
export const noteUsage = (counts: UsageCounts, usage: JsonObject): void => {
  counts.fresh = asNumber(usage.input_tokens) ?? counts.fresh;
  counts.read = asNumber(usage.cache_read_input_tokens) ?? counts.read;
  counts.written = asNumber(usage.cache_creation_input_tokens) ?? counts.written;
  counts.output = asNumber(usage.output_tokens) ?? counts.output;
  counts.thinking = asNumber(asObject(usage.output_tokens_details)?.thinking_tokens) ?? counts.thinking;
};

/** `input_tokens` leaves out what was read from or written to a cache; the neutral count holds all of it. */
export const usageOf = ({ fresh, read, written, output, thinking }: UsageCounts): Usage => ({
  inputTokens:
    (fresh ?? read ?? written) === undefined ? undefined : (fresh ?? 0) + (read ?? 0) + (written ?? 0),
  outputTokens: output,
  cachedInputTokens: read,
  reasoningTokens: thinking,
});

/** The `usage` object of a whole message, and of a stream's end; a count that is not known is left out. */
export const writeUsage = (usage: Usage | undefined): JsonObject => {
  const { inputTokens, outputTokens = 0, cachedInputTokens, reasoningTokens } = usage ?? {};
  return {
    ...(inputTokens === undefined ? {} : { input_tokens: freshTokens(inputTokens, cachedInputTokens) }),
    ...(cachedInputTokens === undefined
      ? {}
      : { cache_creation_input_tokens: 0, cache_read_input_tokens: cachedInputTokens }),
    output_tokens: outputTokens,
    ...(reasoningTokens === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
};

/** Prompt tokens without the cached ones. */
export const freshTokens = (inputTokens: number, cachedInputTokens: number | undefined): number =>
  Math.max(0, inputTokens - (cachedInputTokens ?? 0));

/** The error types of a stream whose sentences often lack the words that say what happened. */
const telling: Readonly<Record<string, string>> = {
  overloaded_error: 'overloaded',
  rate_limit_error: 'rate limit',
  timeout_error: 'timed out',
  authentication_error: 'api key',
  billing_error: 'billing',
};

/** An error's sentence, with the meaning of its type before it where the sentence does not have it. */
export const readError = (error: JsonObject): string => {
  const message = asString(error.message) ?? '';
  const meaning = telling[asString(error.type) ?? ''];
  if (message === '') return meaning ?? 'the engine reported an error without a message';
  return meaning === undefined || message.toLowerCase().includes(meaning)
    ? message
    : `${meaning}: ${message}`;
};

/** JSON text of a call's input; an object that holds nothing is what a call begins with. */
export const inputText = (value: Json | undefined): string =>
  value === undefined || value === null ? '{}' : JSON.stringify(value);
