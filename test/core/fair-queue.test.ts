import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  createFairQueue,
  type Enqueued,
  type FairQueue,
  type QueueBounds,
  type QueueEntry,
  requestCost,
} from '../../src/core/fair-queue.ts';
import { propertyRuns } from '../property-runs.ts';
import { queueShares } from './queue-play.ts';

const roomy: QueueBounds = { maxRequests: 10_000, maxBodyBytes: 1e9 };

let names = 0;
const entry = (changes: Partial<QueueEntry> = {}): QueueEntry => {
  names += 1;
  return {
    id: `request ${names}`,
    tenant: 'alice',
    queueClass: 'interactive',
    group: 'm',
    cost: 100,
    bodyBytes: 1,
    failedAttempts: 0,
    queuedAt: 0,
    ...changes,
  };
};

const filled = (entries: readonly QueueEntry[]): FairQueue<QueueEntry> => {
  const queue = createFairQueue<QueueEntry>(() => queueShares);
  for (const each of entries) queue.enqueue(each, roomy);
  return queue;
};

const drained = (queue: FairQueue<QueueEntry>, now = 0): readonly QueueEntry[] => {
  const out: QueueEntry[] = [];
  for (let next = queue.next(() => true, now); next !== undefined; next = queue.next(() => true, now))
    out.push(next);
  return out;
};

const many = (count: number, changes: Partial<QueueEntry>): readonly QueueEntry[] =>
  Array.from({ length: count }, () => entry(changes));

const accepted = (result: Enqueued<QueueEntry>): boolean => result.accepted;

describe('the order of the queue', () => {
  test('is that of arrival for one tenant', () => {
    const entries = many(20, {});
    expect(drained(filled(entries))).toEqual([...entries]);
  });

  test('is that of arrival for one tenant’s requests for several models too', () => {
    const entries = ['m', 'n', 'm', 'o', 'n'].map((group) => entry({ group }));
    expect(drained(filled(entries))).toEqual(entries);
  });

  test('lets one tenant’s short requests go before its long ones that came up to their slack earlier', () => {
    const long = entry({ slackMs: 5000 });
    const short = [1000, 4999, 5000, 5001].map((queuedAt) => entry({ queuedAt, group: 'n' }));
    const between = entry({ queuedAt: 2000, slackMs: 2500 });
    const queue = filled([long, ...short, between]);
    expect(drained(queue)).toEqual([short[0], between, short[1], long, short[2], short[3]] as QueueEntry[]);
  });

  test('lets nobody overtake another tenant by that', () => {
    const long = entry({ slackMs: 60_000 });
    const theirs = entry({ tenant: 'bob', queuedAt: 1000 });
    expect(drained(filled([long, theirs]))).toEqual([long, theirs]);
  });

  test('puts a retry ahead of its tenant’s others, and of nobody else’s', () => {
    const theirs = entry({ tenant: 'bob' });
    const [first, second] = [entry(), entry()];
    const retry = entry({ failedAttempts: 1 });
    const order = drained(filled([theirs, first, second, retry]));
    expect(order.indexOf(retry)).toBeLessThan(order.indexOf(first));
    expect(order[0]).toBe(theirs);
  });

  test('gives tenants the same work, not the same number of requests', () => {
    const queue = filled([
      ...many(400, { tenant: 'short', cost: 100 }),
      ...many(400, { tenant: 'long', cost: 1000 }),
    ]);
    const work: Record<string, number> = { short: 0, long: 0 };
    for (let count = 0; count < 300; count += 1) {
      const served = queue.next(() => true, 0);
      if (served !== undefined) work[served.tenant] = (work[served.tenant] ?? 0) + served.cost;
    }
    expect((work.long ?? 0) / (work.short ?? 1)).toBeWithin(0.9, 1.1);
  });

  test('gives nothing more to a tenant that leaves and comes back for each request', () => {
    const queue = filled(many(1000, { tenant: 'bob', cost: 100 }));
    const work: Record<string, number> = {};
    const serve = (): string | undefined => {
      const served = queue.next(() => true, 0);
      if (served !== undefined) work[served.tenant] = (work[served.tenant] ?? 0) + served.cost;
      return served?.tenant;
    };
    for (let count = 0; count < 150; count += 1) {
      queue.enqueue(entry({ tenant: 'sly', cost: 400 }), roomy);
      while (serve() === 'bob');
      serve();
    }
    expect((work.sly ?? 0) / (work.bob ?? 1)).toBeWithin(0.9, 1.1);
  });

  test('owes nobody anything from before a time when nobody waited', () => {
    const queue = filled(many(400, {}));
    drained(queue);
    const entries = [entry(), entry({ tenant: 'bob' }), entry(), entry({ tenant: 'bob' })];
    for (const each of entries) queue.enqueue(each, roomy);
    expect(drained(queue)).toEqual(entries);
  });

  test('gives interactive work eight parts and batch work one', () => {
    const queue = filled([...many(900, { queueClass: 'batch' }), ...many(900, { tenant: 'bob' })]);
    const served = Array.from({ length: 900 }, () => queue.next(() => true, 0)?.queueClass);
    expect(served.filter((queueClass) => queueClass === 'batch').length).toBeWithin(95, 106);
    expect(served[0]).toBe('interactive');
  });

  test('lets batch have all that nobody else wants, and takes nothing back for it later', () => {
    const queue = filled(many(100, { queueClass: 'batch' }));
    for (let count = 0; count < 50; count += 1) expect(queue.next(() => true, 0)?.queueClass).toBe('batch');
    for (const each of many(90, { tenant: 'bob' })) queue.enqueue(each, roomy);
    const next = Array.from({ length: 36 }, () => queue.next(() => true, 0)?.queueClass);
    expect(next.filter((queueClass) => queueClass === 'batch').length).toBeWithin(3, 6);
  });

  test('lets batch begin slowly beside interactive work that was alone for long', () => {
    const queue = filled(many(300, { tenant: 'bob' }));
    for (let count = 0; count < 200; count += 1) queue.next(() => true, 0);
    for (const each of many(90, { queueClass: 'batch' })) queue.enqueue(each, roomy);
    const next = Array.from({ length: 18 }, () => queue.next(() => true, 0)?.queueClass);
    expect(next.filter((queueClass) => queueClass === 'batch')).toHaveLength(2);
  });

  test('counts a batch request as interactive after thirty seconds', () => {
    const late = entry({ queueClass: 'batch', queuedAt: 1000 });
    const before = filled([late, ...many(50, { tenant: 'bob', queuedAt: 30_000 })]);
    expect(drained(before, 30_999).indexOf(late)).toBeGreaterThan(6);
    const after = filled([late, ...many(50, { tenant: 'bob', queuedAt: 30_000 })]);
    expect(drained(after, 31_000).indexOf(late)).toBe(0);
  });

  test('moves each batch request up when its own time has come, and to the front only after as long again', () => {
    const batch = [1000, 5000].map((queuedAt) => entry({ queueClass: 'batch', queuedAt }));
    const at = (now: number): readonly number[] => {
      const order = drained(filled([...many(60, { tenant: 'bob', queuedAt: 61_000 }), ...batch]), now);
      return batch.map((each) => order.indexOf(each));
    };
    expect(at(60_999)).toEqual([40, 41]);
    expect(at(61_000)[0]).toBe(0);
    const queue = filled([...batch, ...many(60, { tenant: 'bob', queuedAt: 31_000 })]);
    expect(queue.next(() => true, 31_000)).toBe(batch[0]);
    for (let count = 0; count < 3; count += 1) expect(queue.next(() => true, 31_000)?.tenant).toBe('bob');
    expect(queue.next(() => true, 35_000)).toBe(batch[1]);
  });

  test('puts a tenant that got nothing for thirty seconds before all that did, once', () => {
    const hungry = many(2, { tenant: 'bob', cost: 30_000, queuedAt: 1000 });
    const queue = filled([...hungry, ...many(200, { queuedAt: 30_000 })]);
    expect(queue.next(() => true, 30_999)?.tenant).toBe('alice');
    expect(queue.next(() => true, 31_000)).toBe(hungry[0]);
    for (let count = 0; count < 50; count += 1) expect(queue.next(() => true, 31_000)?.tenant).toBe('alice');
  });
});

describe('late binding', () => {
  test('passes over what no host can serve, and comes back to it', () => {
    const [cold, warm] = [entry({ group: 'cold' }), entry({ group: 'warm' })];
    const queue = filled([cold, warm]);
    expect(queue.next(({ group }) => group === 'warm', 0)).toBe(warm);
    expect(queue.next(({ group }) => group === 'warm', 0)).toBeUndefined();
    expect(queue.next(() => true, 0)).toBe(cold);
  });

  test('asks once per group however many wait, and for each retry by itself', () => {
    const tenants = Array.from({ length: 50 }, (_, index) => `tenant ${index}`);
    const waiting = tenants.flatMap((tenant) => [
      ...many(40, { tenant, group: 'cold' }),
      ...many(10, { tenant, group: 'frozen' }),
    ]);
    const asked: QueueEntry[] = [];
    const queue = filled([...waiting, ...many(3, { group: 'cold', failedAttempts: 1 })]);
    const none = (each: QueueEntry): boolean => {
      asked.push(each);
      return false;
    };
    expect(queue.next(none, 0)).toBeUndefined();
    expect(asked.filter(({ failedAttempts }) => failedAttempts === 0)).toHaveLength(2);
    expect(asked.filter(({ failedAttempts }) => failedAttempts === 1)).toHaveLength(3);
  });

  test('asks on behind those who would rather wait, in order of arrival over all groups', () => {
    const entries = ['m', 'n', 'm', 'o', 'n', 'm'].map((group) => entry({ group }));
    const asked: QueueEntry[] = [];
    const queue = filled(entries);
    const served = queue.next((each) => {
      asked.push(each);
      if (each.group === 'o') return false;
      return each === entries[4] ? true : 'waits';
    }, 0);
    expect(asked).toEqual(entries.slice(0, 5));
    expect(served).toBe(entries[4] as QueueEntry);
    expect(drained(queue)).toEqual(entries.filter((each) => each !== served));
  });

  test('asks only so many of those who would rather wait', () => {
    let asked = 0;
    const queue = filled(many(1000, {}));
    const waits = (): 'waits' => {
      asked += 1;
      return 'waits';
    };
    expect(queue.next(waits, 0)).toBeUndefined();
    expect(asked).toBe(32);
    expect(queue.size).toBe(1000);
  });

  test('saves nothing up for a tenant whose host is away', () => {
    const queue = filled([
      ...many(100, { tenant: 'away', group: 'gone' }),
      ...many(300, {}),
      ...many(300, { tenant: 'bob' }),
    ]);
    for (let count = 0; count < 400; count += 1) queue.next(({ group }) => group === 'm', 0);
    const back = Array.from({ length: 90 }, () => queue.next(() => true, 0)?.tenant);
    // What it is owed as any newcomer, and then its third.
    expect(back.filter((tenant) => tenant === 'away').length).toBeLessThan(41 + 25);
  });
});

describe('the bounds of the queue', () => {
  test('count five tokens read as one written', () => {
    expect(requestCost({ input: 1000, output: 300 })).toBe(500);
  });

  test('hold in requests and in bytes', () => {
    const queue = filled(many(3, { bodyBytes: 10 }));
    expect(queue.enqueue(entry(), { maxRequests: 3, maxBodyBytes: 1000 })).toEqual({
      accepted: false,
      reason: 'requests',
    });
    const bytes = { maxRequests: 100, maxBodyBytes: 35 };
    expect(queue.enqueue(entry({ bodyBytes: 6 }), bytes)).toEqual({ accepted: false, reason: 'bytes' });
    expect(queue.enqueue(entry({ bodyBytes: 5 }), bytes).accepted).toBe(true);
    expect([queue.size, queue.bodyBytes]).toEqual([4, 35]);
  });

  test('never turn a retry away, and never take one request twice', () => {
    const queue = filled(many(4, {}));
    const retry = entry({ failedAttempts: 1 });
    const full = { maxRequests: 4, maxBodyBytes: 4 };
    expect(queue.enqueue(retry, full).accepted).toBe(true);
    expect(queue.enqueue(retry, roomy)).toEqual({ accepted: false, reason: 'duplicate' });
  });

  test('let one tenant have all places while it is alone, and a quarter when others want in', () => {
    const bounds = { ...roomy, maxRequests: 40 };
    const queue = createFairQueue<QueueEntry>(() => queueShares);
    const hers = many(40, {});
    expect(hers.every((each) => accepted(queue.enqueue(each, bounds)))).toBe(true);
    expect(accepted(queue.enqueue(entry(), bounds))).toBe(false);

    const his = many(11, { tenant: 'bob' });
    const results = his.map((each) => queue.enqueue(each, bounds));
    expect(results.map(accepted)).toEqual([...his.map(() => true).slice(1), false]);
    const displaced = results.flatMap((result) => (result.accepted ? result.displaced : []));
    expect(displaced).toEqual([...hers].reverse().slice(0, 10));
    expect(queue.enqueue(entry(), bounds)).toEqual({ accepted: false, reason: 'tenant' });
    expect(queue.size).toBe(40);
  });

  test('make room by the newest request, and never by a retry', () => {
    const hers = many(4, {});
    const queue = filled([...hers, entry({ failedAttempts: 1 })]);
    expect(queue.enqueue(entry({ tenant: 'bob' }), { ...roomy, maxRequests: 5 })).toEqual({
      accepted: true,
      displaced: hers.slice(-1),
    });
  });

  test('make room in bytes only where that is enough, or leave everything as it was', () => {
    const hers = many(3, { bodyBytes: 30 });
    const queue = filled([...hers, entry({ tenant: 'carol', bodyBytes: 10 })]);
    const bounds = { ...roomy, maxBodyBytes: 100 };
    const before = queue.entries();
    expect(queue.enqueue(entry({ tenant: 'bob', bodyBytes: 95 }), bounds)).toEqual({
      accepted: false,
      reason: 'bytes',
    });
    expect(new Set(queue.entries())).toEqual(new Set(before));
    expect(queue.bodyBytes).toBe(100);
    expect(queue.enqueue(entry({ tenant: 'bob', bodyBytes: 50 }), bounds)).toEqual({
      accepted: true,
      displaced: [...hers].reverse().slice(0, 2),
    });
  });
});

describe('whatever happens to the queue', () => {
  const tenant = fc.constantFrom('a', 'b', 'c', 'd');
  type Action =
    | { readonly what: 'enqueue'; readonly entry: Partial<QueueEntry> }
    | { readonly what: 'next'; readonly can: readonly string[] }
    | { readonly what: 'remove'; readonly pick: number }
    | { readonly what: 'pass'; readonly ms: number };
  const changes: fc.Arbitrary<Partial<QueueEntry>> = fc.record({
    tenant,
    queueClass: fc.constantFrom('interactive', 'batch'),
    group: fc.constantFrom('m', 'n', 'o'),
    cost: fc.oneof(fc.nat(3000), fc.constantFrom(0, -1, Number.NaN, Infinity)),
    bodyBytes: fc.nat(30),
    failedAttempts: fc.constantFrom(0, 0, 0, 1),
  });
  const action: fc.Arbitrary<Action> = fc.oneof(
    fc.record({ what: fc.constant('enqueue' as const), entry: changes }),
    fc.record({ what: fc.constant('next' as const), can: fc.subarray(['m', 'n', 'o']) }),
    fc.record({ what: fc.constant('remove' as const), pick: fc.nat() }),
    fc.record({ what: fc.constant('pass' as const), ms: fc.nat(20_000) }),
  );

  /** The queue beside a plain set of what must be in it. */
  const follow = (actions: readonly Action[]): void => {
    const bounds = { maxRequests: 12, maxBodyBytes: 150 };
    const queue = createFairQueue<QueueEntry>(() => queueShares);
    const inside = new Set<QueueEntry>();
    let now = 0;
    const enqueue = (changes: Partial<QueueEntry>): void => {
      const each = entry({ ...changes, queuedAt: now });
      const result = queue.enqueue(each, bounds);
      if (!result.accepted) expect(each.failedAttempts).toBe(0);
      else inside.add(each);
      for (const out of result.accepted ? result.displaced : []) expect(inside.delete(out)).toBe(true);
    };
    const serve = (can: readonly string[]): void => {
      const servable = [...inside].filter(({ group }) => can.includes(group));
      const served = queue.next(({ group }) => can.includes(group), now);
      expect(served !== undefined).toBe(servable.length > 0);
      if (served === undefined) return;
      expect(servable).toContain(served);
      inside.delete(served);
      const alike = ({ tenant: who, group, queueClass, failedAttempts }: QueueEntry): string =>
        `${who} ${group} ${queueClass} ${failedAttempts}`;
      const [first] = servable.filter((other) => alike(other) === alike(served));
      expect(served).toBe(first as QueueEntry);
    };
    for (const step of actions) {
      if (step.what === 'pass') now += step.ms;
      else if (step.what === 'enqueue') enqueue(step.entry);
      else if (step.what === 'next') serve(step.can);
      else {
        const target = [...inside][step.pick % Math.max(1, inside.size)];
        expect(queue.remove(target?.id ?? 'nobody')).toBe(target as QueueEntry);
        if (target !== undefined) inside.delete(target);
      }
      expect(new Set(queue.entries())).toEqual(inside);
      expect(queue.size).toBe(inside.size);
      expect(queue.bodyBytes).toBe([...inside].reduce((sum, each) => sum + each.bodyBytes, 0));
    }
    const rest = drained(queue, now);
    expect(new Set(rest)).toEqual(inside);
    expect(rest).toHaveLength(inside.size);
    expect([queue.size, queue.bodyBytes]).toEqual([0, 0]);
  };

  test('nobody is lost, nobody is served twice, and a free host is never left idle', () => {
    fc.assert(fc.property(fc.array(action, { maxLength: 120 }), follow), { numRuns: propertyRuns / 2 });
  });

  test('the cost said to be ahead of a newcomer is what is served before it', () => {
    const slackMs = fc.nat(2000);
    const waiting = fc.array(fc.record({ tenant, cost: fc.integer({ min: 50, max: 1000 }), slackMs }), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(waiting, tenant, fc.nat(100), slackMs, (entries, newcomerTenant, servedBefore, slack) => {
        const queue = filled(entries.map((each) => entry(each)));
        for (let count = 0; count < Math.min(servedBefore, entries.length); count += 1)
          queue.next(() => true, 0);
        const newcomer = entry({ tenant: newcomerTenant, cost: 500, slackMs: slack });
        const predicted = queue.costAhead(newcomer, () => true);
        queue.enqueue(newcomer, roomy);
        let actual = 0;
        for (let next = queue.next(() => true, 0); next !== newcomer; next = queue.next(() => true, 0))
          actual += next?.cost ?? Infinity;
        // Whole requests and whole rounds make up to a request and a quantum per tenant of difference.
        expect(Math.abs(actual - predicted)).toBeLessThanOrEqual(4 * 1300);
      }),
      { numRuns: propertyRuns / 4 },
    );
  });

  test('the cost ahead is that of those who are still there, and no single one counts without end', () => {
    const gone = entry({ cost: 3000 });
    const queue = filled([gone, entry({ cost: 1e9 }), entry({ cost: 20 })]);
    queue.remove(gone.id);
    expect(queue.costAhead(entry(), () => true)).toBe(32_768 + 20);
  });

  test('the cost ahead leaves out those who wait for other hosts, and counts the other class by its weight', () => {
    const queue = filled([
      ...many(10, { group: 'other' }),
      ...many(4, { tenant: 'bob', cost: 50, failedAttempts: 1 }),
      ...many(100, { tenant: 'carol', queueClass: 'batch' }),
    ]);
    const competes = (group: string): boolean => group === 'm';
    const newcomer = entry({ tenant: 'dave', cost: 600 });
    expect(queue.costAhead(newcomer, competes)).toBe(200 + (200 + 600) / 8);
    expect(queue.costAhead({ ...newcomer, queueClass: 'batch' }, competes)).toBe(4096 + 200);
  });
});
