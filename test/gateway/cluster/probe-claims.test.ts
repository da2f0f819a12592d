import { describe, expect, test } from 'bun:test';
import { type Breaker, closedBreaker, onFailure } from '../../../src/core/breaker.ts';
import { createProbeClaims } from '../../../src/gateway/cluster/probe-claims.ts';
import type { Pair } from '../../../src/gateway/pair.ts';
import { someHosts } from './neighbours.ts';

const settings = { failures: 1, openMs: 5_000, maxOpenMs: 120_000 };

/** A pair that rests until 5000, and the store's answers in the hands of the test. */
const resting = async () => {
  const { pairOf } = await someHosts('a');
  const pair = pairOf('a');
  const failure = { ticket: 1, weight: 1, reason: 'it broke' };
  const set = (breaker: Breaker): void => {
    pair.health = { ...pair.health, breaker };
  };
  set(onFailure(closedBreaker, failure, settings, 0, 0.5));
  const asked: { readonly subject: string; readonly lifeMs: number }[] = [];
  const answers: ((isFirst: boolean) => void)[] = [];
  const claims = createProbeClaims((subject, lifeMs) => {
    asked.push({ subject, lifeMs });
    return new Promise((resolve) => answers.push(resolve));
  });
  return {
    ...{ pair, set, asked },
    rests: (now: number, which: Pair = pair) => claims.resting('aaaa.x', which, now),
    answer: async (isFirst: boolean): Promise<void> => {
      answers.shift()?.(isFirst);
      await Promise.resolve();
    },
  };
};

const untilOf = ({ health }: Pair): number => (health.breaker.state === 'open' ? health.breaker.until : 0);

describe('the trial of a pair that rests', () => {
  test('is asked for once, shortly before its time, and for no longer than it takes to be seen', async () => {
    const { asked, rests } = await resting();
    rests(4_000);
    expect(asked).toEqual([]);
    for (let now = 4_250; now <= 7_000; now += 250) rests(now);
    expect(asked).toEqual([{ subject: 'probe aaaa.x 1', lifeMs: 2_750 }]);
  });

  test('is its own for who asked first, and waited with by the other', async () => {
    for (const [isFirst, until] of [
      [true, 5_000],
      [false, 7_000],
    ] as const) {
      const { pair, rests, answer } = await resting();
      rests(4_250);
      await answer(isFirst);
      expect(untilOf(pair)).toBe(until);
    }
  });

  test('is asked for again when the pair was set aside again', async () => {
    const { pair, set, asked, rests } = await resting();
    rests(4_500);
    const { breaker } = pair.health;
    set({ ...breaker, epoch: 2 });
    rests(4_750);
    expect(asked.map(({ subject }) => subject)).toEqual(['probe aaaa.x 1', 'probe aaaa.x 2']);
  });

  test('is not put off by an answer that was for an earlier time it rested', async () => {
    const { pair, set, rests, answer } = await resting();
    rests(4_500);
    set({ ...pair.health.breaker, epoch: 2 });
    await answer(false);
    expect(untilOf(pair)).toBe(5_000);
    set(closedBreaker);
    rests(4_750);
    await answer(false);
    expect(pair.health.breaker).toBe(closedBreaker);
  });

  test('is not asked for where another instance runs it', async () => {
    const { pair, set, asked, rests } = await resting();
    const { breaker } = pair.health;
    if (breaker.state !== 'open') throw new Error('it does not rest');
    set({ ...breaker, elsewhere: true });
    rests(4_900);
    expect(asked).toEqual([]);
  });
});
