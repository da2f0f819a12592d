/** One model on one host as it lives in this process: its health, its speeds, what runs of it. Shell state. */

import { onSuccess } from '../core/breaker.ts';
import type { Ask, Candidate, PairHealth, ResidencyState } from '../core/candidate.ts';
import type { ContextPolicy } from '../core/context-policy.ts';
import { healthyPair } from '../core/health.ts';
import { neutralRates, type PairRates } from '../core/rates.ts';
import { certain, type Reliability } from '../core/reliability.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { ContextSettings, ModelSettings } from '../spec/settings.ts';
import type { Usage } from '../spec/usage.ts';
import type { Lane, Millis, Quirk } from '../spec/vocabulary.ts';

/** Attempts whose lesson waits to be learned, at most: no past outweighs this many. */
export const keptLessons = 8;

/** An attempt that ended with an answer, as far as it taught anything of speeds. */
export interface Lesson {
  /** What was asked and what was known of the host when it was chosen. */
  readonly ask: Ask;
  readonly candidate: Candidate;
  readonly startedAt: Millis;
  /** When its model was in memory, where a load went before it. */
  readyAt: Millis | undefined;
  firstContentAt: Millis | undefined;
  endedAt: Millis;
  /** How many ran on the host, itself included: when it began, and at the end the mean. */
  together: number;
  /** Whether the answer came to its own end. */
  whole: boolean;
  usage: Usage | undefined;
  /** Pieces of content that were seen, for engines that count no tokens. */
  pieces: number;
}

export interface Pair {
  readonly upstream: string;
  /** As the backend lists it. */
  card: ModelCard;
  /** Without the successes below. */
  health: PairHealth;
  /** Successes of a pair in good health, and since when: told to its breaker together. */
  successes: number;
  successesSince: Millis;
  reliability: Reliability;
  /** Without the lessons below. */
  rates: PairRates;
  /** In a ring, since most requests compare no speeds. */
  readonly lessons: Lesson[];
  lessonCount: number;
  learnedAt: Millis;
  inflight: number;
  /** When content last came: the model was in memory then. */
  heardAt: Millis;
  /** When a load of ours ended; -Infinity where the engine loaded it by itself. */
  loadedAt: Millis;
  /** Since when a request waits for the model to be loaded. */
  loadingSince: Millis | undefined;
  /** Until when another instance loads it at most. */
  loadingElsewhere: Millis | undefined;
  /** The rules for a place in memory, with the settings they were made from. */
  context: { readonly from: ContextSettings; readonly policy: ContextPolicy } | undefined;
  /** What the model does not take there, with the rules that was worked out from. */
  quirks: { readonly from: readonly ModelSettings[]; readonly list: readonly Quirk[] } | undefined;
}

/** A pair nobody has asked yet. */
export const createPair = (card: ModelCard, lane: Lane): Pair => ({
  upstream: card.name,
  card,
  health: healthyPair,
  successes: 0,
  successesSince: 0,
  reliability: certain,
  rates: neutralRates(lane, card.sizeBytes),
  lessons: [],
  lessonCount: 0,
  learnedAt: -Infinity,
  inflight: 0,
  heardAt: -Infinity,
  loadedAt: -Infinity,
  loadingSince: undefined,
  loadingElsewhere: undefined,
  context: undefined,
  quirks: undefined,
});

/** Nothing but a count is kept of successes while this holds, since nothing but the count follows from them. */
const isPlain = ({ breaker, pin, absentUntil, limited, refusedUntil }: PairHealth): boolean =>
  breaker.state === 'closed' &&
  breaker.consecutive === 0 &&
  pin === undefined &&
  absentUntil === 0 &&
  (limited ?? 0) === 0 &&
  (refusedUntil ?? 0) === 0;

/** How long successes are only counted: what a breaker's window holds together anyway. */
const countedMs: Millis = 5_000;

/** The health with all that happened; to be read before anything but a success changes it. */
export const healthOf = (pair: Pair): PairHealth => {
  if (pair.successes > 0) {
    const { breaker } = pair.health;
    const told = onSuccess(breaker, breaker.epoch, pair.successesSince, pair.successes);
    pair.health = { ...pair.health, breaker: told };
    pair.successes = 0;
  }
  return pair.health;
};

/** Counts a success where nothing but the count matters; false where it has to be told. */
export const countSuccess = (pair: Pair, now: Millis): boolean => {
  if (!isPlain(pair.health)) return false;
  if (pair.successes > 0 && now - pair.successesSince >= countedMs) healthOf(pair);
  if (pair.successes === 0) pair.successesSince = now;
  pair.successes += 1;
  return true;
};

const hot: ResidencyState = { state: 'hot' };
const cold: ResidencyState = { state: 'cold' };
const unknown: ResidencyState = { state: 'unknown' };

/** What is known of a host's memory. */
export interface MemoryFacts {
  /** When the last look that succeeded began. */
  readonly lookedAt: Millis;
  /** When the host last drove its models out of memory. */
  readonly evictedAt: Millis;
  /** Whether the engine says what it holds. */
  readonly tellsLoaded: boolean;
}

/** Where the model's weights are, by the latest that was heard. */
export const residencyOf = (
  { heardAt, loadingSince, loadingElsewhere, card, rates }: Pair,
  { lookedAt, evictedAt, tellsLoaded }: MemoryFacts,
  now: Millis,
): ResidencyState => {
  const isEvicted = evictedAt >= lookedAt && evictedAt >= heardAt;
  if (!isEvicted) {
    if (!tellsLoaded) return unknown;
    if (heardAt >= lookedAt || (card.loaded !== undefined && lookedAt > evictedAt)) return hot;
  }
  if (loadingSince === undefined) {
    if (loadingElsewhere === undefined || loadingElsewhere <= now) return cold;
    return { state: 'loading', remainingMs: Math.min(rates.loadMs, loadingElsewhere - now) };
  }
  // A load that is late is not about to end for that.
  const elapsedMs = now - loadingSince;
  return { state: 'loading', remainingMs: Math.max(rates.loadMs - elapsedMs, elapsedMs / 10) };
};
