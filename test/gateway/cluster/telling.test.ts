import { describe, expect, test } from 'bun:test';
import { closedBreaker, onFailure, onStart } from '../../../src/core/breaker.ts';
import type { Pair } from '../../../src/gateway/pair.ts';
import { neighbour } from './neighbours.ts';

const settings = { failures: 1, openMs: 20_000, maxOpenMs: 120_000 };
const opened = onFailure(closedBreaker, { ticket: 1, weight: 1, reason: 'it broke' }, settings, 0, 0.5);
const setBreaker = (pair: Pair, breaker: typeof closedBreaker): void => {
  pair.health = { ...pair.health, breaker };
};

describe('what an instance tells', () => {
  test('is nothing while nothing ever happened', async () => {
    const { head } = await neighbour();
    const { flights, hosts, loads, breakers, pins } = head(0);
    expect([flights.size, hosts.size, loads.length, breakers.size, pins.size]).toEqual([0, 0, 0, 0, 0]);
  });

  test('of a pair that it set aside stands in the head for ten seconds, and then in the body alone', async () => {
    const { keys, hostOf, pairOf, head, body } = await neighbour();
    const key = keys.pair(hostOf('a'), pairOf('a'));
    setBreaker(pairOf('a'), opened);
    expect(head(0).breakers.get(key)).toMatchObject({ phase: 'open', until: 20_000 });
    expect(body(0)?.breakers.get(key)?.phase).toBe('open');
    expect(head(9_999).breakers.size).toBe(1);
    expect(head(10_000).breakers.size).toBe(0);
  });

  test('of its own trial stands in the head for as long as that runs', async () => {
    const { keys, hostOf, pairOf, head } = await neighbour();
    const key = keys.pair(hostOf('a'), pairOf('a'));
    setBreaker(pairOf('a'), onStart(opened));
    for (const now of [20_000, 40_000, 60_000])
      expect(head(now).breakers.get(key)).toMatchObject({ phase: 'probing', own: true });
  });

  test('leaves the first trial to the first in rank, and says the time without that', async () => {
    const rests: number[] = [];
    for (const [own, other] of [
      ['one', 'two'],
      ['two', 'one'],
    ] as const) {
      const { keys, hostOf, pairOf, head } = await neighbour(own, [other]);
      setBreaker(pairOf('a'), opened);
      for (const now of [0, 250]) {
        const told = head(now).breakers.get(keys.pair(hostOf('a'), pairOf('a')));
        expect(told?.until).toBe(20_000);
      }
      const { breaker } = pairOf('a').health;
      rests.push(breaker.state === 'open' ? breaker.until : 0);
    }
    expect(rests.toSorted((left, right) => left - right)).toEqual([20_000, 21_000]);
  });

  test('of its hosts is what runs there, which it lost, and for a while which it found again', async () => {
    const { keys, hostOf, head } = await neighbour();
    const host = hostOf('a');
    const key = keys.host(host);
    host.inflight = 2;
    expect(head(0).flights).toEqual(new Map([[key, { inflight: 2, waiting: 0 }]]));
    host.health = { state: 'down', failures: 2 };
    expect(head(1_000).hosts).toEqual(new Map([[key, { changes: 2, state: 'down' }]]));
    host.health = { state: 'up', failures: 0 };
    expect(head(20_000).hosts).toEqual(new Map([[key, { changes: 3, state: 'up' }]]));
    expect(head(30_000).hosts.size).toBe(0);
  });

  test('of a load that runs is what is left of it', async () => {
    const { keys, hostOf, pairOf, head } = await neighbour();
    const host = hostOf('a');
    host.loading = {
      ...{ id: 1, backend: 'a', model: 'm:latest', options: '', expectedMs: 5_000, waiters: new Set() },
      ...{ startedAt: 1_000, deadlineAt: 31_000 },
    };
    expect(head(11_000).loads).toEqual([
      {
        host: keys.host(host),
        pair: keys.pair(host, pairOf('a')),
        phase: 'loading',
        ticket: 0,
        remainMs: 20_000,
      },
    ]);
  });

  test('of a look at a host is told by the first in rank alone', async () => {
    const tellers: string[] = [];
    for (const [own, other] of [
      ['one', 'two'],
      ['two', 'one'],
    ] as const) {
      const { hostOf, keys, body } = await neighbour(own, [other]);
      const host = hostOf('a');
      host.tellsLoaded = true;
      host.lookedAt = 500;
      const fact = body(1_000)?.residents.get(keys.host(host));
      if (fact === undefined) continue;
      tellers.push(own);
      expect(fact.ageMs).toBe(500);
    }
    expect(tellers).toHaveLength(1);
  });

  test('is no new body where nothing in it changed', async () => {
    const { pairOf, body } = await neighbour();
    for (const name of ['a', 'b']) setBreaker(pairOf(name), opened);
    expect(body(0)).toBeDefined();
    expect(body(6_000)).toBeUndefined();
    setBreaker(pairOf('a'), onStart(opened));
    expect(body(12_000)?.breakers.size).toBe(2);
  });
});
