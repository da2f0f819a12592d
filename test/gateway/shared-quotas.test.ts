import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Head } from '../../src/core/cluster/document.ts';
import { readHead } from '../../src/core/cluster/read-document.ts';
import { writeHead } from '../../src/core/cluster/write-document.ts';
import { createSharedQuotas, type SharedQuotas } from '../../src/gateway/cluster/shared-quotas.ts';
import { createQuotas, type Quotas } from '../../src/gateway/quotas.ts';
import { createSeededRandom } from '../../src/simulator/seeded-random.ts';
import { emptyHead } from '../core/cluster/empty-head.ts';
import { propertyRuns } from '../property-runs.ts';

const minuteMs = 60_000;
/** Each draw plays minutes. */
const numRuns = Math.ceil(propertyRuns / 40);
const stepMs = 50;

interface Instance {
  readonly name: string;
  readonly quotas: Quotas;
  readonly shared: SharedQuotas;
  head: Head | undefined;
}

const start = (name: string, requestsPerMinute: number): Instance => {
  const quotas = createQuotas();
  quotas.apply([{ name: 'laptop', requestsPerMinute }]);
  return { name, quotas, shared: createSharedQuotas(quotas), head: undefined };
};

const tell = (instance: Instance, now: number): void => {
  const quotas = instance.shared.told(now);
  const head: Head = { ...emptyHead, boot: instance.name, quotas };
  instance.head = readHead(JSON.parse(JSON.stringify(writeHead(head, now))), now);
};

const hear = (by: Instance, others: readonly Instance[], now: number): void => {
  const heads = others.flatMap((other) => (other === by ? [] : (other.head ?? [])));
  by.shared.hear(heads, others.length, now);
};

const isLetThrough = ({ quotas }: Instance, now: number): boolean => {
  try {
    quotas.takeRequest('laptop', now);
    return true;
  } catch {
    return false;
  }
};

interface Ask {
  readonly at: number;
  readonly instance: number;
}

interface Answer extends Ask {
  readonly passed: boolean;
}

/** Everybody tells with each quarter of a second and reads with each half, each at moments of its own. */
const play = (parties: number, limit: number, asks: readonly Ask[], seed: number): readonly Answer[] => {
  const random = createSeededRandom(seed);
  const instances = Array.from({ length: parties }, (_, index) => start(`box${index}`, limit));
  const phase = instances.map(() => Math.floor(random() * 10));
  const answers: Answer[] = [];
  const queue = [...asks].sort((left, right) => left.at - right.at);
  const end = (queue.at(-1)?.at ?? 0) + stepMs;
  for (let step = 0; step * stepMs <= end; step += 1) {
    const now = step * stepMs;
    for (const [index, instance] of instances.entries()) {
      const turn = step + (phase[index] ?? 0);
      if (turn % 5 === 0) tell(instance, now);
      if (turn % 10 !== 3) continue;
      hear(instance, instances, now);
    }
    for (let next = queue[0]; next !== undefined && next.at <= now; next = queue[0]) {
      queue.shift();
      const asked = instances[next.instance % parties];
      if (asked !== undefined) answers.push({ ...next, at: now, passed: isLetThrough(asked, now) });
    }
  }
  return answers;
};

const asked = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 5 * minuteMs }),
    instance: fc.nat(4),
    times: fc.integer({ min: 1, max: 80 }),
    everyMs: fc.constantFrom(0, 0, 100, 700),
  }),
  { minLength: 1, maxLength: 12 },
);

const asksOf = (drawn: readonly { at: number; instance: number; times: number; everyMs: number }[]): Ask[] =>
  drawn.flatMap(({ at, instance, times, everyMs }) =>
    Array.from({ length: times }, (_, turn) => ({ at: at + turn * everyMs, instance: instance + turn })),
  );

describe('a limit that several instances share', () => {
  test('is overrun by what each may give at once and no more, in whatever time', () => {
    fc.assert(
      fc.property(
        asked,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        (drawn, parties, limit, seed) => {
          const passed = play(parties, limit, asksOf(drawn), seed).filter((answer) => answer.passed);
          for (const [first, { at: since }] of passed.entries()) {
            for (const [index, { at }] of passed.entries()) {
              const most = parties * limit + (limit * (at - since)) / minuteMs + 1e-3;
              if (index >= first && index - first + 1 > most)
                throw new Error(`${index - first + 1} of ${most} in ${at - since} ms`);
            }
          }
        },
      ),
      { numRuns },
    );
  }, 30_000);

  test('turns nobody away while all that was let through leaves room', () => {
    fc.assert(
      fc.property(
        asked,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 4, max: 40 }),
        fc.nat(),
        (drawn, parties, limit, seed) => {
          let [level, last] = [0, 0];
          for (const { at, passed } of play(parties, limit, asksOf(drawn), seed)) {
            level = Math.max(0, level - (limit * (at - last)) / minuteMs);
            last = at;
            // What ran out of one bucket before it was heard of in another: two seconds of the limit at most.
            const isFree = level + 1 <= limit - (limit * 2_000) / minuteMs;
            if (isFree && !passed) throw new Error(`turned away at ${at} ms with ${level} of ${limit} used`);
            if (passed) level += 1;
          }
        },
      ),
      { numRuns },
    );
  }, 30_000);

  test('gives what it gives when all ask all the time', () => {
    const limit = 60;
    const everyMs = 100;
    const asks = Array.from({ length: 3000 }, (_, turn) => ({ at: turn * everyMs, instance: turn }));
    const passed = play(3, limit, asks, 1).filter((answer) => answer.passed);
    const inMinute = (minute: number): number =>
      passed.filter(({ at }) => Math.floor(at / minuteMs) === minute).length;
    for (const minute of [2, 3, 4]) {
      expect(inMinute(minute)).toBeGreaterThanOrEqual(limit - 4);
      expect(inMinute(minute)).toBeLessThanOrEqual(limit + 4);
    }
  });

  test('is divided while they cannot reach each other, and whole again when they can', () => {
    const instances = [0, 1, 2].map((index) => start(`box${index}`, 30));
    for (const { quotas } of instances) quotas.shareAmong(3, 0);
    const passed = (now: number): number =>
      instances
        .flatMap((instance) => Array.from({ length: 40 }, () => isLetThrough(instance, now)))
        .filter(Boolean).length;
    expect(passed(0)).toBe(30);
    expect(passed(minuteMs)).toBe(30);
    for (const instance of instances) tell(instance, minuteMs);
    for (const instance of instances) {
      instance.quotas.shareAmong(1, minuteMs);
      hear(instance, instances, minuteMs);
    }
    // Together they gave all of it, and know.
    expect(passed(minuteMs)).toBe(0);
    expect(instances[0]?.quotas.of('laptop')?.requests).toMatchObject({
      capacity: 30,
      bucket: { level: 30 },
    });
  });

  test('is each one’s own where they are told different ones', () => {
    const [strict, lenient] = [start('strict', 5), start('lenient', 50)];
    for (let turn = 0; turn < 20; turn += 1) isLetThrough(lenient, 0);
    tell(lenient, 0);
    hear(strict, [strict, lenient], 0);
    expect(isLetThrough(strict, 0)).toBe(false);
    expect(isLetThrough(lenient, 0)).toBe(true);
    // What one hearing adds is what the reader's own bucket holds.
    expect(isLetThrough(strict, minuteMs)).toBe(true);
  });

  test('tells only of keys that were used within the last two minutes, and nothing that can be read', () => {
    const one = start('one', 30);
    expect(one.shared.told(0).size).toBe(0);
    isLetThrough(one, 0);
    expect([...one.shared.told(1000).keys()]).toEqual([expect.stringMatching(/^[a-z2-7]{12}$/)]);
    expect(one.shared.told(2 * minuteMs).size).toBe(0);
  });

  test('says the same until something is used or a heartbeat is due, so that nothing is written for nothing', () => {
    const one = start('one', 30);
    isLetThrough(one, 0);
    tell(one, 0);
    const first = one.head;
    tell(one, 1000);
    expect(one.head).toEqual(first);
    isLetThrough(one, 1000);
    tell(one, 1000);
    expect(one.head).not.toEqual(first);
  });
});
