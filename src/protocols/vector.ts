/** Embedding vectors as they travel. May import spec. */

import { GatewayError } from '../spec/gateway-error.ts';
import type { Json } from '../spec/json.ts';

/** An array of numbers, or base64 of packed little-endian 32-bit floats; throws `upstream_error` for anything else. */
export const readVector = (value: Json | undefined): readonly number[] => {
  if (typeof value === 'string') return unpack(value);
  if (Array.isArray(value) && value.every((number) => typeof number === 'number')) return value;
  throw malformed();
};

const malformed = (): GatewayError =>
  new GatewayError('upstream_error', 'the engine answered with an embedding that is not a list of numbers');

const bytesPerFloat = 4;

const unpack = (base64: string): readonly number[] => {
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    throw malformed();
  }
  if (binary.length % bytesPerFloat !== 0) throw malformed();
  const view = new DataView(new ArrayBuffer(binary.length));
  for (let index = 0; index < binary.length; index += 1) view.setUint8(index, binary.charCodeAt(index));
  const numbers: number[] = [];
  for (let offset = 0; offset < binary.length; offset += bytesPerFloat)
    numbers.push(view.getFloat32(offset, true));
  return numbers;
};

/** Short enough to pass as arguments on every runtime; a multiple of three leaves no padding inside. */
const sliceBytes = 3 * 8192;

/** Packs a vector as the official clients expect it: base64 of little-endian 32-bit floats. */
export const packVector = (vector: readonly number[]): string => {
  const bytes = new Uint8Array(vector.length * bytesPerFloat);
  const view = new DataView(bytes.buffer);
  for (const [index, number] of vector.entries()) view.setFloat32(index * bytesPerFloat, number, true);
  let base64 = '';
  for (let start = 0; start < bytes.length; start += sliceBytes) {
    base64 += btoa(String.fromCharCode(...bytes.subarray(start, start + sliceBytes)));
  }
  return base64;
};
