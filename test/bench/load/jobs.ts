/** What the load generator can be told to do, and what it tells of it. */

import type { StreamCall } from '../pointsman.ts';

/** The middle and the slow end of many durations. */
export interface Spread {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Connections that ask again as soon as they are answered. */
export interface RequestsJob {
  readonly kind: 'requests';
  readonly port: number;
  readonly body: string;
  readonly connections: number;
  readonly durationMs: number;
}

export interface RequestsDone {
  readonly requests: number;
  readonly elapsedMs: number;
  readonly latency: Spread;
}

/** Clients that read one stream after another. */
export interface StreamsJob {
  readonly kind: 'streams';
  readonly port: number;
  readonly call: StreamCall;
  readonly clients: number;
  readonly streamsEach: number;
  /** The clients begin evenly over this time; 0: all at once. */
  readonly spreadMs: number;
}

export interface StreamsDone {
  readonly streams: number;
  readonly firstToken: Spread;
}

/** Opens streams and keeps them, until a `release`. */
export interface HoldJob {
  readonly kind: 'hold';
  readonly port: number;
  readonly body: string;
  readonly count: number;
}

export interface ReleaseJob {
  readonly kind: 'release';
}

/** Opens streams and leaves each after its first token. */
export interface AbandonJob {
  readonly kind: 'abandon';
  readonly port: number;
  readonly body: string;
  readonly count: number;
  readonly atOnce: number;
}

/** Sends one request with an image of this size in it. */
export interface UploadJob {
  readonly kind: 'upload';
  readonly port: number;
  readonly model: string;
  readonly imageBytes: number;
}

export interface Done {
  readonly requests: RequestsDone;
  readonly streams: StreamsDone;
  readonly hold: null;
  readonly release: null;
  readonly abandon: null;
  readonly upload: null;
}

export type Job = RequestsJob | StreamsJob | HoldJob | ReleaseJob | AbandonJob | UploadJob;

export type JobOf<Kind extends Job['kind']> = Extract<Job, { readonly kind: Kind }>;

/** What goes back over the channel to whoever gave the job. */
export type JobResult = { readonly done: Done[Job['kind']] } | { readonly failed: string };
