/** A process whose wall clock somebody sets all the time, by hours and by seconds, while its monotonic clock goes on. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Target } from '../runtimes/target.ts';

/** How long the clock goes on between two of its steps. */
export const stepEveryMs = 20;

/** How far it is off, in turn; it is never right. */
const offsetsMs = [3_600_000, -3_600_000, 5000, -5000] as const;

/** What every time it shows is off by, at the least. */
export const leastOffsetMs = 5000;

/**
 * A program sees the system's wall clock through `Date` alone, on each of the runtimes. Where it stands follows from the
 * time itself, so that no timer of the process is needed for it.
 */
const program = `
const { now } = Date;
const offsets = ${JSON.stringify(offsetsMs)};
const shown = () => {
  const real = now();
  return real + offsets[Math.floor(real / ${stepEveryMs}) % offsets.length];
};
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [shown()] : given));
  }
  static now() {
    return shown();
  }
};
`;

const path = fileURLToPath(new URL('../../node_modules/.cache/pointsman/stepped-clock.mjs', import.meta.url));

/** The same program with such a clock: what a runtime runs first is named before the program itself. */
export const withSteppedClock = ({ command, ...target }: Target): Target => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, program);
  const flag = target.runtime === 'node' ? '--import' : '--preload';
  const at = target.runtime === 'deno' ? 2 : 1;
  const [first, ...rest] = command;
  return {
    ...target,
    command: [first, ...rest.slice(0, at - 1), flag, path, ...rest.slice(at - 1)],
  };
};
