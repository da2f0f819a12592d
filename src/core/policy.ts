/** What a policy is made of: pure functions over data, named in one table. Imports spec. */

import type { Random } from '../spec/ports.ts';
import type { Ask, Candidate, Snapshot } from './candidate.ts';

/** Why a candidate is out; `text` is for the caller and holds no address or secret. */
export interface Reason {
  /** `incapable` will not pass with time, `unavailable` may, `forbidden` must not, `tried` has been. */
  readonly kind: 'incapable' | 'unavailable' | 'forbidden' | 'tried';
  readonly text: string;
}

/** Lets a candidate pass, or says why not. */
export type Filter = (ask: Ask, candidate: Candidate, snapshot: Snapshot) => true | Reason;

/** One number in 0..1 per candidate, in their order; higher is better; equal when it cannot tell. */
export type Scorer = (ask: Ask, candidates: readonly Candidate[], snapshot: Snapshot) => readonly number[];

export interface Scored {
  readonly candidate: Candidate;
  readonly score: number;
}

/** Orders the scored candidates, best first; `turn` grows by one with each decision. */
export type Picker = (scored: readonly Scored[], random: Random, turn: number) => readonly Scored[];

export interface WeightedScorer {
  readonly name: string;
  readonly weight: number;
  readonly score: Scorer;
}

/** A policy as data: the filters are the same for all of them, so that no policy can forget one. */
export interface Policy {
  readonly name: string;
  readonly summary: string;
  readonly scorers: readonly WeightedScorer[];
  readonly pick: Picker;
}
