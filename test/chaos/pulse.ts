/** Requests that meet no fault: before the cells, and beside them to tell how busy the machine is. */

import { type Dialect, dialects, post } from '../runtimes/dialects.ts';

/** What the second host of a dialect has for them. */
export const warmModelOf = ({ kind }: Dialect): string => `warm-${kind}`;

/** Enough that no runtime compiles at the cost of a cell. */
const warmRounds = 25;

/** Asks until they have compiled what they run. */
export const warm = async (origin: string): Promise<void> => {
  for (let round = 0; round < warmRounds; round += 1) {
    await Promise.all(
      dialects.flatMap((dialect) =>
        [true, false].map(async (stream) => {
          await (await post(origin, dialect.chatPath, dialect.chat(warmModelOf(dialect), { stream }))).text();
        }),
      ),
    );
  }
};

const beatEveryMs = 200;

/** How long what a beat took is remembered. */
const beatsKept = 25;

/** How many times the slowest of the last beats a limit is longer. */
export const beatFactor = 6;

export interface Pulse {
  /** The slowest of the last beats, the one under way included. */
  readonly slowestMs: () => number;
  readonly stop: () => void;
}

/** Requests that meet no fault, one after the other, which tell how busy the machine is. */
export const startPulse = (origin: string): Pulse => {
  let running = true;
  let begunAt = performance.now();
  const taken: number[] = [];
  const [dialect] = dialects;
  const beat = async (): Promise<void> => {
    while (running && dialect !== undefined) {
      begunAt = performance.now();
      const body = dialect.chat(warmModelOf(dialect), { stream: false });
      await (await post(origin, dialect.chatPath, body)).text();
      taken.push(performance.now() - begunAt);
      if (taken.length > beatsKept) taken.shift();
      begunAt = Number.POSITIVE_INFINITY;
      await new Promise((resolve) => setTimeout(resolve, beatEveryMs));
    }
  };
  // Nobody answers any more once the process is stopped.
  beat().catch(() => undefined);
  return {
    slowestMs: () => Math.max(performance.now() - begunAt, 0, ...taken),
    stop: () => {
      running = false;
    },
  };
};
