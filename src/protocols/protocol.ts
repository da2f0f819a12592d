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

/**
 * One path of a dialect. `path` is exact, or holds `{model}` at its end or before `:` and an action; names may hold
 * slashes.
 */
export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  readonly path: string;
  readonly operation: Operation;
  /** Whether the path itself asks for a stream, in a dialect whose bodies say nothing of it. */
  readonly stream?: boolean | undefined;
  /** Put behind the path when a host is asked, whatever the caller had there. */
  readonly query?: string | undefined;
}

/** The little the planner and the relay need of a request, read without building the neutral form. */
export interface Peek {
  readonly model: string;
  readonly stream: boolean;
  /** Ollama's empty request: bring the model into memory, or put it out. */
  readonly residency?: 'load' | 'unload';
  /** As sent in the body's `intent`, unchecked; it is taken out before the body goes upstream. */
  readonly intent?: Json | undefined;
  /** The longest answer that is wanted, in tokens. */
  readonly maxOutputTokens?: number | undefined;
  /** The context that is asked for, in tokens. */
  readonly contextTokens?: number | undefined;
  /** What the request makes use of, so that a model known to lack it is not asked. */
  readonly needs: readonly Capability[];
  /** Set where it holds what another dialect's engine made and this one's would refuse; `purged` takes that out. */
  readonly isMixed?: boolean;
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
  /** How many bytes of the chunk that was pushed last are the host's own words outside the stream, and must not pass. */
  readonly stray?: () => number;
}

/** A push machine over events; an empty array means nothing to send yet. */
export interface Encoder {
  push(event: ChatEvent): Uint8Array;
  /** The dialect's own end of an answer that finished. Not called after an error. */
  end(): Uint8Array;
  /** The last words of an answer that broke, where they need what was said before; else `error.inStream` is sent. */
  fail?(error: GatewayError): Uint8Array;
  /** The whole answer as it is now, in the dialects that let a later request refer to it. */
  answer?(): JsonObject;
}

/** What of earlier answers a request refers to. */
export interface References {
  /** The answer it continues. */
  readonly previous: string | undefined;
  /** Single parts of answers. */
  readonly items: readonly string[];
}

/** How a request builds on earlier answers. The gateway keeps them; what they are made of is the dialect's own. */
export interface Recall {
  /** Undefined where a body stands alone. */
  references(body: JsonObject): References | undefined;
  /** The body with all it refers to in its place; throws `invalid_request` where something of that is missing. */
  resolved(
    body: JsonObject,
    kept: { readonly previous: readonly Json[]; readonly item: (id: string) => Json | undefined },
  ): JsonObject;
  /** What the body adds to the conversation; undefined where its sender wants nothing kept. */
  wanted(body: JsonObject): readonly Json[] | undefined;
  /** The answer's id and what it adds. */
  answered(answer: JsonObject): { readonly id: string; readonly items: readonly Json[] };
}

/** A push machine from the bytes of a stream to the same entries framed otherwise. */
export interface Reframer {
  push(chunk: Uint8Array): Uint8Array;
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

  /** For callers of a stream who did not ask for events, in dialects where that is another answer. */
  readonly array?: () => Reframer;

  /**
   * Checks what must be right before anything is sent; throws a `GatewayError` that names the field.
   * Here and below, what a path says is read as the members `model` and `stream` of the body.
   */
  peek(body: JsonObject, operation: Inference): Peek;

  /** What the engine reads, for counting and comparing; images are counted, and their bytes are in no text. */
  prompt(body: JsonObject): readonly PromptPart[];

  /** A body that is mixed without what its own engines refuse; `dropped` names what that was. */
  purged?(body: JsonObject): { readonly body: JsonObject; readonly dropped: readonly string[] };

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

  /** The answer to a question of how many tokens a prompt has, in the dialects that know it. */
  readonly count?: {
    /** Checks the question as `peek` does; gives the model. */
    peek(body: JsonObject): string;
    encode(tokens: number): JsonObject;
  };

  /** A sign of life that no client takes for content. */
  heartbeat(model: string, operation: 'chat' | 'complete', stamp: Stamp): Uint8Array;
  /**
   * Puts late facts beside the end of a stream: after `last` as a comment (SSE),
   * or into its final line as `pointsman` (NDJSON).
   */
  annotate(last: Uint8Array, facts: Readonly<Record<string, string>>): Uint8Array;
  /** Absent where every request stands alone. */
  readonly recall?: Recall;
}

/** A model under the name clients use, and whether it is a simulated one. */
export interface NamedCard {
  readonly name: string;
  readonly card: ModelCard;
  readonly simulated: boolean;
}
