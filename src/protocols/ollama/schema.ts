/**
 * Ollama's wire vocabulary: field sets, literal sets and guards.
 * May import spec. Facts are those of Ollama's server (`api/types.go`, `server/routes.go`).
 */

import type { FinishReason } from '../../spec/chat-event.ts';
import type { Thinking } from '../../spec/chat-request.ts';
import type { Json } from '../../spec/json.ts';

/** `developer` is passed through by Ollama's server, which checks no role itself. */
export const roles: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool']);

/** Options with one number; a wrong type fails the load inside Ollama with a 500, so it is refused before. */
export const numberOptions: ReadonlySet<string> = new Set([
  'num_ctx',
  'num_batch',
  'num_gpu',
  'main_gpu',
  'num_thread',
  'num_keep',
  'seed',
  'num_predict',
  'top_k',
  'top_p',
  'min_p',
  'typical_p',
  'repeat_last_n',
  'temperature',
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
]);

const thinkLevels: ReadonlySet<string> = new Set(['low', 'medium', 'high', 'max']);

/** Whether a `think` value is one of Ollama's levels. */
export const isThinkLevel = (value: Json | undefined): value is Thinking & string =>
  typeof value === 'string' && thinkLevels.has(value);

/** Go's `time.ParseDuration` syntax; a bare `0` needs no unit. */
export const isDuration = (text: string): boolean =>
  text.length <= 64 && /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text);

/** Whether a `keep_alive` means zero seconds, which puts a model out of memory at once. */
export const isZeroDuration = (value: Json | undefined): boolean =>
  value === 0 || (typeof value === 'string' && isDuration(value) && !/[1-9]/.test(value));

/**
 * Ollama has no reason of its own for tool calls; they end with `stop`.
 * An absent or empty reason on a done line is an internal ending of an answer that is whole.
 */
export const readDoneReason = (value: Json | undefined, calledTools: boolean): FinishReason => {
  if (isEmpty(value) || value === 'stop') return calledTools ? 'tool-calls' : 'stop';
  return value === 'length' || value === 'load' || value === 'unload' ? value : 'other';
};

const isEmpty = (value: Json | undefined): boolean => value === undefined || value === null || value === '';

/** What Ollama says where other dialects have more reasons. */
export const writeDoneReason = (reason: FinishReason): string =>
  reason === 'length' || reason === 'load' || reason === 'unload' ? reason : 'stop';
