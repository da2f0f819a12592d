/**
 * The use of a key as instances tell it to each other: a count that only grows, of which a reader adds what is new to him.
 * So nothing is added twice whatever came twice, late or in another order. Imports core.
 */

import type { Millis } from '../../spec/vocabulary.ts';
import { type Bucket, leaked } from '../quota.ts';

/** What is told of one limit of one key. */
export interface UseFact {
  /** All that the instance let through since its start. */
  readonly count: number;
  /** How full its bucket is. */
  readonly level: number;
  /** What of that it let through itself. */
  readonly own: number;
}

/** What is told of one key; each limit where it has one. */
export interface QuotaFact {
  readonly requests: UseFact | undefined;
  readonly tokens: UseFact | undefined;
}

/** What was told, and what its reader knew before. */
export interface HeardUse extends UseFact {
  /** The greatest count so far; 0 where there is none. */
  readonly known: number;
  /** `late` where not all of it was heard at its time: the instance is new, or was silent for long. */
  readonly when: 'in time' | 'late';
}

export interface HearingTerms {
  readonly capacity: number;
  /** Instances in all: each may have let through as much as the bucket holds before it heard of the others. */
  readonly parties: number;
  /** Whether the reader itself is new, or heard nothing for long: then others know more than it can add up. */
  readonly reader: 'following' | 'new';
  readonly now: Millis;
}

/**
 * The bucket after one reading of the others. What was not heard at its time counts as far as it has not run out where it
 * was used. Nobody adds more than the bucket holds, and all together no more than honest instances could: nobody is locked
 * out for long by a number that is not true.
 */
export const bucketHearing = (
  bucket: Bucket,
  uses: readonly HeardUse[],
  { capacity, parties, reader, now }: HearingTerms,
): Bucket => {
  const before = leaked(bucket, capacity, now);
  let { level } = before;
  for (const { count, known, own, when } of uses) {
    const fresh = Math.max(0, count - known);
    level += Math.min(when === 'in time' ? fresh : Math.min(fresh, own), capacity);
  }
  if (reader === 'new') for (const use of uses) level = Math.max(level, Math.min(use.level, capacity));
  const by = Math.min(level, parties * capacity) - before.level;
  return by > 0 ? { ...before, level: before.level + by, told: before.told + by } : before;
};
