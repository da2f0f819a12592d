/**
 * Slots and the queue before them: a request binds to a host when a slot is free there, in order of arrival.
 * Shell state around the pure planner.
 */

import type { Ask } from '../core/candidate.ts';
import { type Plan, plan } from '../core/plan.ts';
import { isPolicyName, policies } from '../core/policies.ts';
import type { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { whenLeft } from './departure.ts';
import type { Fleet } from './fleet.ts';
import type { Host } from './host.ts';
import { departed, noCandidate, queueFull } from './refusals.ts';
import type { Received } from './stages.ts';

/** A slot on a host, held until it is released. */
export interface Lease {
  readonly host: Host;
  readonly upstream: string;
  readonly why: string;
  readonly queueMs: Millis;
  /** No other host could take the request now, so that giving up on this one would end it. */
  readonly onlyOne: boolean;
  readonly startedAt: Millis;
  held: boolean;
}

interface Waiting {
  readonly ask: Ask;
  readonly bodyBytes: number;
  readonly since: Millis;
  readonly take: (lease: Lease) => void;
  readonly refuse: (error: GatewayError) => void;
}

export interface Slots {
  /** A slot, at once where one is free; throws or rejects with the reason none can be had. */
  acquire(ask: Ask, received: Received): Lease | Promise<Lease>;
  /** Gives a slot back and hands it on; works once. */
  release(lease: Lease, now?: Millis): void;
  /** Hands free slots to those who wait; called when a host got able to take work. */
  wake(): void;
  /** Turns away everyone who waits. */
  refuseAll(error: GatewayError): void;
  waiting(): number;
  waitingFor(host: Host): number;
}

/** One slot table and one queue over the whole fleet. */
export const createSlots = (fleet: Fleet, ports: Ports, settings: () => GatewaySettings): Slots => {
  const { clock, random } = ports;
  /** In order of arrival: a Set keeps it and removes in constant time. */
  const queue = new Set<Waiting>();
  let queuedBytes = 0;
  /** The seed of each decision: instances begin apart, and equals get their turn. */
  let turn = Math.floor(random() * 4294967296);

  const decide = (ask: Ask, now: Millis): Plan => {
    const { strategy } = settings();
    const policy = policies[isPolicyName(strategy) ? strategy : 'priority'];
    turn = (turn + 1) >>> 0;
    return plan(ask, fleet.snapshot(ask.model, now), policy, turn);
  };

  const leaseFrom = (decided: Plan, now: Millis, queueMs: Millis): Lease | undefined => {
    const candidate = decided.attempts[0]?.candidate;
    const host = candidate && fleet.host(candidate.backend);
    if (candidate === undefined || host === undefined) return undefined;
    host.inflight += 1;
    return {
      host,
      upstream: candidate.upstream,
      why: decided.why,
      queueMs,
      onlyOne: decided.attempts.length + decided.full.length === 1,
      startedAt: now,
      held: true,
    };
  };

  const release = (lease: Lease, now = clock.now()): void => {
    if (!lease.held) return;
    lease.held = false;
    const { host } = lease;
    host.inflight -= 1;
    const servedMs = now - lease.startedAt;
    host.meanServiceMs = host.meanServiceMs === 0 ? servedMs : host.meanServiceMs * 0.9 + servedMs * 0.1;
    if (queue.size > 0) handOut(host);
  };

  const leaves = (waiting: Waiting): void => {
    if (!queue.delete(waiting)) return;
    queuedBytes -= waiting.bodyBytes;
  };

  /** Gives a host's free slots to the first in line that can use them; all hosts when none is named. */
  const handOut = (freed?: Host): void => {
    for (const waiting of queue) {
      if (freed !== undefined && freed.inflight >= freed.slots) return;
      const { ask } = waiting;
      if (freed !== undefined && !fleet.placements(ask.model).some(({ host }) => host === freed)) continue;
      const now = clock.now();
      const decided = decide(ask, now);
      const lease = leaseFrom(decided, now, now - waiting.since);
      if (lease !== undefined) waiting.take(lease);
      else if (decided.full.length === 0) waiting.refuse(noCandidate(ask, decided, fleet, now, settings()));
    }
  };

  const enqueue = (ask: Ask, { departure, bytes }: Received): Promise<Lease> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        leaves(waiting);
        cancel();
        whenLeft(departure, undefined);
      };
      const waiting: Waiting = {
        ask,
        bodyBytes: bytes.length,
        since: clock.now(),
        take: (lease) => {
          end();
          resolve(lease);
        },
        refuse: (error) => {
          end();
          reject(error);
        },
      };
      const cancel = clock.after(settings().queue.maxWaitMs, () =>
        waiting.refuse(queueFull(ask, 'no slot became free in time', fleet, queue.size)),
      );
      queue.add(waiting);
      queuedBytes += waiting.bodyBytes;
      whenLeft(departure, (why) => waiting.refuse(departed(why)));
    });

  return {
    acquire: (ask, received) => {
      const now = clock.now();
      const decided = decide(ask, now);
      const lease = leaseFrom(decided, now, 0);
      if (lease !== undefined) return lease;
      if (decided.full.length === 0) throw noCandidate(ask, decided, fleet, now, settings());
      const { maxRequests, maxBodyBytes } = settings().queue;
      if (queue.size >= maxRequests || queuedBytes + received.bytes.length > maxBodyBytes) {
        throw queueFull(ask, 'the queue is full', fleet, queue.size);
      }
      return enqueue(ask, received);
    },
    release,
    wake: () => {
      if (queue.size > 0) handOut();
    },
    refuseAll: (error) => {
      for (const waiting of [...queue]) waiting.refuse(error);
    },
    waiting: () => queue.size,
    waitingFor: (host) => {
      let count = 0;
      for (const { ask } of queue)
        if (fleet.placements(ask.model).some((each) => each.host === host)) count += 1;
      return count;
    },
  };
};
