/** What an answer is made of, in the order it happens, whatever the dialect; streams and whole answers alike. */

import type { GatewayError } from './gateway-error.ts';
import type { Json } from './json.ts';
import type { Signature } from './signature.ts';
import type { Usage } from './usage.ts';

export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  /** The model called a tool, in a form its own engine could not read. */
  | 'unreadable-call'
  | 'load'
  | 'unload'
  | 'other';

/** One token's probability in OpenAI's shape, which Ollama shares: token, logprob, bytes, top_logprobs. */
export type Logprobs = readonly Json[];

export type ChatEvent =
  | { readonly type: 'response-start'; readonly id?: string; readonly model?: string }
  | {
      readonly type: 'text-delta';
      readonly text: string;
      readonly choice?: number;
      readonly logprobs?: Logprobs;
    }
  | { readonly type: 'reasoning-delta'; readonly text: string; readonly choice?: number }
  /** Closes a block of reasoning; a later turn must carry it back to whoever signed it. */
  | { readonly type: 'reasoning-signature'; readonly signature: Signature }
  /** A block of reasoning that only its maker can read. */
  | { readonly type: 'reasoning-redacted'; readonly signature: Signature }
  /** `data` is base64. */
  | { readonly type: 'image'; readonly data: string; readonly mediaType: string; readonly choice?: number }
  /** `index` counts the calls of one answer from 0; arguments follow as deltas of JSON text. */
  | {
      readonly type: 'tool-call-start';
      readonly index: number;
      readonly id?: string;
      readonly name: string;
      readonly signature?: Signature;
    }
  | { readonly type: 'tool-call-delta'; readonly index: number; readonly arguments: string }
  | { readonly type: 'tool-call-end'; readonly index: number }
  /** Exactly one per complete answer; an answer without it was cut. */
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      readonly choice?: number;
      /** Which of the caller's stop sequences ended it, where the dialect says so. */
      readonly stopSequence?: string;
    }
  /** Cumulative: the last one counts. */
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'error'; readonly error: GatewayError }
  | { readonly type: 'unknown'; readonly raw: Json };

/**
 * Whether an event is content: a delta of text, reasoning or tool call.
 * Failover is legal until the first of these; role chunks, pings and empty deltas are not content.
 */
export const isContent = (event: ChatEvent): boolean =>
  event.type === 'tool-call-start' ||
  event.type === 'tool-call-delta' ||
  event.type === 'reasoning-redacted' ||
  event.type === 'image' ||
  ((event.type === 'text-delta' || event.type === 'reasoning-delta') && event.text !== '');
