/**
 * What a pair of host and model was measured to do: rates, not durations, so that a long answer does not make a
 * host look slow. Reducers over data; the time is an argument. Imports spec.
 */

import type { Timings } from '../spec/usage.ts';
import type { Lane, Millis } from '../spec/vocabulary.ts';
import { priorsOf, type RatePriors } from './rate-priors.ts';

/** How much each value rests on measurement: the number of observations behind it, fading with time. */
export interface Evidence {
  readonly prefill: number;
  readonly decode: number;
  readonly slope: number;
  readonly load: number;
  readonly output: number;
}

/** Learned speeds as of `updatedAt`; `ratesAt` carries them to another time. All finite and above zero. */
export interface PairRates extends RatePriors {
  /** Observed over expected time to first token: 1 or more, jumping up at once and decaying to 1. */
  readonly firstTokenRatio: number;
  /** Observations that taught anything; 0 means that all of this is assumed. */
  readonly samples: number;
  readonly updatedAt: Millis;
  readonly evidence: Evidence;
  readonly prior: RatePriors;
}

/** What one attempt taught. An engine's own timings are believed where they can be true, else what was measured. */
export interface Observation {
  readonly inputTokens: number | undefined;
  /** Prompt tokens the engine had in its cache, by its word or else by expectation; undefined: cannot be told. */
  readonly cachedTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** Dispatch to first content; undefined where the answer came as a whole. */
  readonly firstTokenMs: Millis | undefined;
  /** Dispatch to the end. */
  readonly durationMs: Millis | undefined;
  /** What was expected of `firstTokenMs`, or of `durationMs` where the answer came as a whole. */
  readonly expectedMs: Millis | undefined;
  /** Mean number of requests on the host while it ran, itself included. */
  readonly concurrency: number;
  /** Whether the model had to be loaded for it. */
  readonly cold: boolean;
  /** Whether the answer came to its own end: a cut one says nothing about length. */
  readonly whole: boolean;
  readonly timings: Timings | undefined;
}
