/**
 * Those who wait for a slot, in fair order: by class, and between keys by the work they ask for. Who could not be served
 * in time is told so at once. Shell around the pure queue.
 */

import { admit, retryAfterSeconds } from '../core/admission.ts';
import { type Ahead, type Awaited, createAwaitedHosts } from '../core/awaited-hosts.ts';
import type { Round } from '../core/decision.ts';
import { writesTokens } from '../core/estimate.ts';
import { createFairQueue, type QueueEntry, requestCost } from '../core/fair-queue.ts';
import { outlookOf } from '../core/queue-outlook.ts';
import { type QueueWork, slackOf, workOf } from '../core/queue-work.ts';
import { awaitedOf } from '../core/worth-waiting.ts';
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
  /** Counts up with those who come. */
  readonly number: number;
  readonly work: QueueWork;
  readonly seeker: Seeker;
  readonly take: (lease: Lease) => void;
  readonly refuse: (error: GatewayError) => void;
}

type Entering = Omit<Waiting, 'take' | 'refuse'>;

export interface WaitingLine {
  /** Waits for a slot; throws or rejects where that would be in vain. */
  enter(seeker: Seeker, round: Round): Promise<Lease>;
  /** Gives free slots to those whose turn it is: those of one host, or all. */
  handOut(freed: BackendId | undefined): void;
  refuseAll(error: GatewayError): void;
  size(): number;
  /** How many would have the next slots of a host. */
  readonly ahead: Ahead;
  sizeFor(host: Host): number;
}

export interface LineDeps {
  readonly fleet: Fleet;
  readonly ports: Ports;
  readonly settings: () => GatewaySettings;
  /** Plans anew. */
  readonly lookAt: (seeker: Seeker, now: Millis) => Look;
  /** The full host it should wait for although another one is free. */
  readonly rather: (round: Round, ahead: Ahead) => Awaited | undefined;
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

/** Nobody waits. */
export const createWaitingLine = (deps: LineDeps): WaitingLine => {
  const { fleet, ports, settings, lookAt, bind } = deps;
  const { clock, random } = ports;
  const queue = createFairQueue<Waiting>(() => settings().queue);
  let entries = 0;
  const awaited = createAwaitedHosts();

  const retryAfterMs = (predictedMs: Millis): Millis => retryAfterSeconds(predictedMs, random()) * 1000;

  const hasPlace = ({ resolved }: Seeker, backend: BackendId): boolean =>
    fleet.placements(resolved.ask.model).some(({ host }) => host.backend.options.id === backend);

  /** Those who wait for some of the same hosts. */
  const competitors = ({ resolved }: Seeker): readonly Waiting[] => {
    const own = fleet.placements(resolved.ask.model).map(({ host }) => host.backend.options.id);
    const competes = new Map<string, boolean>();
    return queue.entries().filter(({ group, seeker }) => {
      const known = competes.get(group) ?? own.some((backend) => hasPlace(seeker, backend));
      competes.set(group, known);
      return known;
    });
  };

  /** The full host it waits for; undefined where it can have a slot now. */
  const hostFor = (round: Round, ahead: Ahead): Awaited | undefined => {
    const { ask, plan, snapshot } = round;
    if (plan.attempts.length > 0) return deps.rather(round, ahead);
    const first = plan.full[0]?.candidate;
    return first && awaitedOf(ask, first, snapshot.now);
  };

  const wait = (
    round: Round,
    entry: Entering,
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
        awaited.note(entry.number, undefined);
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
      awaited.note(entry.number, hostFor(round, awaited.all));
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
    const work = workOf(ask, plan, now);
    const entry = {
      id: `${entries}`,
      number: entries,
      tenant: principal.name,
      group: groupOf(seeker),
      cost: requestCost({
        input: ask.inputTokens,
        output: writesTokens(ask.operation) ? ask.outputTokens : 0,
      }),
      failedAttempts: ask.tried.length,
      queueClass: principal.queueClass ?? 'interactive',
      bodyBytes: bytes.length,
      queuedAt: now,
      slackMs: slackOf(work, plan),
      work,
      seeker,
    } as const;
    const { maxWaitMs, maxBatchWaitMs } = settings().queue;
    const facts = {
      ...outlookOf(entry, competitors(seeker), (isIn) => queue.costAhead(entry, isIn)),
      queueClass: entry.queueClass,
      maxWaitMs: { interactive: maxWaitMs, batch: maxBatchWaitMs },
      deadlineAt: ask.deadlineAt,
    };
    const admission = admit(facts, now);
    const refused = (what: string): GatewayError =>
      queueFull(plan.full, what, retryAfterMs(admission.predictedMs));
    // What is only assumed of hosts turns nobody away: they may be ten times as fast.
    if (!admission.admitted && work.measured) {
      throw refused(
        admission.reason === 'deadline'
          ? 'the answer would come after its deadline'
          : 'the wait would be too long',
      );
    }
    const patienceMs = entry.queueClass === 'batch' ? maxBatchWaitMs : maxWaitMs;
    const startBy = admission.admitted ? admission.startBy : now + patienceMs;
    return wait(round, entry, startBy, now, refused);
  };

  const isServable = (waiting: Waiting, freed: BackendId | undefined, now: Millis): boolean | 'waits' => {
    const { seeker, number } = waiting;
    if (freed !== undefined && !hasPlace(seeker, freed)) return false;
    const round = lookAt(seeker, now);
    const host = hostFor(round, awaited.before(number));
    if (host === undefined) return true;
    awaited.note(number, host);
    return round.plan.attempts.length > 0 ? 'waits' : false;
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
    ahead: awaited.all,
    sizeFor: (host) => {
      const { id } = host.backend.options;
      let count = 0;
      for (const { seeker } of queue.entries()) if (hasPlace(seeker, id)) count += 1;
      return count;
    },
  };
};
