/**
 * The circuit breaker of one pair: a reducer over a tagged union, with the time and the dice as arguments. Imports spec.
 *
 * closed → open → half-open → ramp → closed. No step needs a timer: what time changes is derived when it is asked for.
 */

import type { BreakerSettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';

/** What ended within a few seconds; it begins with its first outcome, so that nothing depends on where zero is. */
export interface Bucket {
  readonly startedAt: Millis;
  readonly successes: number;
  readonly failures: number;
}

interface Numbered {
  /**
   * Counts probes. A request carries the number it started under as its ticket, which tells a probe's outcome from that
   * of a request sent long before.
   */
  readonly epoch: number;
  /** The epoch at the last opening; what started no later than this says nothing new. */
  readonly openedEpoch: number;
  /** Openings that are not yet forgiven; each doubles the next opening's time. */
  readonly openings: number;
}

interface Counting extends Numbered {
  /** Since when the pair takes requests. */
  readonly since: Millis;
  readonly window: readonly Bucket[];
  /** Weight of the failures since the last success. */
  readonly consecutive: number;
}

interface Resting extends Numbered {
  readonly until: Millis;
  /** What the last failure said. */
  readonly reason: string;
  /** Weight of the failures that led here and of those met since. */
  readonly failures: number;
  /** The ticket of the one request that tries the pair, while it has said nothing. */
  readonly probe: number | undefined;
  /** Whether another instance tries the pair until then. */
  readonly elsewhere?: boolean | undefined;
  /** How much of the time is left to other instances that may try the pair first; absent: not settled. */
  readonly staggerMs?: Millis | undefined;
}

/** How much a pair is trusted with. */
export type Breaker =
  | ({ readonly state: 'closed' } & Counting)
  | ({ readonly state: 'open' } & Resting)
  | ({
      readonly state: 'half-open';
      readonly successes: number;
      /** When the last trial went well; absent before the first did. */
      readonly triedAt?: Millis | undefined;
    } & Resting)
  | ({ readonly state: 'ramp' } & Counting);

type Taking = Extract<Breaker, Counting>;

/** A breaker that lets nothing through but a probe. */
export type RestingBreaker = Extract<Breaker, Resting>;

/** A failure that says something about the pair. */
export interface BreakerFailure {
  /** The epoch the request started under. */
  readonly ticket: number;
  /** 1, or 2 where one such failure tells as much as two. */
  readonly weight: number;
  readonly reason: string;
}

/** The window is a minute in twelve parts: long enough for ten outcomes of a slow host, short enough to forget. */
const bucketMs = 5_000;
const windowMs = 12 * bucketMs;

/** Fewer outcomes than this make no ratio. */
const ratioOutcomes = 10;
const ratioOpens = 0.5;

/** Successes in a row that end the trial; one may have been luck. */
const trialSuccesses = 2;

/** How long, in ms, a pair takes to come back to all its slots: an engine that just restarted is cold. */
export const rampMs = 30_000;

/** Healthy time that forgives one opening. */
const forgivenMs = 60_000;

/** Nothing has been heard of the pair. */
export const closedBreaker: Breaker = {
  state: 'closed',
  epoch: 1,
  openedEpoch: 0,
  openings: 0,
  since: 0,
  window: [],
  consecutive: 0,
};

/** Whether the pair is set aside, be it that it is being tried. */
export const isResting = (breaker: Breaker): breaker is RestingBreaker =>
  breaker.state === 'open' || breaker.state === 'half-open';

const counted = (
  window: readonly Bucket[],
  outcome: { readonly successes: number; readonly failures: number },
  now: Millis,
): readonly Bucket[] => {
  const last = window.at(-1);
  if (last !== undefined && now - last.startedAt < bucketMs) {
    const successes = last.successes + outcome.successes;
    const failures = last.failures + outcome.failures;
    return [...window.slice(0, -1), { startedAt: last.startedAt, successes, failures }];
  }
  return [...window.filter(({ startedAt }) => now - startedAt < windowMs), { startedAt: now, ...outcome }];
};

const mostlyFails = (window: readonly Bucket[]): boolean => {
  let outcomes = 0;
  let failures = 0;
  for (const bucket of window) {
    outcomes += bucket.successes + bucket.failures;
    failures += bucket.failures;
  }
  return outcomes >= ratioOutcomes && failures >= outcomes * ratioOpens;
};

/** One more, unless the time it gives has reached its limit: a host that was dead for a day is not distrusted for one. */
const onceMore = (openings: number, { openMs, maxOpenMs }: BreakerSettings): number =>
  openMs * 2 ** (openings - 1) >= maxOpenMs ? openings : openings + 1;

const opened = (
  from: Pick<Resting, 'epoch' | 'openings' | 'failures' | 'probe' | 'reason'>,
  { openMs, maxOpenMs }: BreakerSettings,
  now: Millis,
  random: number,
): Breaker => ({
  state: 'open',
  epoch: from.epoch,
  openedEpoch: from.epoch,
  openings: from.openings,
  // min(max, open · 2^(k − 1)) · U(0.8, 1.2): doubling as outlier detectors do, apart so that pairs do not return in step.
  until: now + Math.min(maxOpenMs, openMs * 2 ** (from.openings - 1)) * (0.8 + 0.4 * random),
  reason: from.reason,
  failures: from.failures,
  probe: from.probe,
});

const failedTaking = (
  breaker: Taking,
  { weight, reason }: BreakerFailure,
  settings: BreakerSettings,
  now: Millis,
  random: number,
): Breaker => {
  const window = counted(breaker.window, { successes: 0, failures: 1 }, now);
  const consecutive = breaker.consecutive + weight;
  if (consecutive < settings.failures && !mostlyFails(window)) {
    return { ...breaker, window, consecutive };
  }
  const forgiven = Math.max(0, Math.floor((now - breaker.since) / forgivenMs));
  const openings = onceMore(Math.max(0, breaker.openings - forgiven), settings);
  return opened(
    { epoch: breaker.epoch, openings, failures: consecutive, probe: undefined, reason },
    settings,
    now,
    random,
  );
};

/** The place of the probe is free again if it was this request that held it. */
const withoutProbe = <State extends RestingBreaker>(breaker: State, ticket: number): State =>
  breaker.probe === ticket ? { ...breaker, probe: undefined } : breaker;

/** Counts a failure of the pair; what the caller, a limit or a busy engine caused is no failure and not told here. */
export const onFailure = (
  breaker: Breaker,
  failure: BreakerFailure,
  settings: BreakerSettings,
  now: Millis,
  random: number,
): Breaker => {
  const { ticket, weight, reason } = failure;
  if (!isResting(breaker)) {
    return ticket <= breaker.openedEpoch ? breaker : failedTaking(breaker, failure, settings, now, random);
  }
  const freed = withoutProbe(breaker, ticket);
  if (breaker.state === 'open' || ticket <= breaker.openedEpoch) return freed;
  // A trial before its time that fails proves nothing new: the same rest again, not a longer one.
  const openings = now < breaker.until ? breaker.openings : onceMore(breaker.openings, settings);
  return opened({ ...freed, openings, failures: freed.failures + weight, reason }, settings, now, random);
};

/** Counts a request that gave content, or several of a closed breaker at once. */
export const onSuccess = (breaker: Breaker, ticket: number, now: Millis, count = 1): Breaker => {
  if (!isResting(breaker)) {
    if (ticket <= breaker.openedEpoch) return breaker;
    const window = counted(breaker.window, { successes: count, failures: 0 }, now);
    const state = breaker.state === 'ramp' && now - breaker.since < rampMs ? 'ramp' : 'closed';
    return { ...breaker, state, window, consecutive: 0 };
  }
  const freed = withoutProbe(breaker, ticket);
  if (freed.state === 'open' || ticket <= breaker.openedEpoch) return freed;
  const successes = freed.successes + 1;
  if (successes < trialSuccesses) return { ...freed, successes, triedAt: now };
  const { epoch, openedEpoch, openings } = freed;
  return { state: 'ramp', epoch, openedEpoch, openings, since: now, window: [], consecutive: 0 };
};

/**
 * A request goes to the pair. Where the pair rests, it is the probe, whatever the time: a trial of last resort is one too.
 * The epoch of what is returned is the request's ticket.
 */
export const onStart = (breaker: Breaker): Breaker => {
  if (!isResting(breaker) || breaker.probe !== undefined) return breaker;
  const epoch = breaker.epoch + 1;
  if (breaker.state === 'half-open') return { ...breaker, epoch, probe: epoch };
  const { elsewhere: _elsewhere, staggerMs: _staggerMs, ...own } = breaker;
  return { ...own, state: 'half-open', successes: 0, epoch, probe: epoch };
};

/** A request ended without saying anything of the pair: its place is free, and an opening's time goes on as it was. */
export const onCancel = (breaker: Breaker, ticket: number): Breaker => {
  if (!isResting(breaker) || breaker.probe !== ticket) return breaker;
  if (breaker.state === 'open' || breaker.successes > 0) return { ...breaker, probe: undefined };
  const { successes: _none, ...resting } = breaker;
  return { ...resting, state: 'open', probe: undefined };
};

/** Whether a request may go there now; `probe` is one real request at a time, on which nobody waits. */
export const admits = (breaker: Breaker, now: Millis): 'yes' | 'probe' | 'no' => {
  if (!isResting(breaker)) return 'yes';
  if (breaker.probe !== undefined) return 'no';
  return breaker.state === 'half-open' || breaker.until <= now ? 'probe' : 'no';
};

/** How many requests the pair may run at once: max(1, ⌈slots · t / 30 s⌉) on the way back, as a slow start in slots. */
export const slotCap = (breaker: Breaker, slots: number, now: Millis): number => {
  if (breaker.state === 'closed') return slots;
  if (breaker.state !== 'ramp') return Math.min(1, slots);
  return Math.min(slots, Math.max(1, Math.ceil((slots * (now - breaker.since)) / rampMs)));
};

/** When the pair may be asked again; 0 where it may be asked at any time. */
export const reopensAt = (breaker: Breaker): Millis => (!isResting(breaker) ? 0 : breaker.until);

/** Whether a pair on its way back has all its slots. */
export const isRampOver = (breaker: Breaker, now: Millis): boolean =>
  breaker.state === 'ramp' && now - breaker.since >= rampMs;

/** The pair is set aside because another instance says so; a trial of this one that runs still counts as one. */
export const settingAside = (
  breaker: Breaker,
  told: Pick<Resting, 'epoch' | 'openings' | 'until' | 'elsewhere' | 'staggerMs'>,
): Breaker => ({
  state: 'open',
  ...told,
  openedEpoch: told.epoch,
  reason: isResting(breaker) ? breaker.reason : 'told by another instance',
  failures: isResting(breaker) ? breaker.failures : Math.max(1, breaker.consecutive),
  probe: isResting(breaker) ? breaker.probe : undefined,
});

/** The pair is trusted again because another instance says so. */
export const resumedBreaker = (
  breaker: Breaker,
  told: Pick<Taking, 'state' | 'epoch' | 'openings' | 'since'>,
): Breaker => {
  const window = told.state === 'closed' && !isResting(breaker) ? breaker.window : [];
  return { ...told, openedEpoch: told.epoch - 1, window, consecutive: 0 };
};
