/** A stable hash of text: the same number on every runtime and in every instance. Pure; imports nothing. */

const firstFactor = 0x9e3779b1;
const secondFactor = 0x85ebca77;
const lowRange = 4294967296;

const scramble = (lane: number): number => {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return mixed ^ (mixed >>> 16);
};

/**
 * Hashes `text` from `start` to `end` to an integer of 53 bits, which a number holds exactly.
 * Two lanes of multiply and shift over two UTF-16 units at a time, because a whole conversation is hashed per request.
 * Any number may be the seed, so hashes chain by passing one on as the next seed. No secret is safe behind it.
 */
export const hashText = (text: string, seed = 0, start = 0, end = text.length): number => {
  let first = (seed >>> 0) ^ 0x2545f491;
  let second = (Math.floor(seed / lowRange) >>> 0) ^ 0x6c078965;
  const lastPair = start + ((end - start) & ~1);
  let index = start;
  for (; index < lastPair; index += 2) {
    const pair = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16);
    first = Math.imul(first ^ pair, firstFactor);
    first ^= first >>> 15;
    second = Math.imul(second ^ pair, secondFactor);
    second ^= second >>> 13;
  }
  if (index < end) {
    const unit = text.charCodeAt(index);
    first = Math.imul(first ^ unit, secondFactor);
    second = Math.imul(second ^ unit, firstFactor);
  }
  const low = scramble(first ^ (end - start)) ^ Math.imul(second, firstFactor);
  const high = scramble(second) ^ Math.imul(low, secondFactor);
  return (high & 0x1fffff) * lowRange + (scramble(low) >>> 0);
};
