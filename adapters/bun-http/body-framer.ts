/** Takes the bytes of one body out of what a connection brings. Pure; imports this folder. */

import type { BodyFraming } from './body-framing.ts';
import { createChunkedFramer } from './chunked-framer.ts';

export interface BodyFramer {
  /**
   * The bytes of the body in these ones, as a view of them; possibly none. What it is given it may move about.
   * Throws an `ExchangeError` for broken framing. Not to be called once `isDone`.
   */
  push(bytes: Uint8Array): Uint8Array;
  /** The whole body has come. */
  readonly isDone: boolean;
  /** Bytes came behind the end, which nobody asked for. */
  readonly hasSurplus: boolean;
}

const createLengthFramer = (lengthBytes: number): BodyFramer => {
  let leftBytes = lengthBytes;
  let hasSurplus = false;
  return {
    push(bytes) {
      if (bytes.length <= leftBytes) {
        leftBytes -= bytes.length;
        return bytes;
      }
      hasSurplus = true;
      const last = bytes.subarray(0, leftBytes);
      leftBytes = 0;
      return last;
    },
    get isDone() {
      return leftBytes === 0;
    },
    get hasSurplus() {
      return hasSurplus;
    },
  };
};

/** A framer for one body; one that ends with its connection is never done by itself. */
export const createBodyFramer = (framing: BodyFraming): BodyFramer => {
  if (framing === 'close') return { push: (bytes) => bytes, isDone: false, hasSurplus: false };
  return framing === 'chunked' ? createChunkedFramer() : createLengthFramer(framing);
};
