/** Cutting bytes for framers and decoders: how bytes arrive must never matter. */

import fc from 'fast-check';

/** The bytes in pieces of the given sizes, taken in turn; a size of 0 gives an empty chunk. */
export const rechunk = (bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] => {
  const chunks: Uint8Array[] = [];
  let from = 0;
  for (const size of sizes) {
    chunks.push(bytes.slice(from, from + size));
    from += size;
  }
  if (from < bytes.length) chunks.push(bytes.slice(from));
  return chunks;
};

/** Sizes that favour cuts inside characters and line breaks. */
export const chunkSizes: fc.Arbitrary<readonly number[]> = fc.array(
  fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 40 })),
  { maxLength: 60 },
);

/** All that a push machine gives for these chunks, its end included. */
export const runMachine = <Frame>(
  machine: { push(chunk: Uint8Array): readonly Frame[]; end(): readonly Frame[] },
  chunks: readonly Uint8Array[],
): readonly Frame[] => [...chunks.flatMap((chunk) => machine.push(chunk)), ...machine.end()];
