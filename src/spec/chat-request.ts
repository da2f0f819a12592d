/** The neutral request for generated text: what every dialect is parsed into and rendered from. */

import type { Json, JsonObject } from './json.ts';
import type { Signature } from './signature.ts';
import type { ProtocolId } from './vocabulary.ts';

/** Fields only one dialect knows, kept beside the neutral ones so that rendering the same dialect loses nothing. */
export type Extension = Partial<Record<ProtocolId, JsonObject>>;

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

export type ContentPart =
  | { readonly type: 'text'; readonly text: string; readonly ext?: Extension }
  /** `data` is base64; `mediaType` is absent where the dialect does not carry it (Ollama). */
  | { readonly type: 'image'; readonly data: string; readonly mediaType?: string; readonly ext?: Extension }
  | { readonly type: 'image-url'; readonly url: string; readonly ext?: Extension }
  | { readonly type: 'audio'; readonly data: string; readonly format: string; readonly ext?: Extension }
  /** A file for the model to read, such as a PDF; `data` is base64, or plain text where `mediaType` is `text/plain`. */
  | {
      readonly type: 'document';
      readonly data: string;
      readonly mediaType: string;
      readonly name?: string;
      readonly ext?: Extension;
    }
  | { readonly type: 'other'; readonly protocol: ProtocolId; readonly raw: Json };

export interface ToolCall {
  /** Absent from old Ollama servers; a renderer that needs one makes it from the position. */
  readonly id?: string;
  readonly name: string;
  /** JSON text, as OpenAI carries it; dialects with objects parse it. */
  readonly arguments: string;
  readonly signature?: Signature;
  readonly ext?: Extension;
}

/** One block of an assistant's reasoning; without text it is one that only its maker can read. */
export interface ReasoningBlock {
  readonly text?: string;
  readonly signature?: Signature;
}

export interface Message {
  readonly role: Role;
  readonly content: string | readonly ContentPart[] | null;
  /** All of its text, for dialects that know no blocks. */
  readonly reasoning?: string;
  /** The same in blocks, where the dialect signs them. */
  readonly reasoningBlocks?: readonly ReasoningBlock[];
  readonly toolCalls?: readonly ToolCall[];
  /** On role `tool`: which call this answers. */
  readonly toolCallId?: string;
  readonly toolName?: string;
  /** On role `tool`: that the call failed, and the content says how. */
  readonly toolFailed?: boolean;
  readonly ext?: Extension;
}

export interface ToolSpec {
  readonly name: string;
  readonly description?: string;
  readonly parameters?: Json;
  readonly ext?: Extension;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** `json` is any JSON; `schema` constrains it. */
export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | { readonly type: 'schema'; readonly schema: Json; readonly name?: string; readonly ext?: Extension };

export type Thinking = boolean | 'minimal' | 'low' | 'medium' | 'high' | 'max';

export interface Sampling {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly repeatPenalty?: number;
}

/** The prompt of a plain completion; `raw` means that the engine applies no template. */
export interface Prompt {
  readonly text: string;
  readonly suffix?: string;
  readonly system?: string;
  readonly raw?: boolean;
  readonly images?: readonly string[];
}

export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  /** Empty when `prompt` is set. */
  readonly messages: readonly Message[];
  /** Set for the operation `complete`. */
  readonly prompt?: Prompt;
  readonly tools?: readonly ToolSpec[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly sampling: Sampling;
  readonly format?: ResponseFormat;
  readonly thinking?: Thinking;
  /** The most tokens to reason with, where the caller gave a number instead of a level. */
  readonly thinkingTokens?: number;
  readonly logprobs?: { readonly top?: number };
  /** How many answers are wanted; absent means one. */
  readonly choices?: number;
  /** Whether the caller of a stream asked for a usage event. */
  readonly includeUsage: boolean;
  /** Ollama's residency wish, as sent: seconds or a Go duration. */
  readonly keepAlive?: Json;
  readonly contextTokens?: number;
  /** For whom the caller asks, as a name that tells the provider apart its users. */
  readonly endUser?: string;
  readonly ext?: Extension;
}
