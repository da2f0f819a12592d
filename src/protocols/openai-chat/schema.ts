/**
 * OpenAI's wire vocabulary for chat completions, completions and embeddings: literal sets and guards,
 * with what llama.cpp, vLLM, LM Studio and Docker Model Runner add to it. May import spec.
 */

import type { FinishReason } from '../../spec/chat-event.ts';
import { asNumber, asObject, type Json, type JsonObject } from '../../spec/json.ts';
import type { Timings, Usage } from '../../spec/usage.ts';

/** `function` is the deprecated spelling of `tool`. */
export const roles: ReadonlySet<string> = new Set([
  'system',
  'developer',
  'user',
  'assistant',
  'tool',
  'function',
]);

/**
 * The types of content parts that some server of this dialect takes: OpenAI's own, those of its Responses API that others
 * take here too, then what vLLM, SGLang and llama.cpp add, then what providers and routers do.
 */
export const partTypes: ReadonlySet<string> = new Set([
  ...['text', 'image_url', 'input_audio', 'file', 'refusal'],
  ...['input_text', 'output_text', 'input_image', 'input_file', 'input_video'],
  ...['audio_url', 'video_url', 'image_pil', 'image_embeds', 'audio_embeds', 'video_embeds', 'prompt_embeds'],
  ...['thinking', 'reasoning', 'tool_reference', 'reference'],
  ...['image', 'audio', 'video', 'document', 'document_url', 'file_url', 'pdf_url'],
]);

/** Body fields of generating requests that hold one number. */
export const numberFields = [
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'n',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'top_logprobs',
  'top_k',
  'min_p',
  'repeat_penalty',
  'repetition_penalty',
] as const;

/** `stop` also ends answers with tool calls where one tool was forced, which callers want to know. */
export const readFinishReason = (value: string, calledTools: boolean): FinishReason => {
  switch (value) {
    case 'stop':
      return calledTools ? 'tool-calls' : 'stop';
    case 'length':
      return 'length';
    case 'tool_calls':
    case 'function_call':
      return 'tool-calls';
    case 'content_filter':
      return 'content-filter';
    default:
      return 'other';
  }
};

/** OpenAI has no words for loading, and clients check theirs strictly. */
export const writeFinishReason = (reason: FinishReason): string => {
  switch (reason) {
    case 'length':
      return 'length';
    case 'tool-calls':
      return 'tool_calls';
    case 'content-filter':
    case 'refusal':
      return 'content_filter';
    default:
      return 'stop';
  }
};

/** OpenAI's `usage` beside llama.cpp's `timings`, which counts the prompt without its cached part. */
export const readUsage = (usage: JsonObject | undefined, timings: JsonObject | undefined): Usage => {
  const evaluated = asNumber(timings?.prompt_n);
  const cached = asNumber(timings?.cache_n);
  return {
    inputTokens:
      asNumber(usage?.prompt_tokens) ?? (evaluated === undefined ? undefined : evaluated + (cached ?? 0)),
    outputTokens: asNumber(usage?.completion_tokens) ?? asNumber(timings?.predicted_n),
    cachedInputTokens: asNumber(asObject(usage?.prompt_tokens_details)?.cached_tokens) ?? cached,
    reasoningTokens: asNumber(asObject(usage?.completion_tokens_details)?.reasoning_tokens),
    timings: timings === undefined ? undefined : readTimings(timings),
  };
};

const readTimings = (timings: JsonObject): Timings => ({
  prefillMs: asNumber(timings.prompt_ms),
  decodeMs: asNumber(timings.predicted_ms),
});

/** The `usage` object; details only where they are known. */
export const writeUsage = (usage: Usage): JsonObject => {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens, reasoningTokens } = usage;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedInputTokens === undefined
      ? {}
      : { prompt_tokens_details: { cached_tokens: cachedInputTokens } }),
    ...(reasoningTokens === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
};

/** Reasoning text of a message or delta: two spellings are in use. */
export const readReasoning = (message: JsonObject): string | undefined => {
  const value = message.reasoning_content ?? message.reasoning;
  return typeof value === 'string' ? value : undefined;
};

/** An image of an answer, as routers of image models write it; OpenAI itself has none here. */
export const writeImage = (mediaType: string, data: string): JsonObject => ({
  type: 'image_url',
  image_url: { url: `data:${mediaType};base64,${data}` },
});

/** The media type and base64 of a data URL; undefined where it is none. */
export const readImage = (value: Json): { readonly mediaType: string; readonly data: string } | undefined => {
  const url = asObject(asObject(value)?.image_url)?.url;
  const parts = typeof url === 'string' ? /^data:([^;,]+);base64,/.exec(url) : null;
  if (parts === null || typeof url !== 'string') return undefined;
  return { mediaType: parts[1] ?? '', data: url.slice(parts[0].length) };
};

/** Tool arguments are JSON text; some servers send the object. */
export const readArguments = (value: Json | undefined): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
