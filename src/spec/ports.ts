/** What the shell is given instead of reaching for it: time, chance, names and the network. */

import type { Millis } from './vocabulary.ts';

export interface Clock {
  /** Monotonic milliseconds with a fraction; no wall-clock step moves it. */
  now(): Millis;
  /** Wall-clock milliseconds since 1970, for stamps only, never for decisions. */
  wallMs(): Millis;
  /** Runs once after the delay; the returned function cancels it and may be called at any time. */
  after(delayMs: Millis, run: () => void): () => void;
}

/** Uniform in [0, 1). */
export type Random = () => number;

/** A fresh id, unique in this process and unguessable. */
export type Ids = () => string;

/** What a request is, but for the way to end it. */
export interface FetchRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'HEAD' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** In place of `body`: sent once, as it comes, in chunks. */
  readonly bodyStream?: ReadableStream<Uint8Array> | undefined;
}

export interface FetchInit extends FetchRequest {
  /** Aborts in every phase. */
  readonly signal: AbortSignal;
}

/** Who may give up a call without an `AbortSignal`, whose making is a good part of what a small request costs. */
export interface Abortable {
  /** Set by the port while the call runs: ends it, in every phase. */
  onAbort: (() => void) | undefined;
}

export interface AbortableInit extends FetchRequest {
  readonly abortable: Abortable;
}

export type ChunkRead =
  | { readonly done: false; readonly value: Uint8Array }
  | { readonly done: true; readonly value?: unknown };

/** The part of a stream's reader the program uses; one read at a time. */
export interface ChunkReader {
  read(): Promise<ChunkRead>;
  cancel(): Promise<void>;
}

/** The part of `Response` the program uses, so that an adapter can give a cheaper one. */
export interface FetchReply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The whole body, where it came with the head: nothing has to be waited for, and `body` may be null. */
  readonly wholeBytes?: Uint8Array;
  /** The body as it comes, where the adapter reads it for less than a stream would; then `body` is null. */
  readonly reader?: ChunkReader;
  readonly body: ReadableStream<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * The one way out. Adapters lift the runtime's silent timers, never follow a redirect,
 * never replay a POST, and ask for an uncompressed answer.
 */
export interface Fetch {
  (url: string, init: FetchInit): Promise<FetchReply>;
  /** The same without a signal, for an adapter that can do without. */
  readonly abortable?: (url: string, init: AbortableInit) => Promise<FetchReply>;
}

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly fetch: Fetch;
}
