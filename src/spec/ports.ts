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

export interface FetchInit {
  readonly method: 'GET' | 'POST' | 'PUT' | 'HEAD' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** In place of `body`: sent once, as it comes, in chunks. */
  readonly bodyStream?: ReadableStream<Uint8Array> | undefined;
  /** Aborts in every phase. */
  readonly signal: AbortSignal;
  /**
   * The same as a call, for an adapter that can do without an `AbortSignal`, whose making is a good part of what a
   * small request costs. What is given takes the place of what was given before; `undefined` lets go of it.
   */
  readonly whenAborted?: (run: (() => void) | undefined) => void;
}

/** The part of `Response` the program uses, so that an adapter can give a cheaper one. */
export interface FetchReply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The whole body, where it came with the head: nothing has to be waited for. */
  readonly wholeBytes?: Uint8Array;
  readonly body: ReadableStream<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * The one way out. Adapters lift the runtime's silent timers, never follow a redirect,
 * never replay a POST, and ask for an uncompressed answer.
 */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchReply>;

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly fetch: Fetch;
}
