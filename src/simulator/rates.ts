/** How fast a simulated machine is, and what that makes of one model on it. */

import type { Millis } from '../spec/vocabulary.ts';
import { gib, mib } from './byte-size.ts';

/** A rate of 0 means that the work takes no time at all. */
export interface Rates {
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
  readonly loadBytesPerSecond: number;
  /** How much each further request at once slows the others: 0 not at all, 1 to an equal share. */
  readonly sharing: number;
  /** The model size the rates hold for; decoding reads every weight, so twice the size is half the rate. 0: any size. */
  readonly referenceBytes: number;
}

/** The machines that come ready-made. */
export type Profile = 'gpu' | 'cpu' | 'container';

/** Plausible machines: a desktop graphics card, a desktop processor, a container given half a graphics card. */
export const profiles: Readonly<Record<Profile, Rates>> = {
  gpu: {
    prefillTokensPerSecond: 2500,
    decodeTokensPerSecond: 80,
    loadBytesPerSecond: 2 * gib,
    sharing: 0.15,
    referenceBytes: 4 * gib,
  },
  container: {
    prefillTokensPerSecond: 600,
    decodeTokensPerSecond: 25,
    loadBytesPerSecond: gib,
    sharing: 0.4,
    referenceBytes: 4 * gib,
  },
  cpu: {
    prefillTokensPerSecond: 80,
    decodeTokensPerSecond: 8,
    loadBytesPerSecond: 500 * mib,
    sharing: 0.9,
    referenceBytes: 4 * gib,
  },
};

/** The part of a model that lies in main memory runs this much slower. */
const offloadPenalty = 8;

/** What is in memory where, as far as speed depends on it. */
export interface Placement {
  readonly sizeBytes: number;
  readonly vramBytes: number;
}

/** How long the work of a machine takes. */
export interface Pace {
  loadMs(bytes: number): Millis;
  prefillMs(tokens: number, weightBytes: number, placement: Placement): Millis;
  /** For one token while `active` requests decode on the machine. */
  tokenMs(active: number, weightBytes: number, placement: Placement): Millis;
}

const perSecond = (amount: number, rate: number): Millis => (rate > 0 ? (amount / rate) * 1000 : 0);

/** Turns rates into durations; `speedup` divides every one of them, and Infinity leaves none. */
export const createPace = (rates: Rates, speedup: number, hasVram: boolean): Pace => {
  const slowdown = (weightBytes: number, placement: Placement): number => {
    const size = rates.referenceBytes > 0 ? weightBytes / rates.referenceBytes : 1;
    const outside = hasVram && placement.sizeBytes > 0 ? 1 - placement.vramBytes / placement.sizeBytes : 0;
    return size * (1 + outside * (offloadPenalty - 1));
  };
  return {
    loadMs: (bytes) => perSecond(bytes, rates.loadBytesPerSecond) / speedup,
    prefillMs: (tokens, weightBytes, placement) =>
      (perSecond(tokens, rates.prefillTokensPerSecond) * slowdown(weightBytes, placement)) / speedup,
    tokenMs: (active, weightBytes, placement) =>
      (perSecond(1, rates.decodeTokensPerSecond) *
        slowdown(weightBytes, placement) *
        (1 + rates.sharing * (Math.max(1, active) - 1))) /
      speedup,
  };
};
