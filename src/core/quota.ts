/**
 * What a key may use in a minute, as a leaking bucket: it holds a minute's worth and loses as much in each minute, so
 * that whoever keeps to the limit never meets it, and whoever does not is let in again bit by bit. Pure; imports spec.
 */

import type { Millis } from '../spec/vocabulary.ts';

const minuteMs: Millis = 60_000;

/** Whoever asked for nothing for as long is no news to anybody: his bucket has run out. */
export const idleMs: Millis = 120_000;

/** Sums of many small numbers are not exact; less than this decides nothing. */
const slack = 1e-6;

/** One limit of one key; the capacity is what a minute gives. */
export interface Bucket {
  /** What was used and has not run out yet; beyond the capacity where an answer cost more than was expected. */
  readonly level: number;
  /** What others take the level for, who hear of uses at once and of what was given back with the next use. */
  readonly told: number;
  /** What of the level was used here, as far as it has not run out. */
  readonly own: number;
  readonly at: Millis;
  /** All that others are to count since the start; it never falls. */
  readonly count: number;
  readonly usedAt: Millis;
}

/** Nothing was used. */
export const emptyBucket: Bucket = {
  level: 0,
  told: 0,
  own: 0,
  at: 0,
  count: 0,
  usedAt: Number.NEGATIVE_INFINITY,
};

/** The bucket as it is at that time. */
export const leaked = (bucket: Bucket, capacity: number, now: Millis): Bucket => {
  const lost = (capacity * (now - bucket.at)) / minuteMs;
  if (!(lost > 0)) return bucket;
  return {
    ...bucket,
    level: Math.max(0, bucket.level - lost),
    told: Math.max(0, bucket.told - lost),
    own: Math.max(0, bucket.own - lost),
    at: now,
  };
};

/**
 * How long until so much fits; 0 where it does. What is more than a whole minute gives would never fit: it waits until
 * nothing else is left, and what comes after it waits for longer.
 */
export const waitFor = (bucket: Bucket, cost: number, capacity: number, now: Millis): Millis => {
  const { level } = leaked(bucket, capacity, now);
  const over = level - Math.max(0, capacity - cost);
  return over <= slack ? 0 : (over * minuteMs) / capacity;
};

/** After a use; an amount below 0 gives back. */
export const used = (bucket: Bucket, amount: number, capacity: number, now: Millis): Bucket => {
  const before = leaked(bucket, capacity, now);
  const level = Math.max(0, before.level + amount);
  const raised = Math.max(0, level - before.told);
  return {
    level,
    told: before.told + raised,
    own: Math.max(0, before.own + amount),
    at: before.at,
    count: before.count + raised,
    usedAt: now,
  };
};

/** As full as it was, of a smaller capacity: the part that is left of what several shared. */
export const shrunk = (bucket: Bucket, from: number, to: number, now: Millis): Bucket => {
  const before = leaked(bucket, from, now);
  return { ...before, level: (before.level * to) / from, told: (before.told * to) / from };
};
