/** Vectors that depend on the text alone, so that equal texts are equal and a caller can check them. */

import { createSeededRandom, hashText } from './seeded-random.ts';

/** `unit` has length 1; `raw` is what an engine gives before it normalises. */
export const embedText = (
  text: string,
  model: string,
  dimensions: number,
  form: 'unit' | 'raw',
): readonly number[] => {
  const random = createSeededRandom(hashText(text, hashText(model)));
  const vector: number[] = [];
  let square = 0;
  for (let index = 0; index < dimensions; index++) {
    const value = random() * 2 - 1;
    vector.push(value);
    square += value * value;
  }
  if (form === 'raw') return vector.map((value) => Math.round(value * 1e6) / 1e5);
  const length = Math.sqrt(square) || 1;
  return vector.map((value) => Math.fround(value / length));
};

/** Little-endian 32-bit floats in base64, as OpenAI's SDKs ask for by default. */
export const packVector = (vector: readonly number[]): string => {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [index, value] of vector.entries()) view.setFloat32(index * 4, value, true);
  let binary = '';
  for (const byte of new Uint8Array(view.buffer)) binary += String.fromCharCode(byte);
  return btoa(binary);
};
