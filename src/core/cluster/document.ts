/**
 * What one instance tells all others: a small head that is read often, and a body that is read when its number moved.
 * Only its owner writes a document, so no update is lost in a store that cannot compare and set. Imports spec.
 *
 * Times are what is left or what has passed, in ms, counted from the moment of writing: no wall clock is compared.
 * Hosts and models are named by hashes; there is no prompt, address or key in it.
 */

import type { Millis } from '../../spec/vocabulary.ts';
import type { BreakerFact } from './shared-breaker.ts';
import type { PinFact } from './shared-pin.ts';
import type { QuotaFact } from './shared-quota.ts';

/** The layout; documents of another one are passed over. */
export const documentVersion = 1;

/** A document longer than this many characters is neither written nor read. */
export const maxDocumentLength = 256 * 1024;

/** Names a host the same in every instance that reaches it by the same address. */
export type HostKey = string;

/** A host and a model on it: both keys with a dot between. */
export type PairKey = string;

/** Names a caller's key the same in every instance, and tells nobody else. */
export type CallerKey = string;

/** What runs on a host on behalf of one instance. */
export interface Flight {
  readonly inflight: number;
  /** Requests that wait for a slot there. */
  readonly waiting: number;
}

/** A load that one instance runs, or wants to be run. */
export interface SharedLoad {
  readonly host: HostKey;
  readonly pair: PairKey;
  readonly phase: 'intent' | 'loading';
  /** Of an intent: lower ones go first. Drawn above all that its instance saw. */
  readonly ticket: number;
  /** What is left of it at most. */
  readonly remainMs: Millis;
}

/** No ticket is higher. */
export const maxTicket = 1_000_000;

/** Whether the instance reaches the host. */
export interface HostFact {
  /** Counts the changes the instance saw. */
  readonly changes: number;
  readonly state: 'up' | 'down';
}

/** Which models a host holds, as one look showed it. */
export interface ResidentFact {
  /** How long ago that look was. */
  readonly ageMs: Millis;
  /** Keys of models and what they take of GPU memory. */
  readonly models: ReadonlyMap<string, number>;
  /** GPU memory as a tool beside the host tells it. */
  readonly totalBytes: number | undefined;
  readonly freeBytes: number | undefined;
}

/** Speeds that an instance measured itself; decayed values are carried from `ageMs` ago by the reader. */
export interface RateFact {
  readonly ageMs: Millis;
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
  readonly decodeSlope: number;
  readonly loadMs: Millis;
  readonly outputTokens: number;
  /** Observations behind the speeds. */
  readonly samples: number;
  /** How much they weigh: the least of prefill and decode. */
  readonly evidence: number;
}

/** A conversation that lives on another host than its rendezvous order says. */
export interface ExceptionFact {
  readonly conversation: number;
  readonly host: HostKey;
  readonly strength: number;
  readonly ageMs: Millis;
}

/** Who wrote it, and which writing it is. */
export interface Stamped {
  readonly instance: string;
  /** Drawn anew at each start. */
  readonly boot: string;
  /** Grows with each writing. */
  readonly sequence: number;
  /** How long the instance has been up. */
  readonly upMs: Millis;
}

export interface Head extends Stamped {
  /** The number of the body that goes with it. */
  readonly body: number;
  /** It ends, and counts for nothing from now on. */
  readonly leaving: boolean;
  /** Where other instances reach it as a peer, if it wants to be one. */
  readonly peer: string | undefined;
  /** Requests that wait there; each stands in the flights of every host that it could go to. */
  readonly waiting: number;
  readonly flights: ReadonlyMap<HostKey, Flight>;
  readonly loads: readonly SharedLoad[];
  readonly hosts: ReadonlyMap<HostKey, HostFact>;
  /** Changes of the last seconds, which are not worth a whole body. */
  readonly breakers: ReadonlyMap<PairKey, BreakerFact>;
  readonly pins: ReadonlyMap<PairKey, PinFact>;
  /** Keys with limits that were used of late. */
  readonly quotas: ReadonlyMap<CallerKey, QuotaFact>;
}

export interface Body extends Stamped {
  /** All that it routes to; undefined where that is not told. */
  readonly hosts: ReadonlySet<HostKey> | undefined;
  readonly breakers: ReadonlyMap<PairKey, BreakerFact>;
  readonly pins: ReadonlyMap<PairKey, PinFact>;
  readonly residents: ReadonlyMap<HostKey, ResidentFact>;
  readonly rates: ReadonlyMap<PairKey, RateFact>;
  readonly exceptions: readonly ExceptionFact[];
}
