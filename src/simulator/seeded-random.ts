/** Chance that repeats: the same words in give the same numbers out on every runtime. */

import type { Random } from '../spec/ports.ts';

/** A 32-bit FNV-1a hash of a text, mixed with a seed; for variety, not for secrets. */
export const hashText = (text: string, seed = 0): number => {
  let hash = (2_166_136_261 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619) >>> 0;
  }
  return hash;
};

/** A generator (mulberry32) that needs one integer of state, so that one can be made per request. */
export const createSeededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const hexOf = (value: number): string => value.toString(16).padStart(8, '0');

/** 64 hexadecimal digits that depend on the text alone, as a digest looks. */
export const hexDigest = (text: string): string => {
  let digits = '';
  for (let part = 0; part < 8; part++) digits += hexOf(hashText(text, part * 7919 + 1));
  return digits;
};
