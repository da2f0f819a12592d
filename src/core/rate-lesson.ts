/** What one attempt says of each speed, with every number that cannot be true left out. Pure; imports spec. */

import type { Timings } from '../spec/usage.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { RatePriors } from './rate-priors.ts';

/** What one attempt taught. An engine's own timings are believed where they can be true, else what was measured. */
export interface Observation {
  readonly inputTokens: number | undefined;
  /** Prompt tokens the engine had in its cache, by its word or else by expectation; undefined: cannot be told. */
  readonly cachedTokens: number | undefined;
  /** Whether that is only what was expected, good to some hundred tokens. */
  readonly isCacheGuessed?: boolean;
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

/** One value and how much it counts: 1 for a good measurement, less for a short one. */
export interface Reading {
  readonly value: number;
  readonly weight: number;
}

/** Undefined where the attempt said nothing. */
export interface Lesson {
  readonly prefill: Reading | undefined;
  readonly decode: Reading | undefined;
  readonly load: Reading | undefined;
  readonly output: Reading | undefined;
  readonly ratio: number | undefined;
}

const dayMs = 86_400_000;

/** Fewer tokens than this measure overhead, not speed. */
const minPrefillTokens = 16;
const minDecodeTokens = 8;
/** From this many tokens on a measurement counts in full. */
const fullPrefillTokens = 128;
const fullDecodeTokens = 32;
/** A shorter "load" is what an engine reports for a model that was there already. */
const minLoadMs = 500;
const maxLoadMs = 1_800_000;
/** No machine is faster or slower than this, whatever it says. */
const maxPrefillRate = 1e6;
const maxDecodeRate = 1e5;
const minRate = 0.01;
const maxTokens = 1e8;
/** Where an engine does not tell its cache from its work, a prompt this many times too fast was in the cache. */
const cacheSuspicion = 4;
/** Of a prompt of which part was guessed to be in the cache, so much must be new for its time to say anything. */
const leastNewShare = 0.5;
/** Differences of this size between expectation and truth are the network's and the scheduler's. */
const ratioGraceMs = 250;
/** How much longer than the whole attempt an engine may say it worked, for clocks that differ. */
const clockGraceMs = 1000;

const usable = (value: number | undefined, least: number, most: number): number | undefined =>
  value !== undefined && value >= least && value <= most ? value : undefined;

const duration = (value: Millis | undefined): Millis | undefined =>
  value !== undefined && value > 0 && value <= dayMs ? value : undefined;

const tokens = (value: number | undefined): number | undefined => usable(value, 0, maxTokens);

/** Observed over expected with a grace on both sides, so that 40 ms instead of 10 ms is no alarm. */
export const lateness = (expectedMs: Millis, observedMs: Millis): number =>
  (observedMs + ratioGraceMs) / (expectedMs + ratioGraceMs);

const reading = (count: number, ms: number, full: number, fastest: number): Reading | undefined => {
  const value = usable((count * 1000) / ms, minRate, fastest);
  return value === undefined ? undefined : { value, weight: Math.min(1, count / full) };
};

interface Times {
  readonly firstTokenMs: Millis | undefined;
  readonly durationMs: Millis | undefined;
  readonly prefillMs: Millis | undefined;
  readonly decodeMs: Millis | undefined;
  readonly loadMs: Millis | undefined;
  readonly cold: boolean;
}

const timesOf = ({ firstTokenMs, durationMs, timings, cold }: Observation): Times => {
  const total = duration(durationMs);
  const ofEngine = (value: Millis | undefined): Millis | undefined => {
    const known = duration(value);
    return known !== undefined && total !== undefined && known > total + clockGraceMs ? undefined : known;
  };
  const first = duration(firstTokenMs);
  const loadMs = usable(ofEngine(timings?.loadMs), minLoadMs, maxLoadMs);
  return {
    firstTokenMs: first !== undefined && total !== undefined && first > total ? undefined : first,
    durationMs: total,
    prefillMs: ofEngine(timings?.prefillMs),
    decodeMs: ofEngine(timings?.decodeMs),
    loadMs,
    cold: cold || loadMs !== undefined,
  };
};

const prefillOf = (observation: Observation, times: Times, rates: RatePriors): Reading | undefined => {
  const input = tokens(observation.inputTokens);
  const ms = times.prefillMs ?? (times.cold ? undefined : times.firstTokenMs);
  if (input === undefined || ms === undefined) return undefined;
  const cached = tokens(observation.cachedTokens);
  const evaluated = input - (cached ?? 0);
  if (evaluated < minPrefillTokens) return undefined;
  // A small difference of two large numbers, one of them a guess, would be a speed of any size.
  if (observation.isCacheGuessed === true && evaluated < input * leastNewShare) return undefined;
  const fastest =
    cached === undefined
      ? Math.min(maxPrefillRate, cacheSuspicion * rates.prefillTokensPerSecond)
      : maxPrefillRate;
  return reading(evaluated, ms, fullPrefillTokens, fastest);
};

const expectedPrefillMs = (observation: Observation, rates: RatePriors): Millis => {
  const evaluated = (tokens(observation.inputTokens) ?? 0) - (tokens(observation.cachedTokens) ?? 0);
  return (Math.max(0, evaluated) * 1000) / rates.prefillTokensPerSecond;
};

/** Time that remains after an expected part, where enough remains for the guess not to matter. */
const remainder = (wholeMs: Millis, expectedPartMs: Millis): Millis | undefined =>
  expectedPartMs <= wholeMs / 2 ? wholeMs - expectedPartMs : undefined;

const decodeOf = (observation: Observation, times: Times, rates: RatePriors): Reading | undefined => {
  const output = tokens(observation.outputTokens);
  if (output === undefined || output < minDecodeTokens) return undefined;
  if (times.decodeMs !== undefined) return reading(output, times.decodeMs, fullDecodeTokens, maxDecodeRate);
  const { firstTokenMs, durationMs } = times;
  if (durationMs === undefined) return undefined;
  if (firstTokenMs !== undefined)
    // The first token came with the prefill.
    return reading(output - 1, durationMs - firstTokenMs, fullDecodeTokens, maxDecodeRate);
  if (times.cold) return undefined;
  const ms = remainder(durationMs, expectedPrefillMs(observation, rates));
  return ms === undefined ? undefined : reading(output, ms, fullDecodeTokens, maxDecodeRate);
};

const loadOf = (observation: Observation, times: Times, rates: RatePriors): Reading | undefined => {
  const { firstTokenMs, cold } = times;
  const measured =
    cold && firstTokenMs !== undefined
      ? remainder(firstTokenMs, times.prefillMs ?? expectedPrefillMs(observation, rates))
      : undefined;
  const value = times.loadMs ?? usable(measured, minLoadMs, maxLoadMs);
  return value === undefined ? undefined : { value, weight: 1 };
};

const ratioOf = (
  { expectedMs, firstTokenMs, durationMs }: Observation,
  { cold }: Times,
): number | undefined => {
  const expected = duration(expectedMs);
  const observed = duration(firstTokenMs ?? durationMs);
  // A load that took longer than thought is the disk's doing and says nothing of the next request.
  return cold || expected === undefined || observed === undefined ? undefined : lateness(expected, observed);
};

/** Reads one attempt against what was known before it. */
export const lessonOf = (observation: Observation, rates: RatePriors): Lesson => {
  const times = timesOf(observation);
  const output = observation.whole ? usable(observation.outputTokens, 1, maxTokens) : undefined;
  return {
    prefill: prefillOf(observation, times, rates),
    decode: decodeOf(observation, times, rates),
    load: loadOf(observation, times, rates),
    output: output === undefined ? undefined : { value: output, weight: 1 },
    ratio: ratioOf(observation, times),
  };
};
