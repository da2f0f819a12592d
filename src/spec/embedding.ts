/** Embedding requests and results in neutral form. */

import type { Extension } from './chat-request.ts';
import type { Json } from './json.ts';
import type { Usage } from './usage.ts';

export interface EmbedRequest {
  readonly model: string;
  /** Texts, or token arrays where the dialect has them (OpenAI). */
  readonly input: readonly (string | readonly number[])[];
  /** Whether Ollama's older path was asked, whose answer is one bare, unnormalised vector. */
  readonly legacy: boolean;
  readonly dimensions?: number;
  readonly truncate?: boolean;
  /** How the caller wants vectors: OpenAI's SDKs decode base64 without looking, so it must be honoured. */
  readonly encoding: 'float' | 'base64';
  readonly keepAlive?: Json;
  readonly ext?: Extension;
}

export interface EmbedResult {
  readonly model?: string;
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage;
}
