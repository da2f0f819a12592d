/**
 * Those who wait for a slot, in fair order: by class, and between keys by the work they ask for. Who could not be served
 * in time is told so at once. Shell around the pure queue.
 */

import { admit, retryAfterSeconds } from '../core/admission.ts';
import type { Candidate } from '../core/candidate.ts';
import type { Round } from '../core/decision.ts';
import { createFairQueue, type QueueEntry, requestCost } from '../core/fair-queue.ts';
import { decodeRate } from '../core/rates.ts';
import type { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { BackendId, Millis } from '../spec/vocabulary.ts';
import { whenLeft } from './departure.ts';
import type { Fleet } from './fleet.ts';
import type { Host } from './host.ts';
import type { Lease } from './lease.ts';
import type { Look, Seeker } from './look.ts';
import { departed, queueFull } from './refusals.ts';

interface Waiting extends QueueEntry {
  readonly seeker: Seeker;
  readonly take: (lease: Lease) => void;
  readonly refuse: (error: GatewayError) => void;
}

export interface WaitingLine {
  /** Waits for a slot; throws or rejects where that would be in vain. */
  enter(seeker: Seeker, round: Round): Promise<Lease>;
  /** Gives free slots to those whose turn it is: those of one host, or all. */
  handOut(freed: BackendId | undefined): void;
  refuseAll(error: GatewayError): void;
  size(): number;
  sizeFor(host: Host): number;
}

export interface LineDeps {
  readonly fleet: Fleet;
  readonly ports: Ports;
  readonly settings: () => GatewaySettings;
  /** Plans anew. */
  readonly lookAt: (seeker: Seeker, now: Millis) => Look;
  readonly isWorthWaiting: (round: Round, ahead: number) => boolean;
  /** Takes a slot where the round found one. */
  readonly bind: (round: Look, seeker: Seeker, since: Millis) => Lease | undefined;
  /** Why nobody can serve it. */
  readonly refusal: (round: Round, seeker: Seeker) => GatewayError;
}

/** Whoever can be served by the same hosts is one group. */
const groupOf = ({ resolved, account }: Seeker): string => {
  const { ask, policy } = resolved;
  const { model, operation, localOnly, contextTokens, intent, deadlineAt } = ask;
  const isAlone = deadlineAt !== undefined || ask.auto !== undefined || ask.constraints !== undefined;
  const own = isAlone ? account.received.requestId : '';
  return `${model}\n${policy.name}\n${operation}\n${localOnly}\n${contextTokens}\n${intent}\n${ask.needs}\n${own}`;
};

/** Tokens a second of a host with all its slots at work. */
const costPerSecond = ({ rates, slots }: Candidate): number => slots * decodeRate(rates, slots);

/** Nobody waits. */
export const createWaitingLine = (deps: LineDeps): WaitingLine => {
  const { fleet, ports, settings, lookAt, bind } = deps;
  const { clock, random } = ports;
  const queue = createFairQueue<Waiting>(() => settings().queue);
  let entries = 0;

  const retryAfterMs = (predictedMs: Millis): Millis => retryAfterSeconds(predictedMs, random()) * 1000;

  const hasPlace = ({ resolved }: Seeker, backend: BackendId): boolean =>
    fleet.placements(resolved.ask.model).some(({ host }) => host.backend.options.id === backend);

  /** Which groups wait for some of the same hosts. */
  const competitors = ({ resolved }: Seeker): ((group: string) => boolean) => {
    const groups = new Set<string>();
    const own = fleet.placements(resolved.ask.model).map(({ host }) => host.backend.options.id);
    for (const { group, seeker } of queue.entries()) {
      if (!groups.has(group) && own.some((backend) => hasPlace(seeker, backend))) groups.add(group);
    }
    return (group) => groups.has(group);
  };

  /** What is ahead of a newcomer, and how fast that is worked off, by what was measured of the hosts. */
  const outlook = (seeker: Seeker, entry: Omit<Waiting, 'take' | 'refuse'>, { plan }: Round) => {
    let rate = 0;
    let running = 0;
    let measured = true;
    for (const { candidate } of plan.full) {
      rate += costPerSecond(candidate);
      // Those that run are half done on average.
      running += (candidate.inflight * entry.cost) / 2;
      measured &&= candidate.rates.samples > 0;
    }
    const costAhead = queue.costAhead(entry, competitors(seeker)) + running;
    return { costAhead, costPerSecond: rate, measured };
  };

  const wait = (
    entry: Omit<Waiting, 'take' | 'refuse'>,
    startBy: Millis,
    now: Millis,
    refused: (what: string) => GatewayError,
  ): Promise<Lease> =>
    new Promise((resolve, reject) => {
      const { departure } = entry.seeker.resolved.received;
      const end = (): void => {
        queue.remove(entry.id);
        cancel();
        whenLeft(departure, undefined);
      };
      const waiting: Waiting = {
        ...entry,
        take: (lease) => {
          end();
          resolve(lease);
        },
        refuse: (error) => {
          end();
          reject(error);
        },
      };
      const enqueued = queue.enqueue(waiting, settings().queue);
      if (!enqueued.accepted) {
        reject(
          refused(enqueued.reason === 'tenant' ? 'this key has its share of the queue' : 'the queue is full'),
        );
        return;
      }
      for (const other of enqueued.displaced) other.refuse(refused('its place went to another key'));
      const cancel = clock.after(startBy - now, () => waiting.refuse(refused('no slot became free in time')));
      whenLeft(departure, (why) => waiting.refuse(departed(why)));
    });

  const enter = (seeker: Seeker, round: Round): Promise<Lease> => {
    const { received } = seeker.resolved;
    const { principal, bytes } = received;
    const { ask, plan, snapshot } = round;
    const { now } = snapshot;
    entries += 1;
    const entry = {
      id: `${entries}`,
      tenant: principal.name,
      group: groupOf(seeker),
      cost: requestCost({ input: ask.inputTokens, output: ask.operation === 'embed' ? 0 : ask.outputTokens }),
      failedAttempts: ask.tried.length,
      queueClass: principal.queueClass ?? 'interactive',
      bodyBytes: bytes.length,
      queuedAt: now,
      seeker,
    } as const;
    const { maxWaitMs, maxBatchWaitMs } = settings().queue;
    const { measured, ...ahead } = outlook(seeker, entry, round);
    const facts = {
      ...ahead,
      queueClass: entry.queueClass,
      maxWaitMs: { interactive: maxWaitMs, batch: maxBatchWaitMs },
      deadlineAt: ask.deadlineAt,
    };
    const admission = admit(facts, now);
    const refused = (what: string): GatewayError =>
      queueFull(plan.full, what, retryAfterMs(admission.predictedMs));
    // What is only assumed of hosts turns nobody away: they may be ten times as fast.
    if (!admission.admitted && measured) {
      throw refused(
        admission.reason === 'deadline'
          ? 'the answer would come after its deadline'
          : 'the wait would be too long',
      );
    }
    const patienceMs = entry.queueClass === 'batch' ? maxBatchWaitMs : maxWaitMs;
    const startBy = admission.admitted ? admission.startBy : now + patienceMs;
    return wait(entry, startBy, now, refused);
  };

  const isServable = ({ seeker }: Waiting, freed: BackendId | undefined, now: Millis): boolean => {
    if (freed !== undefined && !hasPlace(seeker, freed)) return false;
    const round = lookAt(seeker, now);
    const { attempts, full } = round.plan;
    return attempts.length > 0 ? !deps.isWorthWaiting(round, 0) : full.length === 0;
  };

  const serve = (waiting: Waiting, now: Millis): void => {
    const round = lookAt(waiting.seeker, now);
    if (round.plan.attempts.length === 0 && round.plan.full.length > 0) {
      // One of its group could have been served, this one not: it stays.
      held.push(waiting);
      return;
    }
    const lease = bind(round, waiting.seeker, waiting.queuedAt);
    if (lease !== undefined) waiting.take(lease);
    else waiting.refuse(deps.refusal(round, waiting.seeker));
  };

  const held: Waiting[] = [];
  const everybody = { maxRequests: Infinity, maxBodyBytes: Infinity };

  return {
    enter,
    handOut: (freed) => {
      const now = clock.now();
      for (;;) {
        const waiting = queue.next((entry) => isServable(entry, freed, now), now);
        if (waiting === undefined) break;
        serve(waiting, now);
      }
      for (const waiting of held.splice(0)) queue.enqueue(waiting, everybody);
    },
    refuseAll: (error) => {
      for (const waiting of queue.entries()) waiting.refuse(error);
    },
    size: () => queue.size,
    sizeFor: (host) => {
      const { id } = host.backend.options;
      let count = 0;
      for (const { seeker } of queue.entries()) if (hasPlace(seeker, id)) count += 1;
      return count;
    },
  };
};
