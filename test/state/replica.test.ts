import { beforeEach, describe, expect, test } from 'bun:test';
import { writeHead } from '../../src/core/cluster/write-document.ts';
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { bodyKey, claimKey, headKey, instanceKey } from '../../src/state/document-keys.ts';
import { createSeal } from '../../src/state/envelope.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import type { StateStore } from '../../src/state/store.ts';
import { emptyHead } from '../core/cluster/empty-head.ts';
import { createWay, type LoneReplica, noBody, startReplica, type TestStore } from './lone-replica.ts';

const fact = { epoch: 2, phase: 'open', openings: 1, until: 60_000 } as const;
const flying = { flights: new Map([['aaaa', { inflight: 3, waiting: 0 }]]) };

let clock: VirtualClock;
let shared: StateStore;
let ways: Readonly<Record<'left' | 'right', TestStore>>;
let left: LoneReplica;
let right: LoneReplica;

/** Two that see each other. */
beforeEach(async () => {
  clock = createVirtualClock();
  shared = createMemoryStore();
  ways = { left: createWay(shared), right: createWay(shared) };
  left = startReplica(clock, ways.left, 'left');
  right = startReplica(clock, ways.right, 'right');
  await clock.advance(5_000);
});

const flightsOf = (of: LoneReplica, seenBy: LoneReplica) =>
  seenBy.replica.knowledge().heads.get(of.replica.key())?.flights.get('aaaa')?.inflight;

describe('an instance', () => {
  test('hears of another, and what that one says', async () => {
    expect([left, right].map(({ replica }) => replica.alive())).toEqual([
      [right.replica.key()],
      [left.replica.key()],
    ]);
    left.head = flying;
    await clock.advance(1_000);
    expect(flightsOf(left, right)).toBe(3);
  });

  test('counts what is left of a time from the first reading of a document, however often it lies there', async () => {
    left.head = { breakers: new Map([['aaaa.x', fact]]) };
    await clock.advance(1_000);
    const before = await shared.read(await shared.keys());
    await clock.advance(1_000);
    ways.left.down = true;
    await clock.advance(2_000);
    // A store may show again what was there before.
    const key = headKey(left.replica.key());
    await shared.write(key, before.get(key) ?? '', 60_000);
    await clock.advance(1_500);
    const told = right.heard.flatMap(({ news }) => news.breakers.get('aaaa.x')?.until ?? []);
    expect(told.length).toBeGreaterThan(0);
    expect(Math.max(...told)).toBeLessThan(fact.until + 600);
    const ofHeads = right.heard.filter(({ news }) => news.heads.size > 0).length;
    expect(ofHeads).toBeLessThanOrEqual(ways.left.calls.filter((name) => name === 'write').length);
    await clock.advance(2_000);
    expect(right.replica.alive()).toEqual([]);
  });

  test('reads a body again when its number moved, and only then', async () => {
    left.body = { ...noBody, rates: new Map() };
    await clock.advance(1_500);
    const sequence = (at: LoneReplica) => at.replica.knowledge().bodies.get(left.replica.key())?.sequence;
    const before = sequence(right);
    expect(before).toBeGreaterThan(0);
    const breakers = new Map([['aaaa.x', fact]]);
    left.body = { ...noBody, breakers };
    await clock.advance(1_500);
    expect(sequence(right)).toBe((before ?? 0) + 1);
    const bodiesHeard = () => right.heard.filter(({ news }) => news.bodies.size > 0);
    expect(bodiesHeard().at(-1)?.news.breakers.get('aaaa.x')).toMatchObject({ epoch: 2, phase: 'open' });
    const heardBefore = bodiesHeard().length;
    const readings = () => ways.right.calls.filter((name) => name === 'read').length;
    const readBefore = readings();
    await clock.advance(5_000);
    expect(bodiesHeard()).toHaveLength(heardBefore);
    expect(readings() - readBefore).toBeLessThanOrEqual(11);
  });

  test('that falls silent is gone within six seconds, with all that it ran', async () => {
    left.head = flying;
    await clock.advance(1_000);
    expect(flightsOf(left, right)).toBe(3);
    ways.left.down = true;
    await clock.advance(4_000);
    expect(flightsOf(left, right)).toBe(3);
    await clock.advance(2_000);
    expect(right.replica.alive()).toEqual([]);
    expect(flightsOf(left, right)).toBeUndefined();
    // Whoever counts by it is told.
    expect(right.heard.at(-1)?.news.heads.size).toBe(0);
  });

  test('that says goodbye is gone with the next reading', async () => {
    await left.replica.stop();
    await clock.advance(800);
    expect(right.replica.alive()).toEqual([]);
    expect([...right.replica.members().values()].map(({ leaving }) => leaving)).toEqual([true]);
  });

  test('says at once what it is told to, and not with the next heartbeat', async () => {
    const key = headKey(left.replica.key());
    const written = async () => (await shared.read([key])).get(key);
    await clock.advance(100);
    const before = await written();
    left.replica.touch();
    await clock.advance(260);
    const after = await written();
    expect(after).not.toBe(before);
    await clock.advance(260);
    expect(await written()).toBe(after);
  });

  test('that starts again under its name counts on, so that what it says is later than what it said', async () => {
    left.head = flying;
    await clock.advance(20_000);
    ways.left.down = true;
    await left.replica.stop();
    const again = startReplica(clock, createWay(shared), 'left', 'anotherboot');
    again.head = { flights: new Map([['aaaa', { inflight: 7, waiting: 0 }]]) };
    await clock.advance(1_500);
    expect(again.replica.instance()).toBe('left');
    expect(flightsOf(again, right)).toBe(7);
  });

  test('that starts again and finds its old documents gone is heard at once, and what it ran before counts no more', async () => {
    left.head = flying;
    left.body = { ...noBody, breakers: new Map([['aaaa.x', fact]]) };
    await clock.advance(20_000);
    ways.left.down = true;
    await left.replica.stop();
    for (const key of await shared.keys()) await shared.remove(key);
    const again = startReplica(clock, createWay(shared), 'left', 'anotherboot');
    again.body = { ...noBody, breakers: new Map([['aaaa.x', { ...fact, epoch: 3 }]]) };
    await clock.advance(1_500);
    expect(right.replica.alive()).toEqual([again.replica.key()]);
    expect(flightsOf(again, right)).toBeUndefined();
    const { bodies } = right.replica.knowledge();
    expect(bodies.get(again.replica.key())?.breakers.get('aaaa.x')?.epoch).toBe(3);
  });

  test('is heard however many others left their documents behind', async () => {
    const seal = createSeal('a long secret');
    const full = createMemoryStore();
    for (let index = 0; index < 300; index += 1) {
      const instance = `gone-${index}`;
      const key = headKey(instanceKey(instance));
      await full.write(key, seal.seal(key, writeHead({ ...emptyHead, instance }, 0)), 60_000);
    }
    const both = ['one', 'two'].map((name) => startReplica(clock, createWay(full), name));
    await clock.advance(15_000);
    const [one, two] = both.map(({ replica }) => replica.key());
    expect(both.map(({ replica }) => replica.alive())).toEqual([[two], [one]] as string[][]);
    // And none of those comes back to life by being looked at again.
    await clock.advance(20_000);
    expect(both.map(({ replica }) => replica.alive())).toEqual([[two], [one]] as string[][]);
  });

  test('writes all of it again into a store that was emptied', async () => {
    left.body = { ...noBody, breakers: new Map([['aaaa.x', fact]]) };
    await clock.advance(1_500);
    for (const key of await shared.keys()) await shared.remove(key);
    await clock.advance(3_000);
    expect(await shared.keys()).toContain(bodyKey(left.replica.key()));
    expect(await shared.keys()).toContain(headKey(left.replica.key()));
  });
});

describe('what a store is asked to keep for one', () => {
  const claims: { readonly key: string; readonly lifeMs: number }[] = [];
  const one = async (answer: () => Promise<boolean>): Promise<LoneReplica> => {
    claims.length = 0;
    const asked = createWay(createMemoryStore(), (key, lifeMs) => {
      claims.push({ key, lifeMs });
      return answer();
    });
    const lone = startReplica(clock, asked, 'one');
    await clock.advance(2_000);
    return lone;
  };

  test('is kept for as long as was asked, under a name that says nothing', async () => {
    const { replica } = await one(async () => false);
    expect(await replica.claim('probe of a', 2_750)).toBe(false);
    expect(claims).toEqual([{ key: claimKey('probe of a'), lifeMs: 2_750 }]);
    expect(claims[0]?.key).not.toContain('probe');
  });

  test('counts as given where the store fails, does not answer or cannot tell', async () => {
    const failing = await one(() => Promise.reject(new Error('away')));
    expect(await failing.replica.claim('a', 1_000)).toBe(true);
    const hanging = await one(() => new Promise(() => undefined));
    expect(await clock.until(hanging.replica.claim('a', 1_000))).toBe(true);
    expect(await left.replica.claim('a', 1_000)).toBe(true);
  });
});
