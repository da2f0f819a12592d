import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  type AffinityAsk,
  type AffinityHost,
  affinityOf,
  createAffinity,
  creditedTokens,
  noteServed,
} from '../../src/core/affinity.ts';
import { hashText } from '../../src/core/hash.ts';
import { addWork, createLoadShare } from '../../src/core/load-share.ts';
import { prefixChainOf } from '../../src/core/prefix-chain.ts';
import { rank } from '../../src/core/rendezvous.ts';
import { propertyRuns } from '../property-runs.ts';
import { playConversations } from './conversation-fleet.ts';

const backends = ['a', 'b', 'c', 'd'];
const conversationKey = hashText('s1', hashText('m'));
const [first = '', second = '', third = '', fourth = ''] = rank(conversationKey, backends);

const ask: AffinityAsk = { model: 'm', intent: 'fast', sessionKey: 's1', chain: undefined };

/** Instructions of 250 tokens and a question of 5. */
const chain = prefixChainOf('m', [
  { role: 'system', text: 'x'.repeat(1000) },
  { role: 'user', text: 'How are the trains?' },
]);

const hosts = (changes: Readonly<Record<string, Partial<AffinityHost>>> = {}): readonly AffinityHost[] =>
  backends.map((backend) => ({
    backend,
    slots: 2,
    inflight: 0,
    waitMs: 0,
    hitTokens: 0,
    prefillPerSecond: 1000,
    ...changes[backend],
  }));

/** The backends by their affinity, best first, without those that have none. */
const order = (values: readonly number[]): readonly string[] =>
  backends
    .map((backend, index) => ({ backend, value: values[index] ?? 0 }))
    .filter(({ value }) => value > 0)
    .sort((left, right) => right.value - left.value)
    .map(({ backend }) => backend);

const fresh = () => createAffinity(createLoadShare());

describe('where a conversation goes', () => {
  test('is its rendezvous order, and the preferred host has 1', () => {
    const values = affinityOf(ask, hosts(), fresh(), 0);
    expect(order(values)).toEqual([first, second, third, fourth]);
    expect([...values].sort()).toEqual([1 / 4, 1 / 3, 1 / 2, 1]);
  });

  test('is anywhere for heavy work, and where nothing names the conversation', () => {
    const none = [0, 0, 0, 0];
    expect(affinityOf({ ...ask, intent: 'heavy' }, hosts(), fresh(), 0)).toEqual(none);
    expect(affinityOf({ ...ask, sessionKey: undefined }, hosts(), fresh(), 0)).toEqual(none);
    expect(affinityOf(ask, [], fresh(), 0)).toEqual([]);
  });

  test('is the same for its later turns without a session, by its first message', () => {
    const later = prefixChainOf('m', [
      { role: 'system', text: 'x'.repeat(1000) },
      { role: 'user', text: 'How are the trains?' },
      { role: 'assistant', text: 'Late.' },
      { role: 'user', text: 'Again?' },
    ]);
    const before = affinityOf({ ...ask, sessionKey: undefined, chain }, hosts(), fresh(), 0);
    expect(affinityOf({ ...ask, sessionKey: undefined, chain: later }, hosts(), fresh(), 0)).toEqual(before);
  });

  test('is the host that served it well when another did than rendezvous says', () => {
    const state = fresh();
    noteServed(state, { ask, backend: third, backends, how: 'well' }, 0);
    expect(order(affinityOf(ask, hosts(), state, 1000))).toEqual([third, first, second, fourth]);
    expect(order(affinityOf({ ...ask, sessionKey: 's2' }, hosts(), state, 1000))).not.toEqual(
      order(affinityOf(ask, hosts(), state, 1000)),
    );
  });

  test('is forgotten where it was served poorly, and after a while without it', () => {
    const state = fresh();
    noteServed(state, { ask, backend: third, backends, how: 'well' }, 0);
    expect(order(affinityOf(ask, hosts(), state, 3_600_000))[0]).toBe(first);
    noteServed(state, { ask, backend: first, backends, how: 'poorly' }, 1000);
    expect(order(affinityOf(ask, hosts(), state, 1000))[0]).toBe(third);
    noteServed(state, { ask, backend: third, backends, how: 'poorly' }, 1000);
    expect(order(affinityOf(ask, hosts(), state, 1000))[0]).toBe(first);
  });

  test('needs no memory for a host that rendezvous finds by itself', () => {
    const state = fresh();
    noteServed(state, { ask, backend: first, backends, how: 'well' }, 0);
    noteServed(state, { ask: { ...ask, intent: 'heavy' }, backend: third, backends, how: 'well' }, 0);
    expect(state.exceptions.size).toBe(0);
    noteServed(state, { ask, backend: third, backends, how: 'well' }, 0);
    expect(state.exceptions.size).toBe(1);
    noteServed(state, { ask, backend: first, backends, how: 'well' }, 0);
    expect(state.exceptions.size).toBe(0);
  });

  test('is remembered for the last thousands of conversations and not without bound', () => {
    const state = fresh();
    for (let index = 0; index < 10_000; index += 1) {
      const session = { ...ask, sessionKey: `s${index}` };
      const away = rank(hashText(session.sessionKey, hashText('m')), backends)[1] ?? '';
      noteServed(state, { ask: session, backend: away, backends, how: 'well' }, index);
    }
    expect(state.exceptions.size).toBe(4096);
  });

  test('is the host that holds its prompt, before memory and rendezvous', () => {
    const state = fresh();
    noteServed(state, { ask, backend: third, backends, how: 'well' }, 0);
    const held = hosts({ [fourth]: { hitTokens: 4000 }, [second]: { hitTokens: 2000 } });
    expect(order(affinityOf({ ...ask, chain }, held, state, 0))).toEqual([fourth, second, third, first]);
  });

  test('is not drawn by instructions that every conversation begins with', () => {
    const held = hosts({ [fourth]: { hitTokens: chain.sharedTokens } });
    expect(order(affinityOf({ ...ask, chain }, held, fresh(), 0))[0]).toBe(first);
  });
});

describe('affinity is broken', () => {
  test('where the wait is more than two seconds longer than elsewhere', () => {
    const waits = (waitMs: number) => hosts({ [first]: { waitMs } });
    expect(order(affinityOf(ask, waits(2000), fresh(), 0))[0]).toBe(first);
    expect(order(affinityOf(ask, waits(2001), fresh(), 0))).toEqual([second, third, fourth]);
  });

  test('only when the wait is also longer than reading the held prompt would take', () => {
    const held = (waitMs: number) => hosts({ [fourth]: { waitMs, hitTokens: 250 + 3000 } });
    expect(order(affinityOf({ ...ask, chain }, held(5000), fresh(), 0))[0]).toBe(fourth);
    expect(order(affinityOf({ ...ask, chain }, held(5001), fresh(), 0))).toEqual([first, second, third]);
  });

  test('sooner where the memory of it is weak than where it was confirmed', () => {
    const state = fresh();
    const after = (waitMs: number, now: number) =>
      order(affinityOf(ask, hosts({ [third]: { waitMs } }), state, now))[0];
    noteServed(state, { ask, backend: third, backends, how: 'well' }, 0);
    expect([after(1000, 0), after(1001, 0)]).toEqual([third, first]);
    noteServed(state, { ask, backend: third, backends, how: 'well' }, 0);
    expect([after(2000, 0), after(2001, 0)]).toEqual([third, first]);
    expect([after(1000, 600_000), after(1001, 600_000)]).toEqual([third, first]);
  });

  test('not by a wait that is the same everywhere', () => {
    const waits = Object.fromEntries(backends.map((backend) => [backend, { waitMs: 20_000 }]));
    expect(order(affinityOf(ask, hosts(waits), fresh(), 0))[0]).toBe(first);
  });

  test('for a new conversation where the host has more than its share, and for a running one only if it is busy', () => {
    const state = fresh();
    for (const backend of backends)
      addWork(state.load, backend, { serviceMs: backend === first ? 60_000 : 30_000, slots: 2 }, 0);
    expect(order(affinityOf(ask, hosts(), state, 0))).toEqual([second, third, fourth]);
    const held = { hitTokens: 4000 };
    expect(order(affinityOf({ ...ask, chain }, hosts({ [first]: held }), state, 0))[0]).toBe(first);
    const busy = hosts({ [first]: { ...held, inflight: 1 } });
    expect(order(affinityOf({ ...ask, chain }, busy, state, 0))).toEqual([second, third, fourth]);
    expect(order(affinityOf(ask, hosts(), state, 1_200_000))[0]).toBe(first);
  });

  test('by load per slot, so that a host with more slots takes more', () => {
    const state = fresh();
    for (const backend of backends)
      addWork(state.load, backend, { serviceMs: 60_000, slots: backend === first ? 8 : 2 }, 0);
    expect(order(affinityOf(ask, hosts(), state, 0))[0]).toBe(first);
    addWork(state.load, first, { serviceMs: 120_000, slots: 8 }, 0);
    expect(order(affinityOf(ask, hosts(), state, 0))[0]).toBe(first);
    addWork(state.load, first, { serviceMs: 240_000, slots: 8 }, 0);
    expect(order(affinityOf(ask, hosts(), state, 0))[0]).not.toBe(first);
  });

  test('by load alone never for all hosts at once', () => {
    const work = fc.array(fc.nat(600_000), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(work, fc.nat(1_000_000), (loads, now) => {
        const state = fresh();
        for (const [index, serviceMs] of loads.entries())
          addWork(state.load, backends[index] ?? '', { serviceMs, slots: 1 }, 0);
        const values = affinityOf(ask, hosts(), state, now);
        expect(Math.max(...values)).toBe(1);
        for (const value of values) expect(value >= 0 && value <= 1).toBe(true);
      }),
      { numRuns: propertyRuns },
    );
  });
});

test('instructions that others share count in an estimate only while the host has no more than its share', () => {
  const state = fresh();
  const asked = { ...ask, chain };
  const held = hosts({ [first]: { hitTokens: 1250 }, [second]: { hitTokens: 250 } });
  const credited = (): Readonly<Record<string, number | undefined>> => {
    const tokens = creditedTokens(asked, held, state, 0);
    return Object.fromEntries(backends.map((backend, index) => [backend, tokens[index]]));
  };
  expect(credited()).toEqual({ [first]: 1250, [second]: 250, [third]: 0, [fourth]: 0 });
  for (const backend of [first, second]) addWork(state.load, backend, { serviceMs: 60_000, slots: 2 }, 0);
  expect(credited()).toEqual({ [first]: 1000, [second]: 0, [third]: 0, [fourth]: 0 });
});

describe('conversations of eight thousand tokens over four hosts', () => {
  const any = { seed: fc.nat(), turns: fc.constant(12), sharedTokens: fc.constantFrom(0, 2000, 6000) };
  const quiet = fc.record({
    ...any,
    conversations: fc.integer({ min: 12, max: 32 }),
    thinkSeconds: fc.integer({ min: 15, max: 40 }),
  });
  const busy = fc.record({
    ...any,
    conversations: fc.integer({ min: 20, max: 40 }),
    thinkSeconds: fc.integer({ min: 15, max: 25 }),
  });

  test('find their prompt again in 85 % of their turns, and no host has more than 1.5 of the mean', () => {
    fc.assert(
      fc.property(quiet, (settings) => {
        const shares = playConversations({ ...settings, firstMessage: 'own' });
        expect(shares.found).toBeGreaterThanOrEqual(0.85);
        expect(shares.mostRequests).toBeLessThanOrEqual(1.5);
        expect(shares.mostBusy).toBeLessThanOrEqual(1.5);
      }),
      { numRuns: Math.ceil(propertyRuns / 50) },
    );
  });

  test('overload no host when all begin with the very same words', () => {
    fc.assert(
      fc.property(busy, (settings) => {
        const shares = playConversations({ ...settings, firstMessage: 'same' });
        expect(shares.mostRequests).toBeLessThanOrEqual(1.5);
        expect(shares.mostBusy).toBeLessThanOrEqual(1.5);
      }),
      { numRuns: Math.ceil(propertyRuns / 50) },
    );
  });

  test('of a single person stay on one host, however much of the work that is', () => {
    const alone = { conversations: 1, turns: 20, thinkSeconds: 1, sharedTokens: 2000 } as const;
    const shares = playConversations({ ...alone, seed: 1, firstMessage: 'own' });
    expect(shares.found).toBe(1);
    expect(shares.mostRequests).toBe(4);
  });
});
