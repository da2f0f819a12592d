import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createSeededRandom } from '../../src/simulator/seeded-random.ts';
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { createSeal } from '../../src/state/envelope.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import { createReplica } from '../../src/state/replica.ts';
import type { Replica } from '../../src/state/replica-port.ts';
import type { StateStore } from '../../src/state/store.ts';
import { nothingTold } from '../core/cluster/empty-head.ts';

interface Begun {
  readonly afterMs: number;
  /** Drawn by the instance when it began. */
  readonly boot: string;
  readonly callMs?: number;
}

/** Each call takes so long, half of it before it takes effect. */
const farStore = (store: StateStore, clock: VirtualClock, callMs: number): StateStore => {
  const pause = () => new Promise<void>((resolve) => void clock.after(callMs / 2, resolve));
  const far = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    await pause();
    const answer = await call();
    await pause();
    return answer;
  };
  return {
    keys: () => far(store.keys),
    read: (keys) => far(() => store.read(keys)),
    write: (key, text, lifeMs) => far(() => store.write(key, text, lifeMs)),
    remove: (key) => far(() => store.remove(key)),
    close: async () => undefined,
  };
};

const begin = (clock: VirtualClock, store: StateStore, { boot, callMs = 2 }: Begun): Replica => {
  let drawn = 0;
  const replica = createReplica({
    store: farStore(store, clock, callMs),
    seal: createSeal(undefined),
    clock,
    random: createSeededRandom(1),
    ids: () => {
      drawn += 1;
      return drawn === 1 ? boot : `${boot}${drawn}another`;
    },
    instance: 'twin',
    head: () => nothingTold,
    body: () => undefined,
    heard: () => undefined,
    said: () => undefined,
  });
  replica.start();
  return replica;
};

/** What each calls itself ten seconds after the last of them began, and how many others each sees. */
const settle = async (begun: readonly Begun[]) => {
  const clock = createVirtualClock();
  const store = createMemoryStore();
  const replicas: Replica[] = [];
  for (const each of begun) {
    clock.after(each.afterMs, () => replicas.push(begin(clock, store, each)));
  }
  await clock.advance(Math.max(...begun.map(({ afterMs }) => afterMs)) + 10_000);
  return {
    names: replicas.map((replica) => replica.instance()),
    others: replicas.map((replica) => replica.alive().length),
  };
};

describe('two instances with one name', () => {
  for (const afterMs of [600, 1_000, 1_500, 2_000, 2_900, 3_100, 20_000]) {
    for (const [elder, younger] of [
      ['aaaa', 'zzzz'],
      ['zzzz', 'aaaa'],
    ] as const) {
      test(`that begin ${afterMs} ms apart: the younger takes another (${elder} before ${younger})`, async () => {
        const { names, others } = await settle([
          { afterMs: 0, boot: elder },
          { afterMs, boot: younger },
        ]);
        expect(names[0]).toBe('twin');
        expect(names[1]).toMatch(/^twin-[a-z0-9]{6}$/);
        expect(others).toEqual([1, 1]);
      });
    }
  }

  test('that begin at the same instant: the one that drew the greater number takes another', async () => {
    for (const boots of [
      ['aaaa', 'zzzz'],
      ['zzzz', 'aaaa'],
    ]) {
      const { names, others } = await settle(boots.map((boot) => ({ afterMs: 0, boot })));
      expect(names[boots.indexOf('aaaa')]).toBe('twin');
      expect(names[boots.indexOf('zzzz')]).toMatch(/^twin-/);
      expect(others).toEqual([1, 1]);
    }
  });

  test('whenever they begin and however far the store is, are two that see each other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 4_000 }),
        fc.constantFrom(['aaaa', 'zzzz'] as const, ['zzzz', 'aaaa'] as const),
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: 0, max: 120 }),
        async (afterMs, [first, second], near, far) => {
          const { names, others } = await settle([
            { afterMs: 0, boot: first, callMs: near },
            { afterMs, boot: second, callMs: far },
          ]);
          expect(new Set(names).size).toBe(2);
          expect(names).toContain('twin');
          expect(others).toEqual([1, 1]);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  test('are three as well, where three have it', async () => {
    const { names, others } = await settle(['mmmm', 'aaaa', 'zzzz'].map((boot) => ({ afterMs: 0, boot })));
    expect(new Set(names).size).toBe(3);
    expect(names[1]).toBe('twin');
    expect(others).toEqual([2, 2, 2]);
  });
});

test('an instance that starts again under its name keeps it', async () => {
  const clock = createVirtualClock();
  const store = createMemoryStore();
  const before = begin(clock, store, { afterMs: 0, boot: 'aaaa' });
  await clock.advance(5_000);
  // Ended without a word.
  void before;
  const frozen = new Map(await store.read(await store.keys()));
  const after = createMemoryStore();
  for (const [key, text] of frozen) await after.write(key, text, 60_000);
  const again = begin(clock, after, { afterMs: 0, boot: 'zzzz' });
  await clock.advance(10_000);
  expect(again.instance()).toBe('twin');
  expect(again.alive()).toEqual([]);
});
