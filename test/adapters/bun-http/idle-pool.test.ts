import { describe, expect, test } from 'bun:test';
import { createIdlePool } from '../../../adapters/bun-http/idle-pool.ts';

const openPool = () => {
  let nowMs = 0;
  let sweep: (() => void) | undefined;
  const closed: string[] = [];
  const pool = createIdlePool<string>({
    close: (connection) => {
      closed.push(connection);
      // A socket tells of its end at once.
      pool.remove(connection);
    },
    nowMs: () => nowMs,
    every: (_, run) => {
      sweep = run;
      return () => {
        sweep = undefined;
      };
    },
  });
  return {
    pool,
    closed,
    wait: (ms: number): void => {
      nowMs += ms;
    },
    sweep: (): void => sweep?.(),
    hasTimer: (): boolean => sweep !== undefined,
  };
};

describe('idle connections', () => {
  test('are taken the latest first, each once', () => {
    const { pool } = openPool();
    pool.put('a');
    pool.put('b');
    expect([pool.take(), pool.take(), pool.take()]).toEqual(['b', 'a', undefined]);
  });

  test('are not used any more after four seconds, sweep or no sweep', () => {
    const { pool, closed, wait } = openPool();
    pool.put('a');
    wait(100);
    pool.put('b');
    wait(3999);
    expect(pool.take()).toBe('b');
    expect(pool.take()).toBeUndefined();
    expect(closed).toEqual(['a']);
  });

  test('are closed before four seconds have passed, the young ones stay', () => {
    const { pool, closed, wait, sweep } = openPool();
    pool.put('old');
    wait(2900);
    pool.put('young');
    sweep();
    expect(closed).toEqual([]);
    wait(100);
    sweep();
    expect(closed).toEqual(['old']);
    expect(pool.take()).toBe('young');
  });

  test('need a timer only while there are some', () => {
    const { pool, wait, sweep, hasTimer } = openPool();
    expect(hasTimer()).toBe(false);
    pool.put('a');
    expect(hasTimer()).toBe(true);
    wait(5000);
    sweep();
    expect(hasTimer()).toBe(false);
    pool.put('b');
    expect(hasTimer()).toBe(true);
  });

  test('that closed by themselves are forgotten', () => {
    const { pool, closed } = openPool();
    pool.put('a');
    pool.put('b');
    pool.remove('a');
    pool.remove('never there');
    expect([pool.take(), pool.take()]).toEqual(['b', undefined]);
    expect(closed).toEqual([]);
  });
});
