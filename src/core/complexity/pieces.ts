/** The distinct pieces of three to five characters that a text is made of, each hashed to a place. Pure; imports nothing. */

/** Pieces are hashed into so many places. */
export const placeBits = 16;
export const places = 1 << placeBits;
const shift = 32 - placeBits;

/** The pieces of one text; belongs to the reader and holds until it reads again. */
export interface Pieces {
  /** Their places, each once. */
  readonly found: Int32Array;
  count: number;
  /** Those of four characters. */
  distinct: number;
}

/** Room for the pieces of so many characters. */
export const createPieces = (characters: number): Pieces => ({
  found: new Int32Array(3 * characters),
  count: 0,
  distinct: 0,
});

const stamps = new Uint8Array(places);
let stamp = 0;

/** Reads the first `length` codes; one more has to have room behind them. */
export const readPieces = (codes: Uint16Array, length: number, pieces: Pieces): void => {
  const { found } = pieces;
  stamp += 1;
  if (stamp > 255) {
    stamps.fill(0);
    stamp = 1;
  }
  let count = 0;
  let distinct = 0;
  let zeroth = 0;
  let first = 0;
  let second = 32;
  let third = codes[0] ?? 32;
  codes[length] = 32;
  for (let index = 1; index <= length; index += 1) {
    const code = codes[index] ?? 32;
    const three =
      (Math.imul(second, 0x27d4eb2f) + Math.imul(third, 0x165667b1) + Math.imul(code, 0x9e3779b1)) | 0;
    const short = Math.imul(three ^ (three >>> 15), 0x2c1b3c6d) >>> shift;
    if (stamps[short] !== stamp) {
      stamps[short] = stamp;
      found[count] = short;
      count += 1;
    }
    if (first !== 0) {
      const four = (three + Math.imul(first, 0x85ebca77)) | 0;
      const long = Math.imul(four ^ (four >>> 14), 0x297a2d39) >>> shift;
      if (stamps[long] !== stamp) {
        stamps[long] = stamp;
        found[count] = long;
        count += 1;
        distinct += 1;
      }
      if (zeroth !== 0) {
        const five = (four + Math.imul(zeroth, 0x5bd1e995)) | 0;
        const longest = Math.imul(five ^ (five >>> 13), 0x68e31da5) >>> shift;
        if (stamps[longest] !== stamp) {
          stamps[longest] = stamp;
          found[count] = longest;
          count += 1;
        }
      }
    }
    zeroth = first;
    first = second;
    second = third;
    third = code;
  }
  pieces.count = count;
  pieces.distinct = distinct;
};
