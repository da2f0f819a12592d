/**
 * The bounded queue before the slots: interactive before batch by weight, tenants by the work they ask for,
 * each request bound to a host only when one has a slot. Changes in place; no clock. Pure otherwise. Imports spec.
 */

import type { Millis, QueueClass } from '../spec/vocabulary.ts';
import {
  ageingMs,
  type CanServe,
  type Choice,
  type Competes,
  type Costed,
  createDeficitRounds,
  type DeficitRounds,
  type Node,
} from './deficit-rounds.ts';
import { createQueueHoldings } from './queue-holdings.ts';

/** A request as the queue sees it; the caller's own type may hold more. */
export interface QueueEntry extends Costed {
  readonly id: string;
  readonly queueClass: QueueClass;
  readonly bodyBytes: number;
  /** When it first entered the queue; a retry keeps it. */
  readonly queuedAt: Millis;
  /** Those of its tenant that came up to this much later may be served before it; absent: none. */
  readonly slackMs?: Millis;
}

/** What says where a request will stand. */
export type Arrival = Pick<QueueEntry, keyof Costed | 'queueClass' | 'queuedAt' | 'slackMs'>;

/** Who gets how much, as `QueueLimits` of the settings say it. */
export interface QueueShares {
  /** Of the places and bytes one tenant may hold while others want in. */
  readonly keyShare: number;
  /** Parts of the work for those who wait in person, for each that goes to batch. */
  readonly interactiveShare: number;
}

/** How much may wait. */
export interface QueueBounds {
  readonly maxRequests: number;
  readonly maxBodyBytes: number;
}

/** `displaced` are out of the queue for it and must be refused; a refusal names the bound that was met. */
export type Enqueued<Entry> =
  | { readonly accepted: true; readonly displaced: readonly Entry[] }
  | { readonly accepted: false; readonly reason: 'requests' | 'bytes' | 'tenant' | 'duplicate' };

export interface FairQueue<Entry extends QueueEntry> {
  /** A retry is always let in: it held a place before, and its request would be lost. */
  enqueue(entry: Entry, bounds: QueueBounds): Enqueued<Entry>;
  remove(id: string): Entry | undefined;
  /**
   * Takes out the first in fair order that can be served; `canServe` is asked once per group, for each retry, and again
   * behind those who would rather wait.
   */
  next(canServe: CanServe<Entry>, now: Millis): Entry | undefined;
  /** The cost that will be served before a newcomer, among the groups that compete with it for hosts. */
  costAhead(newcomer: Arrival, competes: Competes): number;
  entries(): readonly Entry[];
  readonly size: number;
  readonly bodyBytes: number;
}

/** An estimate is no debt: no single request counts for more than a long answer to a long prompt. */
const maxCost = 32_768;

/** The work of a request in tokens written; five read are as one written. */
export const requestCost = (tokens: { readonly input: number; readonly output: number }): number =>
  0.2 * tokens.input + tokens.output;

/** So many may prefer to wait before a free slot is held to be wanted by nobody. */
const maxPassed = 32;

const turnOf = ({ queuedAt, slackMs = 0 }: Arrival): Millis => queuedAt + slackMs;

interface Placed<Entry> extends Node<Entry> {
  readonly queueClass: QueueClass;
}

/** An empty queue; `shares` is asked whenever one counts, so that new settings hold at once. */
export const createFairQueue = <Entry extends QueueEntry>(shares: () => QueueShares): FairQueue<Entry> => {
  const weightOf = (queueClass: QueueClass): number =>
    queueClass === 'interactive' ? shares().interactiveShare : 1;
  const placesOf = (maxRequests: number): number => Math.max(1, Math.floor(maxRequests * shares().keyShare));
  const rounds: Readonly<Record<QueueClass, DeficitRounds<Entry>>> = {
    interactive: createDeficitRounds(),
    batch: createDeficitRounds(),
  };
  /** Work done per class over its weight: the class that has had less goes first. */
  const served: Record<QueueClass, number> = { interactive: 0, batch: 0 };
  const nodes = new Map<string, Placed<Entry>>();
  const batch = new Set<Placed<Entry>>();
  const holdings = createQueueHoldings();
  let arrivals = 0;
  let nextAgeingAt = Infinity;

  const forget = (node: Placed<Entry>): void => {
    nodes.delete(node.entry.id);
    batch.delete(node);
    holdings.delete(node.entry);
  };

  const place = (node: Placed<Entry>): void => {
    nodes.set(node.entry.id, node);
    rounds[node.queueClass].add(node);
    if (node.queueClass !== 'batch') return;
    batch.add(node);
    nextAgeingAt = Math.min(nextAgeingAt, node.since + ageingMs);
  };

  const admit = (entry: Entry): void => {
    arrivals += 1;
    const cost = entry.cost > 1 ? Math.min(entry.cost, maxCost) : 1;
    holdings.add(entry);
    const { queuedAt, queueClass } = entry;
    place({ entry, cost, order: arrivals, turnAt: turnOf(entry), since: queuedAt, queueClass });
  };

  const age = (now: Millis): void => {
    if (now < nextAgeingAt) return;
    nextAgeingAt = Infinity;
    for (const node of batch) {
      const dueAt = node.since + ageingMs;
      if (dueAt > now) {
        nextAgeingAt = Math.min(nextAgeingAt, dueAt);
        continue;
      }
      rounds.batch.remove(node);
      batch.delete(node);
      place({ ...node, since: dueAt, queueClass: 'interactive' });
    }
  };

  /** Whether interactive work is next: the class whose share is used up later by its next request waits. */
  const isFirst = (interactive: Choice<Entry> | undefined, late: Choice<Entry> | undefined): boolean => {
    if (interactive === undefined || late === undefined) return late === undefined;
    const end = served.interactive + interactive.node.cost / weightOf('interactive');
    return end <= served.batch + late.node.cost / weightOf('batch');
  };

  const newestOf = (tenant: string): Placed<Entry> | undefined => {
    let newest: Placed<Entry> | undefined;
    for (const node of nodes.values()) {
      if (node.entry.tenant === tenant && node.entry.failedAttempts === 0) newest = node;
    }
    return newest;
  };

  /** Makes room by turning away the newest of whoever holds more than a share; undefined where nobody does. */
  const displace = (entry: Entry, { maxRequests, maxBodyBytes }: QueueBounds): Entry[] | undefined => {
    const displaced: Placed<Entry>[] = [];
    for (;;) {
      const isFull = nodes.size + 1 > maxRequests;
      if (!isFull && holdings.total.bodyBytes + entry.bodyBytes <= maxBodyBytes) break;
      const tenant = isFull
        ? holdings.biggest('requests', placesOf(maxRequests))
        : holdings.biggest('bodyBytes', maxBodyBytes * shares().keyShare);
      const node = tenant === undefined || tenant === entry.tenant ? undefined : newestOf(tenant);
      if (node === undefined) {
        for (const back of displaced.reverse()) {
          holdings.add(back.entry);
          place(back);
        }
        return undefined;
      }
      rounds[node.queueClass].remove(node);
      forget(node);
      displaced.push(node);
    }
    return displaced.map((node) => node.entry);
  };

  return {
    enqueue: (entry, bounds) => {
      if (nodes.has(entry.id)) return { accepted: false, reason: 'duplicate' };
      if (entry.failedAttempts > 0) {
        admit(entry);
        return { accepted: true, displaced: [] };
      }
      const { maxRequests, maxBodyBytes } = bounds;
      const { requests } = holdings.of(entry.tenant);
      const hasOthers = holdings.tenants > (requests > 0 ? 1 : 0);
      if (hasOthers && requests + 1 > placesOf(maxRequests)) return { accepted: false, reason: 'tenant' };
      if (entry.bodyBytes > maxBodyBytes) return { accepted: false, reason: 'bytes' };
      const isFull = nodes.size + 1 > maxRequests;
      const displaced = displace(entry, bounds);
      if (displaced === undefined) return { accepted: false, reason: isFull ? 'requests' : 'bytes' };
      admit(entry);
      return { accepted: true, displaced };
    },
    remove: (id) => {
      const node = nodes.get(id);
      if (node === undefined) return undefined;
      rounds[node.queueClass].remove(node);
      forget(node);
      return node.entry;
    },
    next: (canServe, now) => {
      if (nodes.size === 0) return undefined;
      age(now);
      const answers = new Map<string, boolean>();
      let passed = 0;
      const ask = (entry: Entry): boolean | 'waits' => {
        if (entry.failedAttempts > 0) return canServe(entry);
        const known = answers.get(entry.group);
        if (known !== undefined) return known;
        const answer = passed < maxPassed && canServe(entry);
        if (answer === 'waits') passed += 1;
        else answers.set(entry.group, answer);
        return answer;
      };
      const interactive = rounds.interactive.choose(ask, now);
      const late = rounds.batch.choose(ask, now);
      // A class that could not be served saves nothing up.
      if (interactive === undefined) served.interactive = Math.max(served.interactive, served.batch);
      if (late === undefined) served.batch = Math.max(served.batch, served.interactive);
      const choice = isFirst(interactive, late) ? interactive : late;
      const node = choice && nodes.get(choice.node.entry.id);
      if (choice === undefined || node === undefined) return undefined;
      served[node.queueClass] += node.cost / weightOf(node.queueClass);
      rounds[node.queueClass].take(choice);
      forget(node);
      return node.entry;
    },
    costAhead: (newcomer, competes) => {
      const ahead = rounds[newcomer.queueClass].costBefore(newcomer, turnOf(newcomer), competes);
      const other: QueueClass = newcomer.queueClass === 'batch' ? 'interactive' : 'batch';
      const ratio = weightOf(other) / weightOf(newcomer.queueClass);
      return ahead + Math.min(rounds[other].cost(competes), (ahead + newcomer.cost) * ratio);
    },
    entries: () => [...nodes.values()].map((node) => node.entry),
    get size() {
      return nodes.size;
    },
    get bodyBytes() {
      return holdings.total.bodyBytes;
    },
  };
};
