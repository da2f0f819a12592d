/**
 * SHA-256 and HMAC over it, computed at once: what runtimes offer gives promises, and nothing that a simulated clock
 * drives may wait for one. Pure; imports nothing.
 */

const constants = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

const initial: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

const blockBytes = 64;

const rotated = (value: number, by: number): number => (value >>> by) | (value << (32 - by));

/** The message with its end marked and its length behind it, in whole blocks; `before`: bytes that were taken in already. */
const padded = (message: Uint8Array, before: number): DataView => {
  const length = Math.ceil((message.length + 9) / blockBytes) * blockBytes;
  const bytes = new Uint8Array(length);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  const bits = (before + message.length) * 8;
  view.setUint32(length - 8, Math.floor(bits / 0x100000000));
  view.setUint32(length - 4, bits >>> 0);
  return view;
};

const spread = (view: DataView, offset: number, schedule: Int32Array): void => {
  for (let index = 0; index < 16; index += 1) schedule[index] = view.getInt32(offset + index * 4);
  for (let index = 16; index < 64; index += 1) {
    const early = schedule[index - 15] ?? 0;
    const late = schedule[index - 2] ?? 0;
    const first = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
    const second = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
    schedule[index] = ((schedule[index - 16] ?? 0) + first + (schedule[index - 7] ?? 0) + second) | 0;
  }
};

const add = (state: Int32Array, index: number, value: number): void => {
  state[index] = ((state[index] ?? 0) + value) | 0;
};

const compress = (state: Int32Array, schedule: Int32Array): void => {
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  let f = state[5] ?? 0;
  let g = state[6] ?? 0;
  let h = state[7] ?? 0;
  for (let index = 0; index < 64; index += 1) {
    const high = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + high + choice + (constants[index] ?? 0) + (schedule[index] ?? 0)) | 0;
    const low = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + low + majority) | 0;
  }
  add(state, 0, a);
  add(state, 1, b);
  add(state, 2, c);
  add(state, 3, d);
  add(state, 4, e);
  add(state, 5, f);
  add(state, 6, g);
  add(state, 7, h);
};

/** Nothing runs between the blocks of a message, so all share one. */
const schedule = new Int32Array(64);

const takeIn = (state: Int32Array, blocks: DataView): Int32Array => {
  for (let offset = 0; offset < blocks.byteLength; offset += blockBytes) {
    spread(blocks, offset, schedule);
    compress(state, schedule);
  }
  return state;
};

const digestOf = (state: Int32Array): Uint8Array => {
  const digest = new DataView(new ArrayBuffer(4 * state.length));
  for (let index = 0; index < state.length; index += 1) digest.setInt32(index * 4, state[index] ?? 0);
  return new Uint8Array(digest.buffer);
};

/** The 32 bytes of the digest (FIPS 180-4). */
export const sha256 = (message: Uint8Array): Uint8Array =>
  digestOf(takeIn(new Int32Array(initial), padded(message, 0)));

/**
 * Makes the 32 bytes of the code (RFC 2104) that only who has the key can make. What depends on the key alone is computed
 * once.
 */
export const hmacSha256 = (key: Uint8Array): ((message: Uint8Array) => Uint8Array) => {
  const short = key.length > blockBytes ? sha256(key) : key;
  const keyed = (mark: number): Int32Array => {
    const block = new Uint8Array(blockBytes).fill(mark);
    for (let index = 0; index < short.length; index += 1) block[index] = (short[index] ?? 0) ^ mark;
    return takeIn(new Int32Array(initial), new DataView(block.buffer));
  };
  const [inner, outer] = [keyed(0x36), keyed(0x5c)];
  const after = (state: Int32Array, message: Uint8Array): Uint8Array =>
    digestOf(takeIn(new Int32Array(state), padded(message, blockBytes)));
  return (message) => after(outer, after(inner, message));
};

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** Bytes as lower-case base32 without padding: fit for a key in any store, whatever it does to case and marks. */
export const base32 = (bytes: Uint8Array): string => {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += letters[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + letters[(held << (5 - bits)) & 31] : text;
};
