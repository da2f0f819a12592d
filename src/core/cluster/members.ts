/**
 * Who is alive: whose numbers moved within the last seconds of this instance's own monotonic clock. Nobody's wall clock
 * says anything, and a store's own expiry only clears up. A reducer over data; imports spec.
 */

import type { Millis } from '../../spec/vocabulary.ts';
import type { Head } from './document.ts';

/** One instance as this one sees it. */
export interface Member {
  readonly instance: string;
  readonly boot: string;
  readonly sequence: number;
  /** When its number last moved here. */
  readonly movedAt: Millis;
  readonly leaving: boolean;
}

export type Members = ReadonlyMap<string, Member>;

/**
 * Three missed heartbeats: a pause for garbage or a slow store is no death. With the half second until a document is read
 * and the quarter until that is looked at, an instance that was killed is gone within six seconds everywhere.
 */
export const staleMs: Millis = 4_800;

/** A head was read; only one that moved is a sign of life. */
export const memberSeen = (members: Members, key: string, head: Head, now: Millis): Members => {
  const known = members.get(key);
  if (known !== undefined && known.boot === head.boot && head.sequence <= known.sequence) return members;
  const { instance, boot, sequence, leaving } = head;
  return new Map(members).set(key, { instance, boot, sequence, movedAt: now, leaving });
};

/** Whether it counts. */
export const isAlive = (member: Member | undefined, now: Millis): boolean =>
  member !== undefined && !member.leaving && now - member.movedAt < staleMs;

/** The keys of all others that are alive, in a fixed order. */
export const aliveKeys = (members: Members, now: Millis): readonly string[] =>
  [...members].flatMap(([key, member]) => (isAlive(member, now) ? [key] : [])).sort();

/**
 * Forgets whom nothing was heard of for long. Whose document still lies in the store is remembered all the same: read
 * again, it would be taken for a sign of life.
 */
export const withoutLongGone = (
  members: Members,
  now: Millis,
  afterMs: Millis,
  listed: ReadonlySet<string>,
): Members => {
  const kept = [...members].filter(([key, { movedAt }]) => now - movedAt < afterMs || listed.has(key));
  return kept.length === members.size ? members : new Map(kept);
};
