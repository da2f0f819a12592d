/** An instance that lives, as the rules between instances see it, and what those rules have in common. */

import type { ClusterFacts } from './cluster-facts.ts';
import type { Attempt } from './watched-network.ts';

export interface Peer {
  readonly name: string;
  readonly shared: ClusterFacts;
  readonly isTrial: (host: string, model: string) => boolean;
  /** Since when it hears all others and all hear it; in the future while it does not. */
  readonly inTouchSince: () => number;
}

/** What a rule needs of the world. */
export interface Watch {
  readonly now: () => number;
  readonly peers: () => readonly Peer[];
  readonly breach: (rule: string, text: string) => void;
}

/** A call of one instance. */
export interface Going {
  readonly peer: Peer;
  readonly attempt: Attempt;
}

/** What one instance wrote down all others have read within this time: a beat to write, two to read, and the store's own. */
export const visibleMs = 1_000;

/** Whether they could tell each other what was so at that time. */
export const inTouch = (since: number, ...those: readonly Peer[]): boolean =>
  those.every((peer) => peer.inTouchSince() <= since);

/**
 * A trial is a request that came, at any time after the turn of its instance in the order of ranks. Where two instances are
 * past their turns, the word of the first trial binds the second once it can be read, and not before: within a beat to write
 * and two to read, which is less than the step between two turns.
 */
export const trialVisibleMs = 800;
