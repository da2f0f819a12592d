import { describe, expect, test } from 'bun:test';
import { createHost, pairOf } from '../../src/gateway/host.ts';
import type { LoadWish } from '../../src/gateway/load-facts.ts';
import { createLoads } from '../../src/gateway/loads.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';

const loadMs = 3_000;

/** Loads on one host that take their time, and what other instances were asked with. */
const bench = () => {
  const clock = createVirtualClock();
  const host = createHost({
    ...{ id: 'a', kind: 'ollama', url: 'http://a', lane: 'gpu', zone: 'local', priority: 1, simulated: true },
  } as const);
  const asked: { readonly model: string; readonly now: number }[] = [];
  const loads = createLoads(
    {
      clock,
      random: () => 0.5,
      ids: () => 'id',
      fetch: () =>
        new Promise((resolve) => {
          clock.after(loadMs, () => resolve(Response.json({ done: true, done_reason: 'load' })));
        }),
    },
    () => undefined,
    () => undefined,
    ({ pair }, now) => {
      asked.push({ model: pair.upstream, now });
      return undefined;
    },
  );
  const want = (model: string) => {
    const call = { url: 'http://a/api/generate', headers: {}, body: { model } };
    const wish: LoadWish = { host, pair: pairOf(host, model), call, manner: 'soon' };
    return loads.want(wish).done;
  };
  return { clock, asked, want };
};

describe('whose turn a load is among instances', () => {
  test('is asked only when the host is free for it here', async () => {
    const { clock, asked, want } = bench();
    void want('m');
    await clock.advance(1_000);
    const second = want('n');
    expect(await clock.until(second)).toEqual({ end: 'ready' });
    expect(asked).toEqual([
      { model: 'm', now: 0 },
      { model: 'n', now: loadMs },
    ]);
  });

  test('is asked once by a fifth load in a minute, when it is patient no longer', async () => {
    const { clock, asked, want } = bench();
    for (const model of ['m', 'n', 'o', 'p', 'q']) await clock.until(want(model));
    expect(asked.map(({ model }) => model)).toEqual(['m', 'n', 'o', 'p', 'q']);
    expect(asked.at(-1)?.now).toBeGreaterThan(4 * loadMs);
  });
});
