/**
 * Turns at a host that has no more slots than others want one there: who holds a slot is the first to know that it is free,
 * and would keep it for ever. So who held one for a while leaves it to those that have none, and of them the one that was
 * passed over most often goes first. A reducer; imports spec.
 */

import type { Millis } from '../../spec/vocabulary.ts';

/** Undefined instead of it: nothing stands in the way. */
export type Turn =
  | { readonly what: 'holds'; readonly since: Millis }
  /** Leaves what it has to others; since when the last of its own ended. */
  | { readonly what: 'yields'; readonly since: Millis }
  /** Has none: how often a slot was free and another took it, and since when one is free. */
  | { readonly what: 'waits'; readonly passedOver: number; readonly freeSince: Millis | undefined };

/** What is seen of the host. */
export interface Crowd {
  readonly slots: number;
  /** What runs there for this instance, and for all others. */
  readonly own: number;
  readonly elsewhere: number;
  /** Others that have something there or wait for it. */
  readonly others: number;
  /** Whether one of them waits and has nothing there. */
  readonly isSomebodyWithout: boolean;
}

/** Long against the time in which nobody uses what was left. */
const turnMs: Millis = 4_000;
/** In this what one instance does is seen by all. */
const stepMs: Millis = 1_000;
/** Who wants no slot that is free, as a request that may not go there, is asked again this much later. */
const fruitlessMs: Millis = 20_000;

const holding = (turn: Turn | undefined, { isSomebodyWithout }: Crowd, now: Millis): Turn | undefined => {
  if (!isSomebodyWithout) return undefined;
  if (turn?.what === 'yields') return { what: 'yields', since: now };
  const since = turn?.what === 'holds' ? turn.since : now;
  return now - since < turnMs ? { what: 'holds', since } : { what: 'yields', since: now };
};

/** All slots are others'. */
const without = (turn: Turn | undefined, { others }: Crowd): Turn => {
  if (turn === undefined) return { what: 'waits', passedOver: others, freeSince: undefined };
  if (turn.what !== 'waits') return { what: 'waits', passedOver: 0, freeSince: undefined };
  const { passedOver, freeSince } = turn;
  return { what: 'waits', passedOver: passedOver + (freeSince === undefined ? 0 : 1), freeSince: undefined };
};

/** The turn as of now. */
export const nextTurn = (turn: Turn | undefined, crowd: Crowd, now: Millis): Turn | undefined => {
  if (crowd.others < crowd.slots) return undefined;
  if (crowd.own > 0) return holding(turn, crowd, now);
  if (crowd.elsewhere >= crowd.slots) return without(turn, crowd);
  if (turn?.what === 'yields') {
    const isLeft = now - turn.since < stepMs * (crowd.others + 1);
    return isLeft ? turn : { what: 'holds', since: now + fruitlessMs };
  }
  if (turn?.what !== 'waits') return turn;
  return crowd.isSomebodyWithout ? { ...turn, freeSince: turn.freeSince ?? now } : undefined;
};

/** Whether a slot that is free may be taken, or is left to somebody else. */
export const isOwnTurn = (turn: Turn | undefined, { others }: Crowd, now: Millis): boolean => {
  if (turn?.what === 'yields') return false;
  if (turn?.what !== 'waits' || turn.freeSince === undefined) return true;
  return now - turn.freeSince >= stepMs * (others - 1 - turn.passedOver);
};
