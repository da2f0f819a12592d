/**
 * A breaker as instances tell it to each other, and its join. Within an epoch a pair only goes forward (tried, back, sound,
 * set aside), and a trial begins the next epoch: so the greater of two facts is the later one, and all instances agree
 * on it in whatever order they hear them. Imports spec.
 */

import type { Millis } from '../../spec/vocabulary.ts';
import {
  type Breaker,
  isRampOver,
  isResting,
  type RestingBreaker,
  rampMs,
  resumedBreaker,
  settingAside,
} from '../breaker.ts';

/** In the order a pair goes through them within an epoch. */
export const breakerPhases = ['probing', 'ramp', 'closed', 'open'] as const;
export type BreakerPhase = (typeof breakerPhases)[number];

/** What is told of one breaker; `until` is on the clock of whoever holds the fact, and travels as what is left. */
export interface BreakerFact {
  readonly epoch: number;
  readonly phase: BreakerPhase;
  /** Openings that are not yet forgiven. */
  readonly openings: number;
  /** Open: when it may be tried. Probing: when the trial is given up. Ramp: when all slots are back. */
  readonly until: Millis;
  /** Told by the instance that tries the pair itself: as long as it says so, its trial runs. */
  readonly own?: boolean | undefined;
}

/** How long others leave a pair alone that one of them tries: a first token may take this long. */
const trialMs: Millis = 30_000;

/** How long the instance whose trial went well is left to try the pair again, alone. */
const aloneMs: Millis = 5_000;

const phaseRank = (phase: BreakerPhase): number => breakerPhases.indexOf(phase);

/** Greater than 0 where the left is later; the time is no part of it, or facts would grow older by being passed on. */
export const compareBreakers = (
  left: Omit<BreakerFact, 'until'>,
  right: Omit<BreakerFact, 'until'>,
): number =>
  left.epoch - right.epoch ||
  phaseRank(left.phase) - phaseRank(right.phase) ||
  left.openings - right.openings;

/** The later of two facts; of equals the one that rests longer. */
export const joinBreakers = (left: BreakerFact, right: BreakerFact): BreakerFact => {
  const order =
    compareBreakers(left, right) ||
    left.until - right.until ||
    Number(left.own ?? false) - Number(right.own ?? false);
  return order >= 0 ? left : right;
};

const restingFact = (breaker: RestingBreaker, now: Millis): BreakerFact => {
  const { epoch, openings, until } = breaker;
  if (breaker.state === 'half-open') {
    const { probe, triedAt = Infinity } = breaker;
    // Nobody asks for it here: the others begin with a slot, as on the way back, or they would wait for that for ever.
    if (probe === undefined && now - triedAt >= aloneMs) {
      return { epoch, phase: 'ramp', openings, until: triedAt + aloneMs + rampMs };
    }
    return { epoch, phase: 'probing', openings, until: now + trialMs, own: true };
  }
  return {
    epoch,
    phase: breaker.elsewhere === true ? 'probing' : 'open',
    openings,
    until: until - (breaker.staggerMs ?? 0),
  };
};

/** What an instance tells of its own breaker. */
export const breakerFact = (breaker: Breaker, now: Millis): BreakerFact => {
  if (isResting(breaker)) return restingFact(breaker, now);
  const { epoch, openings, since } = breaker;
  return breaker.state === 'closed' || isRampOver(breaker, now)
    ? { epoch, phase: 'closed', openings, until: 0 }
    : { epoch, phase: 'ramp', openings, until: since + rampMs };
};

/** Whether there is anything to tell: nothing ever happened to most pairs. */
export const isWorthTelling = (breaker: Breaker): boolean =>
  breaker.state !== 'closed' || breaker.epoch > 1 || breaker.openings > 0;

/**
 * Takes over what another instance knows if it is later than what this one knows; else changes nothing. `staggerMs` is
 * how much longer than the first in rank this instance leaves a pair alone, so that one of them tries it.
 */
export const adoptBreaker = (
  own: Breaker,
  fact: BreakerFact,
  { now, staggerMs }: { readonly now: Millis; readonly staggerMs: Millis },
): Breaker => {
  const order = compareBreakers(fact, breakerFact(own, now));
  const { epoch, phase, openings, until } = fact;
  if (order === 0 && fact.own === true && own.state === 'open' && own.elsewhere === true) {
    return until + staggerMs <= own.until ? own : { ...own, until: until + staggerMs, staggerMs };
  }
  if (order <= 0) return own;
  if (phase === 'open' || phase === 'probing') {
    return settingAside(own, {
      epoch,
      openings,
      until: Math.max(now, until) + staggerMs,
      staggerMs,
      elsewhere: phase === 'probing',
    });
  }
  const since = phase === 'ramp' ? Math.min(now, until - rampMs) : now;
  return resumedBreaker(own, { state: phase, epoch, openings, since });
};

/** Lets the first in rank go first, where this instance set the pair aside by itself; works once per opening. */
export const staggered = (own: Breaker, staggerMs: Millis): Breaker =>
  own.state !== 'open' || own.staggerMs !== undefined
    ? own
    : { ...own, until: own.until + staggerMs, staggerMs };
