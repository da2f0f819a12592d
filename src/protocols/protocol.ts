/**
 * The seam every dialect fills: one folder per dialect, the same file names in each.
 * A protocol is pure: bytes and values in, bytes and values out; the shell does the I/O.
 */

import type { ChatEvent } from '../spec/chat-event.ts';
import type { ChatRequest } from '../spec/chat-request.ts';
import type { EmbedRequest, EmbedResult } from '../spec/embedding.ts';
import type { GatewayError } from '../spec/gateway-error.ts';
import type { Json, JsonObject } from '../spec/json.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { Capability, Inference, Operation, ProtocolId } from '../spec/vocabulary.ts';

/** One path of a dialect. `path` is exact, or ends in `/{model}`, which also takes names with slashes. */
export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  readonly path: string;
  readonly operation: Operation;
}

/** The little the planner and the relay need of a request, read without building the neutral form. */
export interface Peek {
  readonly model: string;
  readonly stream: boolean;
  /** Ollama's empty request: bring the model into memory, or put it out. */
  readonly residency?: 'load' | 'unload';
  /** As sent in the body's `intent`, unchecked; it is taken out before the body goes upstream. */
  readonly intent?: string;
  /** The longest answer that is wanted, in tokens. */
  readonly maxOutputTokens?: number | undefined;
  /** The context that is asked for, in tokens. */
  readonly contextTokens?: number | undefined;
  /** What the request makes use of, so that a model known to lack it is not asked. */
  readonly needs: readonly Capability[];
}

/** A request as a dialect's body; `dropped` names the request fields the dialect cannot say. */
export interface Rendered {
  /** The path below the backend's base, such as `/api/chat`. */
  readonly path: string;
  /** Which decoder reads the answer: a completion may have to be asked as a chat. */
  readonly operation: 'chat' | 'complete';
  readonly body: JsonObject;
  readonly dropped: readonly string[];
}

/** Time and identity for an encoder, which has no clock of its own. */
export interface Stamp {
  readonly id: string;
  /** Unix seconds, for OpenAI's `created`. */
  readonly createdUnix: number;
  /** The time now as RFC 3339 with `Z`; called once per line where the dialect stamps each line. */
  readonly now: () => string;
  /** Monotonic milliseconds since the request arrived, for durations the engine does not report. */
  readonly elapsedMs: () => number;
}

/** A push machine over upstream bytes: any re-chunking of the same bytes gives the same events. */
export interface Decoder {
  push(chunk: Uint8Array): readonly ChatEvent[];
  /** The upstream closed; an answer without its end gives an `error` event, never a made-up `finish`. */
  end(): readonly ChatEvent[];
}

/** A push machine over events; an empty array means nothing to send yet. */
export interface Encoder {
  push(event: ChatEvent): Uint8Array;
  /** The dialect's own end of an answer that finished. Not called after an error. */
  end(): Uint8Array;
}

/** One text an engine reads before it answers, in its order. */
export interface PromptPart {
  /** `tools` for tool specifications, `prompt` for a plain completion, else the message's role. */
  readonly role: string;
  readonly text: string;
  readonly images: number;
}

export interface WrittenError {
  readonly status: number;
  readonly body: JsonObject;
}

export interface Protocol {
  readonly id: ProtocolId;
  readonly routes: readonly Route[];
  /** How a stream is cut into events: server-sent events, or a JSON object per line. */
  readonly framing: 'sse' | 'ndjson';
  readonly contentType: { readonly stream: string; readonly whole: string };
  /** Whether whoever speaks it fetches images that are given as URLs; absent: it wants them as bytes. */
  readonly takesImageUrls?: boolean;

  /** Checks what must be right before anything is sent; throws a `GatewayError` that names the field. */
  peek(body: JsonObject, operation: Inference): Peek;

  /** What the engine reads, for counting and comparing; images are counted, and their bytes are in no text. */
  prompt(body: JsonObject): readonly PromptPart[];

  parse(body: JsonObject, operation: 'chat' | 'complete'): ChatRequest;
  /** `request.prompt` decides between chat and completion. */
  render(request: ChatRequest): Rendered;
  decoder(operation: 'chat' | 'complete'): Decoder;
  encoder(request: ChatRequest, stamp: Stamp): Encoder;
  readonly whole: {
    decode(body: JsonObject, operation: 'chat' | 'complete'): readonly ChatEvent[];
    encode(events: readonly ChatEvent[], request: ChatRequest, stamp: Stamp): JsonObject;
  };

  readonly embed: {
    /** `path` tells Ollama's two embedding paths apart. */
    parse(body: JsonObject, path: string): EmbedRequest;
    render(request: EmbedRequest): {
      readonly path: string;
      readonly body: JsonObject;
      readonly dropped: readonly string[];
    };
    decode(body: JsonObject): EmbedResult;
    encode(result: EmbedResult, request: EmbedRequest): JsonObject;
  };

  readonly error: {
    write(error: GatewayError, requestId: string): WrittenError;
    /** What a client that already has a 200 sees; a stream ends after it. */
    inStream(error: GatewayError, requestId: string): Uint8Array;
  };

  readonly models: {
    /** Reads a backend's listing. */
    read(body: Json): readonly ModelCard[];
    /** One entry per name; `name` is what clients may ask for. */
    list(entries: readonly NamedCard[]): JsonObject;
    /** The answer to a question about one model. */
    one(entry: NamedCard): JsonObject;
    /** What is in memory now, where the dialect has such a listing. */
    loaded(entries: readonly NamedCard[]): JsonObject;
  };

  /** A sign of life that no client takes for content. */
  heartbeat(model: string, operation: 'chat' | 'complete', stamp: Stamp): Uint8Array;
  /**
   * Puts late facts beside the end of a stream: after `last` as a comment (SSE),
   * or into its final line as `pointsman` (NDJSON).
   */
  annotate(last: Uint8Array, facts: Readonly<Record<string, string>>): Uint8Array;
}

/** A model under the name clients use, and whether it is a simulated one. */
export interface NamedCard {
  readonly name: string;
  readonly card: ModelCard;
  readonly simulated: boolean;
}
