import { describe, expect, test } from 'bun:test';
import { runCoreWorld } from './core-world.ts';

const count = Number(process.env.CORE_COUNT ?? 1900);
const first = Number(process.env.CORE_SEED ?? 1);

const replay = (seed: number): string =>
  `CORE_SEED=${seed} CORE_COUNT=1 bun test test/simulation/core-world.test.ts`;

describe('worlds of the core alone', () => {
  test(
    `none of ${count} breaks an invariant, and each goes the same way twice`,
    () => {
      for (let seed = first; seed < first + count; seed += 1) {
        const { breaches, trace, requests } = runCoreWorld(seed);
        if (breaches.length > 0) throw new Error(`${breaches.join('\n')}\n\n  ${replay(seed)}\n`);
        if (runCoreWorld(seed).trace !== trace) throw new Error(`two runs differ\n\n  ${replay(seed)}\n`);
        expect(requests).toBe(100);
      }
    },
    60_000 + count * 60,
  );
});
