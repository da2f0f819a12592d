/** Faults that strike the bytes of an answer: garbage, cuts, half a line, single drops, a dying connection. */

import type { Clock, Random } from '../spec/ports.ts';
import type { Fault } from './faults.ts';
import type { Output, Tamper } from './reply.ts';

/** Lets `after` tokens through, then hands the next bytes to `strike`, after which nothing passes. */
const strikeAfter =
  (after: number, strike: (bytes: Uint8Array, output: Output) => void): Tamper =>
  (output) => {
    let seen = 0;
    let struck = false;
    return {
      write(bytes, tokens) {
        if (struck) return;
        if (seen < after) {
          output.write(bytes, tokens);
          seen += tokens;
          return;
        }
        struck = true;
        strike(bytes, output);
      },
      end() {
        if (!struck) output.end();
      },
      reset: output.reset,
    };
  };

const garbage = (length: number, random: Random): Uint8Array => {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = Math.floor(random() * 256);
  return bytes;
};

/** Odd, so that characters of two and four bytes are cut as well. */
const dropBytes = 7;

const dropMs = 50;

/** Gives a few bytes at a time, whatever the events are. */
const drip =
  (clock: Clock): Tamper =>
  (output) => {
    const queue: Uint8Array[] = [];
    let ended = false;
    let running = false;
    const tick = (): void => {
      const head = queue.shift();
      if (head === undefined) {
        running = false;
        if (ended) output.end();
        return;
      }
      output.write(head.subarray(0, dropBytes), 0);
      if (head.length > dropBytes) queue.unshift(head.subarray(dropBytes));
      clock.after(dropMs, tick);
    };
    const start = (): void => {
      if (running) return;
      running = true;
      tick();
    };
    return {
      write(bytes) {
        queue.push(bytes);
        start();
      },
      end() {
        ended = true;
        start();
      },
      reset: output.reset,
    };
  };

/** The part of a fault that works on bytes; undefined when it works elsewhere. */
export const tamperFor = (fault: Fault, clock: Clock, random: Random): Tamper | undefined => {
  const after = fault.after ?? 1;
  switch (fault.fault) {
    case 'garbage':
      return strikeAfter(after, (_, output) => {
        output.write(garbage(64, random), 0);
        output.end();
      });
    case 'half-line':
      return strikeAfter(after, (bytes, output) => {
        output.write(bytes.subarray(0, bytes.length >> 1), 0);
        output.end();
      });
    case 'cut-after':
      return strikeAfter(after, (_, output) => output.end());
    case 'reset':
      return fault.after === undefined ? undefined : strikeAfter(after, (_, output) => output.reset());
    case 'slow-drip':
      return drip(clock);
    default:
      return undefined;
  }
};
