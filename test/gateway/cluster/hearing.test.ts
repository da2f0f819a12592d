import { describe, expect, test } from 'bun:test';
import type { RateFact, ResidentFact } from '../../../src/core/cluster/document.ts';
import { pinAfterOom } from '../../../src/core/pins.ts';
import { knowing } from '../../core/cluster/knowing.ts';
import { bodyOf, headOf, neighbour } from './neighbours.ts';

const rate: RateFact = {
  ...{ ageMs: 1_000, prefillTokensPerSecond: 900, decodeTokensPerSecond: 90, decodeSlope: 0.5 },
  ...{ loadMs: 4_000, outputTokens: 200, samples: 9, evidence: 4 },
};

describe('a host that another instance lost', () => {
  test('is avoided and looked at here, and down only if the look says so', async () => {
    const { hostOf, keys, looks, hear } = await neighbour();
    const host = hostOf('a');
    hear(
      knowing(headOf('other', { hosts: new Map([[keys.host(host), { changes: 1, state: 'down' }]]) })),
      100,
    );
    expect(host.health).toMatchObject({ state: 'up', failures: 1, failedAt: 100 });
    expect(looks).toEqual(['a']);
    expect(hostOf('b').health.failures).toBe(0);
  });

  test('is looked at once for each change, however often it is told', async () => {
    const { hostOf, keys, looks, hear } = await neighbour();
    const key = keys.host(hostOf('a'));
    const told = (changes: number, state: 'up' | 'down', boot = 'boot') =>
      knowing(headOf('other', { boot, hosts: new Map([[key, { changes, state }]]) }));
    for (const now of [100, 600, 1_100]) hear(told(1, 'down'), now);
    expect(looks).toEqual(['a']);
    hear(told(3, 'down'), 2_000);
    hear(told(2, 'down'), 2_500);
    expect(looks).toEqual(['a', 'a']);
    // It counts anew after it started again.
    hear(told(1, 'down', 'another'), 3_000);
    expect(looks).toEqual(['a', 'a', 'a']);
  });

  test('and found again is looked at where it is down', async () => {
    const { hostOf, keys, looks, hear } = await neighbour();
    const key = keys.host(hostOf('a'));
    const back = (changes: number) =>
      knowing(headOf('other', { hosts: new Map([[key, { changes, state: 'up' }]]) }));
    hear(back(2), 100);
    expect(looks).toEqual([]);
    hostOf('a').health = { state: 'down', failures: 2 };
    hear(back(4), 200);
    expect(looks).toEqual(['a']);
  });
});

describe('a pair that another instance set aside', () => {
  const open = { epoch: 2, phase: 'open', openings: 1, until: 5_000 } as const;

  test('rests here as well, and is tried later by who is not the first in rank', async () => {
    const rests: number[] = [];
    for (const [own, other] of [
      ['one', 'two'],
      ['two', 'one'],
    ] as const) {
      const { keys, hostOf, pairOf, hear } = await neighbour(own, [other]);
      const key = keys.pair(hostOf('a'), pairOf('a'));
      hear(knowing(headOf(other, { breakers: new Map([[key, open]]) })), 100);
      const { breaker } = pairOf('a').health;
      rests.push(breaker.state === 'open' ? breaker.until : 0);
      expect(pairOf('b').health.breaker.state).toBe('closed');
    }
    expect(rests.toSorted((left, right) => left - right)).toEqual([5_000, 6_000]);
  });

  test('rests from when it is known here, where it was told before', async () => {
    const { keys, hostOf, pairOf, hearing, hear } = await neighbour();
    const [host, pair] = [hostOf('a'), pairOf('a')];
    host.pairs.delete('m:latest');
    hear(knowing(bodyOf('other', { breakers: new Map([[keys.pair(host, pair), open]]) })), 100);
    host.pairs.set('m:latest', pair);
    hearing.meet(host, 200);
    expect(pair.health.breaker.state).toBe('open');
  });
});

describe('a pin that another instance told', () => {
  test('holds here, and is told on as what it is, however often', async () => {
    const { keys, hostOf, pairOf, hear, head } = await neighbour();
    const key = keys.pair(hostOf('a'), pairOf('a'));
    const told = { epoch: 3, times: 1, until: 600_000, contextTokens: undefined };
    for (const now of [100, 600, 1_100]) {
      hear(knowing(headOf('other', { pins: new Map([[key, told]]) })), now);
      expect(head(now).pins.get(key)).toEqual(told);
    }
    expect(pairOf('a').health.pin).toMatchObject({ until: 600_000, times: 1 });
  });

  test('ends here when it is released there, and does not undo a later one of this instance', async () => {
    const { keys, hostOf, pairOf, hear, head } = await neighbour();
    const [pair, key] = [pairOf('a'), keys.pair(hostOf('a'), pairOf('a'))];
    pair.health = { ...pair.health, pin: pinAfterOom(undefined, {}, 0) };
    expect(head(0).pins.get(key)).toMatchObject({ epoch: 1, times: 1 });
    const released = { epoch: 2, times: 0, until: 0, contextTokens: undefined };
    const heard = knowing(headOf('other', { pins: new Map([[key, released]]) }));
    hear(heard, 100);
    expect(pair.health.pin).toBeUndefined();
    pair.health = { ...pair.health, pin: pinAfterOom(undefined, {}, 200) };
    hear(heard, 300);
    expect(pair.health.pin).toMatchObject({ until: 600_200 });
  });
});

describe('speeds that another instance measured', () => {
  test('are taken where they rest on clearly more, as old as they are', async () => {
    const { keys, hostOf, pairOf, hear } = await neighbour();
    const key = keys.pair(hostOf('a'), pairOf('a'));
    const told = knowing(bodyOf('other', { rates: new Map([[key, rate]]) }));
    hear(told, 10_000);
    const { rates } = pairOf('a');
    expect(rates).toMatchObject({ decodeTokensPerSecond: 90, samples: 9, updatedAt: 9_000 });
    const own = {
      ...rates,
      decodeTokensPerSecond: 30,
      evidence: { ...rates.evidence, prefill: 3, decode: 3 },
    };
    pairOf('a').rates = own;
    hear(told, 11_000);
    expect(pairOf('a').rates).toBe(own);
  });

  test('are not told on, for they would come back as if two had measured them', async () => {
    const { keys, hostOf, pairOf, hear, body } = await neighbour();
    const key = keys.pair(hostOf('a'), pairOf('a'));
    hear(knowing(bodyOf('other', { rates: new Map([[key, rate]]) })), 10_000);
    expect(body(10_000)?.rates.has(key)).toBe(false);
    pairOf('a').rates = { ...pairOf('a').rates, samples: 10 };
    expect(body(20_000)?.rates.has(key)).toBe(true);
  });
});

describe('a look of another instance', () => {
  test('counts where it is later than the own one, and not where it is earlier', async () => {
    const { keys, hostOf, hear } = await neighbour();
    const host = hostOf('a');
    host.tellsLoaded = true;
    host.lookedAt = 9_500;
    const fact = (ageMs: number): ResidentFact => ({
      ...{ ageMs, models: new Map([[keys.model('m:latest'), 1_000]]) },
      ...{ totalBytes: undefined, freeBytes: undefined },
    });
    const told = (ageMs: number) =>
      knowing(bodyOf('other', { residents: new Map([[keys.host(host), fact(ageMs)]]) }));
    hear(told(1_000), 10_000);
    expect([host.cards.get('m:latest')?.loaded, host.lookedAt]).toEqual([undefined, 9_500]);
    hear(told(100), 10_000);
    expect(host.cards.get('m:latest')?.loaded).toEqual({ sizeVramBytes: 1_000 });
    expect(host.lookedAt).toBe(9_900);
  });
});

describe('what a sidecar tells of its engine', () => {
  test('holds for the backend that it is here, and for no other', async () => {
    const { keys, hostOf, hear } = await neighbour();
    const [peer, other] = [hostOf('box'), hostOf('a')];
    for (const host of [peer, other]) Object.assign(host, { tellsLoaded: true, lookedAt: 0 });
    const fact: ResidentFact = {
      ...{ ageMs: 100, models: new Map([[keys.model('m:latest'), 1_000]]) },
      ...{ totalBytes: 24e9, freeBytes: 20e9 },
    };
    const residents = new Map([['its engine', fact]]);
    hear(knowing(headOf('other'), bodyOf('other', { residents })), 10_000);
    expect([peer.cards.get('m:latest')?.loaded, peer.gpu]).toEqual([undefined, undefined]);
    const address = peer.backend.options.url;
    hear(knowing(headOf('other', { peer: address }), bodyOf('other', { residents })), 10_000);
    expect(peer.cards.get('m:latest')?.loaded).toEqual({ sizeVramBytes: 1_000 });
    expect([peer.gpu, peer.lookedAt]).toEqual([{ totalBytes: 24e9, freeBytes: 20e9 }, 9_900]);
    expect(other.cards.get('m:latest')?.loaded).toBeUndefined();
  });
});

describe('a conversation that another instance sent elsewhere', () => {
  test('lives there for this one, unless it knows better itself', async () => {
    const { keys, hostOf, memory, hear } = await neighbour();
    const told = (name: string, ageMs: number) =>
      knowing(
        bodyOf('other', {
          exceptions: [{ conversation: 7, host: keys.host(hostOf(name)), strength: 1, ageMs }],
        }),
      );
    hear(told('a', 1_000), 10_000);
    expect(memory.affinity.exceptions.get(7)).toMatchObject({ backend: 'a', at: 9_000 });
    hear(told('b', 5_000), 11_000);
    expect(memory.affinity.exceptions.get(7)).toMatchObject({ backend: 'a' });
    hear(told('b', 100), 12_000);
    expect(memory.affinity.exceptions.get(7)).toMatchObject({ backend: 'b' });
  });
});

describe('a load of another instance', () => {
  test('is waited for, for as long as it is told, and what it brought is looked at when it ends', async () => {
    const { keys, hostOf, pairOf, looks, loads, hear } = await neighbour();
    const [host, pair] = [keys.host(hostOf('a')), keys.pair(hostOf('a'), pairOf('a'))];
    const told = (phase: 'intent' | 'loading') =>
      knowing(headOf('other', { loads: [{ host, pair, phase, ticket: 1, remainMs: 9_000 }] }));
    hear(told('intent'), 500);
    expect(pairOf('a').loadingElsewhere).toBeUndefined();
    hear(told('loading'), 1_000);
    expect(pairOf('a').loadingElsewhere).toBe(10_000);
    expect([looks, loads]).toEqual([[], ['a']]);
    hear(knowing(headOf('other')), 2_000);
    expect(pairOf('a').loadingElsewhere).toBeUndefined();
    expect(looks).toEqual(['a']);
    await Promise.resolve();
    expect(loads).toEqual(['a', 'a']);
  });
});
