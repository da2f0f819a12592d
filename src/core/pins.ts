/**
 * Pins: a model that did not fit into a host's memory is kept away from there. Trying it to see whether it fits now costs
 * the host every other model it holds, so a pin ends by time, by a new fact or by hand, and never by a probe. Imports spec.
 */

import type { Millis } from '../spec/vocabulary.ts';

/** That a model, at a context length, ran out of a host's memory. */
export interface Pin {
  readonly until: Millis;
  /** Times it ran out and that are not yet forgiven; each doubles the next pin. */
  readonly times: number;
  /** It was asked to hold this much context; what is asked to hold less may fit. Undefined: whatever is asked. */
  readonly contextTokens: number | undefined;
  /** What was free when it ran out: no more than this is no new fact. */
  readonly sinceBytesFree: number | undefined;
  /** It ran out although the estimate had let it go early: from then on only time counts. */
  readonly refuted: boolean;
}

/** What is known now of the model and the host; what is not known is left out. */
export interface PinFacts {
  /** The context the request would be run with. */
  readonly contextTokens?: number | undefined;
  /** What the loaded model is estimated to take. */
  readonly needBytes?: number | undefined;
  readonly freeBytes?: number | undefined;
  /** Whether the model is in memory: then nothing has to be loaded. */
  readonly resident?: boolean;
}

/** Models that ran out of memory on one host of late. */
export interface MemoryPressure {
  readonly recent: readonly { readonly upstream: string; readonly at: Millis }[];
  /** Nothing new is loaded before. */
  readonly until: Millis;
}

/** The first pin: longer than a client's patience, shorter than a working day. */
const firstPinMs = 10 * 60_000;
const maxPinMs = 6 * 60 * 60_000;

/** From here on a pin is as long as it gets: 10 min · 2^6 is above 6 h. */
const maxTimes = 7;

/** Quiet time after a pin that forgives one of its times. */
const forgivenMs = 6 * 60 * 60_000;

/** An estimate of weights knows nothing of caches and graphs. */
const needMargin = 1.1;

const pressureModels = 3;
const pressureWindowMs = 10 * 60_000;
const pressureMs = 5 * 60_000;

/** Times left, one forgiven per 6 h since the pin's end. */
const timesAt = ({ times, until }: Pin, now: Millis): number =>
  now <= until ? times : Math.max(0, times - Math.floor((now - until) / forgivenMs));

const covers = (pin: Pin, contextTokens: number | undefined): boolean =>
  pin.contextTokens === undefined || contextTokens === undefined || contextTokens >= pin.contextTokens;

const fitsNow = ({ refuted, sinceBytesFree }: Pin, { needBytes, freeBytes }: PinFacts): boolean => {
  if (refuted || needBytes === undefined || freeBytes === undefined) return false;
  if (sinceBytesFree !== undefined && freeBytes <= sinceBytesFree) return false;
  return needMargin * needBytes <= freeBytes;
};

/** Whether the pin holds for a request with these facts: until its time, or until 1.1 · need ≤ what is free. */
export const pinned = (pin: Pin | undefined, facts: PinFacts, now: Millis): boolean =>
  pin !== undefined &&
  now < pin.until &&
  covers(pin, facts.contextTokens) &&
  facts.resident !== true &&
  !fitsNow(pin, facts);

/**
 * Whether a request may go although it would be the first since a pin's time ran out, and so might cost the host what it
 * holds: only while there is nothing to lose.
 */
export const trialAllowed = (
  pin: Pin | undefined,
  facts: PinFacts,
  hostInflight: number,
  now: Millis,
): boolean =>
  hostInflight === 0 ||
  pin === undefined ||
  now < pin.until ||
  timesAt(pin, now) === 0 ||
  !covers(pin, facts.contextTokens) ||
  facts.resident === true;

/** Pins a model that ran out of memory for 10 min · 2^(times − 1), at most 6 h. */
export const pinAfterOom = (pin: Pin | undefined, facts: PinFacts, now: Millis): Pin => {
  const { contextTokens, freeBytes } = facts;
  // One of several that ran at the moment of the first: it says nothing more.
  if (pin !== undefined && pinned(pin, { ...facts, resident: false }, now)) return pin;
  const times = Math.min(maxTimes, (pin === undefined ? 0 : timesAt(pin, now)) + 1);
  return {
    until: now + Math.min(maxPinMs, firstPinMs * 2 ** (times - 1)),
    times,
    contextTokens,
    sinceBytesFree: freeBytes,
    refuted: pin !== undefined && now < pin.until && covers(pin, contextTokens),
  };
};

/** The model gave content: a trial that went well ends everything, an early one forgives one time. */
export const pinAfterSuccess = (
  pin: Pin,
  contextTokens: number | undefined,
  now: Millis,
): Pin | undefined => {
  if (!covers(pin, contextTokens)) return pin;
  if (now >= pin.until || pin.times <= 1) return undefined;
  return { ...pin, times: pin.times - 1 };
};

/** Writes down that a model ran out of a host's memory; three different ones within ten minutes put it under pressure. */
export const pressureAfterOom = (
  pressure: MemoryPressure | undefined,
  upstream: string,
  now: Millis,
): MemoryPressure => {
  const others = (pressure?.recent ?? []).filter(
    (each) => each.upstream !== upstream && now - each.at < pressureWindowMs,
  );
  const recent = [...others, { upstream, at: now }].slice(-pressureModels);
  return { recent, until: recent.length >= pressureModels ? now + pressureMs : (pressure?.until ?? 0) };
};

/** Whether a host should load nothing new; what it holds keeps serving. */
export const underPressure = (pressure: MemoryPressure | undefined, now: Millis): boolean =>
  pressure !== undefined && now < pressure.until;
