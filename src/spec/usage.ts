/** What one answer cost in tokens and time; every part is optional because every engine omits some of it. */

import type { Json } from './json.ts';
import type { Millis } from './vocabulary.ts';

/** An engine's own account of its time; Ollama reports nanoseconds, llama.cpp milliseconds. */
export interface Timings {
  readonly totalMs?: Millis;
  readonly loadMs?: Millis;
  readonly prefillMs?: Millis;
  readonly decodeMs?: Millis;
}

/** Token counts; `inputTokens` includes cached ones, as OpenAI counts them. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly reasoningTokens?: number;
  readonly timings?: Timings;
  /** The dialect's own object, so that the same dialect can be given it back whole. */
  readonly raw?: Json;
}
