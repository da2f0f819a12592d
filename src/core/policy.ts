/** What a policy is made of: pure functions over data, named in one table. Imports spec. */

import type { Random } from '../spec/ports.ts';
import type { Ask, Candidate, Snapshot } from './candidate.ts';

/** Why a candidate is out; `text` is for the caller and holds no address or secret. */
export interface Reason {
  /** `incapable` will not pass with time, `unavailable` may, `forbidden` must not, `tried` has been. */
  readonly kind: 'incapable' | 'unavailable' | 'forbidden' | 'tried';
  readonly text: string;
  /** The constraint of the request or its key that it does not keep. */
  readonly constraint?: string;
}

/** Lets a candidate pass, or says why not. */
export type Filter = (ask: Ask, candidate: Candidate, snapshot: Snapshot) => true | Reason;

/** One number in 0..1 per candidate, in their order; higher is better; equal when it cannot tell. */
export type Scorer = (ask: Ask, candidates: readonly Candidate[], snapshot: Snapshot) => readonly number[];

/** A rank no score outweighs; lower goes first. */
export interface Tier {
  readonly name: string;
  readonly rank: (ask: Ask, candidate: Candidate) => number;
}

export interface Scored {
  readonly candidate: Candidate;
  /** The weighted mean of the policy's scorers, in 0..1; 1 where there was nothing to compare. */
  readonly score: number;
}

/** What a picker may use besides scores: dice, and a number that counts up from one request to the next. */
export interface Chance {
  readonly random: Random;
  readonly turn: number;
}

/** Orders the scored candidates of one tier, best first. */
export type Picker = (scored: readonly Scored[], chance: Chance) => readonly Scored[];

export interface WeightedScorer {
  readonly name: string;
  readonly weight: number;
  readonly score: Scorer;
}

/** Another policy that fits what is there now, and why. */
export interface Choice {
  readonly policy: Policy;
  readonly because: string;
}

/** A policy as data. The filters every request must pass are not among it, so that no policy can forget one. */
export interface Policy {
  readonly name: string;
  /** One line on what it is, for listings. */
  readonly summary: string;
  /** Its own filters, after the common ones. */
  readonly filters: readonly Filter[];
  /** Compared in this order before any score; empty: scores alone decide. */
  readonly tiers: readonly Tier[];
  readonly scorers: readonly WeightedScorer[];
  readonly pick: Picker;
  /** Set on a policy that decides by another one, chosen from the eligible candidates. */
  readonly choose?: (ask: Ask, eligible: readonly Candidate[], snapshot: Snapshot) => Choice;
}

/** The same policy; where it decides by another one, that one is changed. */
export const changingChoice = (policy: Policy, change: (chosen: Policy) => Policy): Policy => {
  const { choose } = policy;
  if (choose === undefined) return policy;
  return {
    ...policy,
    choose: (ask, eligible, snapshot) => {
      const choice = choose(ask, eligible, snapshot);
      return { ...choice, policy: change(choice.policy) };
    },
  };
};
