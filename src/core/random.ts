/** Seeded chance, so that a decision can be replayed. Pure. */

import type { Random } from '../spec/ports.ts';

/** A small generator (mulberry32): 32 bits of state, uniform enough for picking hosts, the same on every runtime. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};
