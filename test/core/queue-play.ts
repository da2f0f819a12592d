/** A queue before equal slots in virtual time: who waits how long is what the tests look at. */

import { createFairQueue, type QueueEntry, type QueueShares } from '../../src/core/fair-queue.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { QueueClass } from '../../src/spec/vocabulary.ts';

/** As configuration has them where it says nothing. */
export const queueShares: QueueShares = { keyShare: 0.25, interactiveShare: 8 };

/** A tenant that sends requests at random times. */
export interface Sender {
  readonly tenant: string;
  readonly perSecond: number;
  readonly queueClass?: QueueClass;
  /** Mean cost of a request, in tokens. */
  readonly cost?: number;
}

export interface QueuePlay {
  readonly seed: number;
  readonly senders: readonly Sender[];
  readonly slots: number;
  readonly costPerSecond: number;
  readonly seconds: number;
  readonly maxRequests?: number;
}

/** What one tenant met with. */
export interface Waits {
  /** Seconds each request waited; what is left at the end counts with what it waited so far. */
  readonly waits: number[];
  servedCost: number;
  refused: number;
  /** The most seconds it had somebody waiting and nobody served. */
  longestGap: number;
  waiting: number;
  hungrySince: number;
}

const arrivalsOf = ({ seed, senders, seconds }: QueuePlay): readonly QueueEntry[] => {
  const random = seededRandom(seed);
  const arrivals: QueueEntry[] = [];
  for (const { tenant, perSecond, queueClass = 'interactive', cost = 200 } of senders) {
    const gapMs = (): number => (-Math.log(1 - random()) * 1000) / perSecond;
    for (let queuedAt = gapMs(); queuedAt < seconds * 1000; queuedAt += gapMs()) {
      const drawn = cost * (0.25 + 1.5 * random());
      const id = `${tenant} ${arrivals.length}`;
      arrivals.push({
        id,
        tenant,
        group: 'm',
        cost: drawn,
        failedAttempts: 0,
        queueClass,
        bodyBytes: 1,
        queuedAt,
      });
    }
  }
  return arrivals.sort((left, right) => left.queuedAt - right.queuedAt);
};

/** What became of each tenant's requests. */
export const playQueue = (play: QueuePlay): ReadonlyMap<string, Waits> => {
  const queue = createFairQueue<QueueEntry>(() => queueShares);
  const bounds = { maxRequests: play.maxRequests ?? Infinity, maxBodyBytes: Infinity };
  const results = new Map<string, Waits>();
  const endMs = play.seconds * 1000;
  const resultOf = (tenant: string): Waits => {
    const known = results.get(tenant);
    if (known !== undefined) return known;
    const fresh = { waits: [], servedCost: 0, refused: 0, longestGap: 0, waiting: 0, hungrySince: 0 };
    results.set(tenant, fresh);
    return fresh;
  };
  const arrive = (entry: QueueEntry): void => {
    const result = resultOf(entry.tenant);
    if (result.waiting === 0) result.hungrySince = entry.queuedAt;
    result.waiting += 1;
    const enqueued = queue.enqueue(entry, bounds);
    for (const { tenant } of enqueued.accepted ? enqueued.displaced : [entry]) {
      resultOf(tenant).refused += 1;
      resultOf(tenant).waiting -= 1;
    }
  };
  const feed = (tenant: string, now: number): Waits => {
    const result = resultOf(tenant);
    result.longestGap = Math.max(result.longestGap, (now - result.hungrySince) / 1000);
    result.hungrySince = now;
    return result;
  };

  const arrivals = arrivalsOf(play);
  const freeAt = new Array<number>(play.slots).fill(0);
  let arrived = 0;
  for (;;) {
    const slotAt = Math.min(...freeAt);
    const now = queue.size > 0 ? slotAt : Math.max(slotAt, arrivals[arrived]?.queuedAt ?? endMs);
    if (now >= endMs) break;
    for (let due = arrivals[arrived]; due !== undefined && due.queuedAt <= now; due = arrivals[arrived]) {
      arrived += 1;
      arrive(due);
    }
    const entry = queue.next(() => true, now);
    if (entry === undefined) continue;
    freeAt[freeAt.indexOf(slotAt)] = now + (entry.cost / play.costPerSecond) * 1000;
    const result = feed(entry.tenant, now);
    result.waits.push((now - entry.queuedAt) / 1000);
    result.servedCost += entry.cost;
    result.waiting -= 1;
  }
  for (const { tenant, queuedAt } of queue.entries())
    feed(tenant, endMs).waits.push((endMs - queuedAt) / 1000);
  return results;
};
