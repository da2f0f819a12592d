/**
 * What a pair of host and model was measured to do: rates, not durations, so that a long answer does not make a
 * host look slow. Reducers over data; the time is an argument. Imports spec.
 */

import type { Lane, Millis } from '../spec/vocabulary.ts';
import { lateness, lessonOf, type Observation, type Reading } from './rate-lesson.ts';
import { priorsOf, type RatePriors } from './rate-priors.ts';

/** How much each value rests on measurement: the number of observations behind it, fading with time. */
export interface Evidence {
  readonly prefill: number;
  readonly decode: number;
  readonly slope: number;
  readonly load: number;
  readonly output: number;
}

/** Learned speeds as of `updatedAt`; `ratesAt` carries them to another time. All finite, and all but the slope above zero. */
export interface PairRates extends RatePriors {
  /** Observed over expected time to first token: 1 or more, jumping up at once and decaying to 1. */
  readonly firstTokenRatio: number;
  /** Observations that taught anything; 0 means that all of this is assumed. */
  readonly samples: number;
  readonly updatedAt: Millis;
  readonly evidence: Evidence;
  readonly prior: RatePriors;
}

/** An observation of five minutes ago counts a third of one of now. */
const evidenceMs = 300_000;
/** After an hour without work a third of what was learned of speed is left: machines get busy, hot and replaced. */
const speedMs = 3_600_000;
/** The disk and the length of answers change slowly and are seen rarely. */
const factMs = 86_400_000;
const ratioMs = 30_000;
const maxRatio = 32;

/** What the prior weighs against a first observation. */
const priorEvidence = 0.25;
/** No past outweighs this many observations, so that a machine that changed is known after as many. */
const maxEvidence = 8;
/** A change by more than this factor is news rather than noise, and counts against little evidence. */
const newsFactor = 2;
const newsEvidence = 2;
const maxOutputEvidence = 32;
const maxSlope = 2;
/** From three times its expectation on a request is late enough to warn others. */
const overdueFactor = 3;

const noEvidence: Evidence = { prefill: 0, decode: 0, slope: 0, load: 0, output: 0 };

/** The rates of a pair nobody has asked yet. */
export const neutralRates = (lane: Lane, sizeBytes: number | undefined, now: Millis = 0): PairRates => {
  const prior = priorsOf(lane, sizeBytes);
  return { ...prior, firstTokenRatio: 1, samples: 0, updatedAt: now, evidence: noEvidence, prior };
};

/** Geometric, because speeds differ by factors: half of the way from 10 to 1000 is 100. */
const towards = (prior: number, value: number, kept: number): number =>
  value === prior ? value : prior * (value / prior) ** kept;

/** The peak's decay: to 1, never below, so that no silent host looks faster than it was. */
const ratioAfter = (ratio: number, idleMs: Millis): number =>
  ratio === 1 ? 1 : 1 + (ratio - 1) * Math.exp(-idleMs / ratioMs);

/** What does not change with time, or has seen none go by. */
const isSame = ({ samples, firstTokenRatio, updatedAt }: PairRates, now: Millis): boolean =>
  !(now - updatedAt > 0) || (samples === 0 && firstTokenRatio === 1);

/** What an estimate needs of the rates at another time, which is asked of every host for every request. */
export type Speeds = Pick<
  PairRates,
  'prefillTokensPerSecond' | 'decodeTokensPerSecond' | 'decodeSlope' | 'firstTokenRatio'
>;

/** The speeds of `ratesAt`. */
export const speedsAt = (rates: PairRates, now: Millis): Speeds => {
  if (isSame(rates, now)) return rates;
  const { prior } = rates;
  const idleMs = now - rates.updatedAt;
  const kept = Math.exp(-idleMs / speedMs);
  return {
    prefillTokensPerSecond: towards(prior.prefillTokensPerSecond, rates.prefillTokensPerSecond, kept),
    decodeTokensPerSecond: towards(prior.decodeTokensPerSecond, rates.decodeTokensPerSecond, kept),
    decodeSlope: prior.decodeSlope + (rates.decodeSlope - prior.decodeSlope) * kept,
    firstTokenRatio: ratioAfter(rates.firstTokenRatio, idleMs),
  };
};

/** The load time of `ratesAt`. */
export const loadMsAt = (rates: PairRates, now: Millis): Millis =>
  isSame(rates, now)
    ? rates.loadMs
    : towards(rates.prior.loadMs, rates.loadMs, Math.exp((rates.updatedAt - now) / factMs));

/** Carries rates to `now`: each value decays towards its prior, evidence towards nothing. Steps compose. */
export const ratesAt = (rates: PairRates, now: Millis): PairRates => {
  if (isSame(rates, now)) return rates;
  const { prior, evidence, samples } = rates;
  const idleMs = now - rates.updatedAt;
  const fading = Math.exp(-idleMs / evidenceMs);
  return {
    ...speedsAt(rates, now),
    loadMs: loadMsAt(rates, now),
    outputTokens: towards(prior.outputTokens, rates.outputTokens, Math.exp(-idleMs / factMs)),
    samples,
    updatedAt: now,
    evidence: {
      prefill: evidence.prefill * fading,
      decode: evidence.decode * fading,
      slope: evidence.slope * fading,
      load: evidence.load * fading,
      output: evidence.output * fading,
    },
    prior,
  };
};

/** Tokens per second that one request gets when `concurrency` run at once, itself included. */
export const decodeRate = (
  rates: Pick<RatePriors, 'decodeTokensPerSecond' | 'decodeSlope'>,
  concurrency: number,
): number => rates.decodeTokensPerSecond / (1 + rates.decodeSlope * Math.max(0, concurrency - 1));

/** How long a request holds a slot while `concurrency` run at once, itself included, its prompt read and answer written. */
export const serviceMs = (
  rates: RatePriors,
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
  concurrency: number,
): Millis =>
  (inputTokens * 1000) / rates.prefillTokensPerSecond +
  (outputTokens * 1000) / decodeRate(rates, concurrency);

interface Average {
  readonly value: number;
  readonly evidence: number;
}

/** A geometric mean in which the past weighs as much as its evidence. */
const averaged = (value: number, evidence: number, seen: Reading | undefined): Average => {
  if (seen === undefined) return { value, evidence };
  const factor = seen.value / value;
  const news = factor > newsFactor || factor * newsFactor < 1;
  const known = news ? Math.min(evidence, newsEvidence) : evidence;
  const past = Math.max(priorEvidence, known);
  return {
    value: value * factor ** (seen.weight / (past + seen.weight)),
    evidence: Math.min(maxEvidence, known + seen.weight),
  };
};

/** Arithmetic, because what is wanted of lengths is their sum. */
const averagedLength = (value: number, evidence: number, seen: Reading | undefined): Average => {
  if (seen === undefined) return { value, evidence };
  const past = Math.max(priorEvidence, evidence);
  return {
    value: value + ((seen.value - value) * seen.weight) / (past + seen.weight),
    evidence: Math.min(maxOutputEvidence, evidence + seen.weight),
  };
};

/** What many at once say of the slope, given the speed of one alone. */
const slopeOf = (rates: PairRates, seen: Reading, concurrency: number): Reading => {
  const slowdown = rates.decodeTokensPerSecond / seen.value - 1;
  return {
    value: Math.min(maxSlope, Math.max(0, slowdown / (concurrency - 1))),
    weight: seen.weight * (1 - 1 / concurrency),
  };
};

/** One alone tells of the speed, many at once tell of the slope, a few of both. */
const decodeAfter = (rates: PairRates, seen: Reading | undefined, together: number) => {
  const { decodeTokensPerSecond, decodeSlope, evidence } = rates;
  // Below this the difference between one and several drowns in noise.
  const several = seen !== undefined && together > 1.25;
  const alone = seen && {
    value: seen.value * (1 + decodeSlope * (together - 1)),
    weight: seen.weight / together,
  };
  return {
    speed: averaged(decodeTokensPerSecond, evidence.decode, alone),
    slope: averagedLength(decodeSlope, evidence.slope, several ? slopeOf(rates, seen, together) : undefined),
  };
};

const usableConcurrency = (concurrency: number): number =>
  concurrency >= 1 && concurrency <= 1024 ? concurrency : 1;

/** Peak-sensitive: worse than now counts at once, better only as the old peak fades. */
const ratioWith = (rates: PairRates, seen: number | undefined): number =>
  seen === undefined ? rates.firstTokenRatio : Math.max(rates.firstTokenRatio, Math.min(maxRatio, seen));

/** Learns from one attempt; what cannot be true is passed over, and an attempt that says nothing changes nothing. */
export const observe = (rates: PairRates, observation: Observation, now: Millis): PairRates => {
  const current = ratesAt(rates, now);
  const lesson = lessonOf(observation, current);
  const { prefill, decode, load, output, ratio } = lesson;
  const taught = prefill ?? decode ?? load ?? output;
  if (taught === undefined && ratio === undefined) return rates;
  const { evidence } = current;
  const prefillSeen = averaged(current.prefillTokensPerSecond, evidence.prefill, prefill);
  const { speed, slope } = decodeAfter(current, decode, usableConcurrency(observation.concurrency));
  const loadSeen = averaged(current.loadMs, evidence.load, load);
  const length = averagedLength(current.outputTokens, evidence.output, output);
  return {
    prefillTokensPerSecond: prefillSeen.value,
    decodeTokensPerSecond: speed.value,
    decodeSlope: slope.value,
    loadMs: loadSeen.value,
    outputTokens: length.value,
    firstTokenRatio: ratioWith(current, ratio),
    samples: current.samples + (taught === undefined ? 0 : 1),
    updatedAt: Math.max(now, current.updatedAt),
    evidence: {
      prefill: prefillSeen.evidence,
      decode: speed.evidence,
      slope: slope.evidence,
      load: loadSeen.evidence,
      output: length.evidence,
    },
    prior: current.prior,
  };
};

/**
 * A running request that is late beyond three times its expectation warns those that come after it, without waiting
 * for its end. May be called again and again; nothing changes before the request is late or when worse is known.
 */
export const overdue = (rates: PairRates, expectedMs: Millis, elapsedMs: Millis, now: Millis): PairRates => {
  if (!(expectedMs >= 0) || !(elapsedMs > overdueFactor * expectedMs)) return rates;
  const ratio = lateness(expectedMs, elapsedMs);
  const current = ratesAt(rates, now);
  // Against the grace, three times a few milliseconds is nothing.
  if (ratio < 2 || ratio <= current.firstTokenRatio) return rates;
  const raised = ratioWith(current, ratio);
  return raised === current.firstTokenRatio
    ? rates
    : { ...current, firstTokenRatio: raised, updatedAt: Math.max(now, current.updatedAt) };
};
