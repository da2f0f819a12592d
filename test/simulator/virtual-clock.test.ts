import { describe, expect, test } from 'bun:test';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';

describe('the virtual clock', () => {
  test('timers run in order of time and equal times in order of asking', async () => {
    const clock = createVirtualClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push(`c at ${clock.now()}`));
    clock.after(10, () => seen.push(`a at ${clock.now()}`));
    clock.after(10, () => seen.push(`b at ${clock.now()}`));
    await clock.advance(15);
    expect(seen).toEqual(['a at 10', 'b at 10']);
    expect(clock.now()).toBe(15);
    await clock.advance(5);
    expect(seen).toEqual(['a at 10', 'b at 10', 'c at 20']);
  });

  test('a promise chain of any depth continues between two timers', async () => {
    const clock = createVirtualClock();
    const seen: string[] = [];
    clock.after(1, () => {
      let chain = Promise.resolve();
      for (let depth = 0; depth < 500; depth++) chain = chain.then(() => undefined);
      void chain.then(() => seen.push('chain'));
    });
    clock.after(1, () => seen.push('second timer'));
    await clock.advance(1);
    expect(seen).toEqual(['chain', 'second timer']);
  });

  test('a timer set while time moves runs in the same move when it falls due there', async () => {
    const clock = createVirtualClock();
    let ticks = 0;
    const tick = (): void => {
      ticks++;
      clock.after(10, tick);
    };
    clock.after(10, tick);
    await clock.advance(100);
    expect(ticks).toBe(10);
  });

  test('a cancelled timer never runs, and cancelling twice does nothing', async () => {
    const clock = createVirtualClock();
    let ran = false;
    const cancel = clock.after(10, () => {
      ran = true;
    });
    cancel();
    cancel();
    await clock.runUntilIdle();
    expect(ran).toBe(false);
    expect(clock.pending()).toBe(0);
  });

  test('running until idle moves time to the last timer and gives up on one that never ends', async () => {
    const clock = createVirtualClock();
    clock.after(300, () => clock.after(700, () => undefined));
    await clock.runUntilIdle();
    expect(clock.now()).toBe(1000);
    const again = (): void => {
      clock.after(10, again);
    };
    again();
    await expect(clock.runUntilIdle(1000)).rejects.toThrow('still 1 timers set');
  });

  test('waiting for a promise stops where it settles', async () => {
    const clock = createVirtualClock();
    clock.after(5000, () => undefined);
    const value = await clock.until(new Promise((resolve) => clock.after(30, () => resolve('there'))));
    expect(value).toBe('there');
    expect(clock.now()).toBe(30);
  });

  test('waiting for a promise that nothing can settle is an error', async () => {
    const clock = createVirtualClock();
    await expect(clock.until(new Promise(() => undefined))).rejects.toThrow('nothing left to wait for');
  });

  test('wall time moves with it from a fixed day', async () => {
    const clock = createVirtualClock();
    await clock.advance(1500);
    expect(new Date(clock.wallMs()).toISOString()).toBe('2026-01-01T00:00:01.500Z');
  });
});
