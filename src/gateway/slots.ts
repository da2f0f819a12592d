/**
 * Slots on hosts: a request takes one at once where one is free, else it waits in line and is bound to a host when one
 * gets free. Shell state around the pure planner.
 */

import type { Ahead, Awaited } from '../core/awaited-hosts.ts';
import type { Ask, Candidate } from '../core/candidate.ts';
import { noteRound, type Round } from '../core/decision.ts';
import { pairStarted, ticketOf } from '../core/health.ts';
import { lastResort } from '../core/last-resort.ts';
import { addWork } from '../core/load-share.ts';
import { passingButHealth, plan } from '../core/plan.ts';
import { serviceMs } from '../core/rates.ts';
import { awaitedOf, worthWaiting } from '../core/worth-waiting.ts';
import type { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis, Mode } from '../spec/vocabulary.ts';
import { rivalsOf, snapshotOf } from './candidates.ts';
import type { Fleet, Placement } from './fleet.ts';
import { type Host, pairOf } from './host.ts';
import { learnNothing, type Memory } from './learning.ts';
import type { Lease } from './lease.ts';
import type { Look, Seeker } from './look.ts';
import { healthOf } from './pair.ts';
import { noCandidate } from './refusals.ts';
import type { Account } from './settle.ts';
import type { Resolved } from './stages.ts';
import { createWaitingLine } from './waiting-line.ts';

export interface Slots {
  /** A slot, at once where one is free; throws or rejects with the reason none can be had. */
  acquire(resolved: Resolved, account: Account): Lease | Promise<Lease>;
  /** What would be decided now; nothing is taken and nothing sent. */
  look(resolved: Resolved): Round;
  /** Gives a slot back and hands it on; works once. */
  release(lease: Lease, now?: Millis): void;
  /** Hands free slots to those who wait; called when a host got able to take work, and now and then. */
  wake(): void;
  /** Turns away everyone who waits. */
  refuseAll(error: GatewayError): void;
  waiting(): number;
  waitingFor(host: Host): number;
}

export interface SlotDeps {
  readonly fleet: Fleet;
  readonly ports: Ports;
  readonly settings: () => GatewaySettings;
  readonly mode: () => Mode;
  readonly memory: Memory;
  /** How many instances share the trials of last resort. */
  readonly instances: () => number;
}

const noPlacements: readonly Placement[] = [];

/** One slot table and one line before it, over the whole fleet. */
export const createSlots = ({ fleet, ports, settings, mode, memory, instances }: SlotDeps): Slots => {
  const { clock } = ports;

  /** As asked at arrival, but for what changed since: where it failed, and the mode. */
  const askNow = ({ ask }: Resolved, account: Account | undefined): Ask => {
    const failed = account?.failedAttempts.length ?? 0;
    if (failed === ask.tried.length && ask.mode === mode()) return ask;
    const tried = account?.failedAttempts.map(({ backend }) => backend) ?? ask.tried;
    return { ...ask, mode: mode(), tried };
  };

  /** The hosts as they are now: one that waited may have seen others. */
  const lookAt = ({ policy, chain }: Resolved, ask: Ask, now: Millis): Look => {
    const served = fleet.served(ask.model);
    const seed = served === undefined ? 0 : (served.turn + 1) >>> 0;
    const snapshot = snapshotOf(served?.placements ?? noPlacements, ask, chain, memory, now);
    return {
      ask,
      snapshot,
      plan: plan(ask, snapshot, policy, seed),
      policy: policy.name,
      seed,
      served,
      chosen: undefined,
    };
  };

  /** Takes a slot of the candidate's host; whatever tells others of it happens in the same step. */
  const take = (round: Look, candidate: Candidate, { chain }: Resolved, since: Millis): Lease | undefined => {
    const { ask, snapshot, plan: decided, seed, served } = round;
    const { now, candidates } = snapshot;
    const host = fleet.host(candidate.backend);
    if (host === undefined) return undefined;
    round.chosen = candidate.backend;
    if (served !== undefined) served.turn = seed;
    const pair = pairOf(host, candidate.upstream);
    host.inflight += 1;
    pair.inflight += 1;
    if (candidate.residency.state === 'cold') pair.loadingSince ??= now;
    if (pair.health.breaker.state !== 'closed') pair.health = pairStarted(healthOf(pair));
    const isChoice = candidates.length > 1;
    const inputTokens = Math.max(0, ask.inputTokens - candidate.prefixHitTokens);
    const heldMs = serviceMs(pair.rates, { inputTokens, outputTokens: ask.outputTokens }, host.inflight);
    host.heldMs += heldMs;
    if (isChoice) addWork(memory.load, candidate.backend, { serviceMs: heldMs, slots: host.slots }, now);
    return {
      host,
      pair,
      upstream: candidate.upstream,
      ask,
      candidate,
      rivals:
        isChoice && (chain !== undefined || ask.sessionKey !== undefined) ? rivalsOf(snapshot) : undefined,
      chain,
      why: decided.attempts.length === 0 ? 'last resort: all hosts rest' : decided.why,
      queueMs: now - since,
      heldMs,
      onlyOne: decided.attempts.length + decided.full.length <= 1,
      startedAt: now,
      readyAt: undefined,
      ticket: ticketOf(pair.health),
      together: host.inflight,
      held: true,
      told: false,
      firstContentAt: undefined,
      endedAt: now,
      whole: false,
      usage: undefined,
      pieces: 0,
      expectedMs: undefined,
    };
  };

  /** The slot of the best candidate, or of the one that is tried although all rest. */
  const bind = (round: Look, seeker: Seeker, since: Millis): Lease | undefined => {
    const { resolved, account } = seeker;
    const { plan: decided, snapshot, ask, served } = round;
    const { policy } = resolved;
    let chosen = decided.attempts[0]?.candidate;
    if (chosen === undefined && decided.full.length === 0 && served !== undefined) {
      const passing = passingButHealth(ask, snapshot, policy);
      const trial = lastResort(served.lastResort, ask, passing, snapshot.now, instances());
      if (trial !== undefined) served.lastResort = trial.state;
      chosen = trial?.candidate;
    }
    const lease = chosen && take(round, chosen, resolved, since);
    if (account.record !== undefined) noteRound(account.record, round);
    return lease;
  };

  const rather = ({ ask, plan: decided, snapshot: { now } }: Round, ahead: Ahead): Awaited | undefined => {
    const candidate = decided.full.length === 0 ? undefined : worthWaiting(ask, decided, now, ahead);
    return candidate && awaitedOf(ask, candidate, now);
  };

  const refusal = ({ ask, plan: decided, snapshot }: Round): GatewayError =>
    noCandidate(ask, decided, fleet, snapshot.now, settings());

  const line = createWaitingLine({
    fleet,
    ports,
    settings,
    lookAt: ({ resolved, account }, now) => lookAt(resolved, askNow(resolved, account), now),
    rather,
    bind,
    refusal,
  });

  const release = (lease: Lease, now = clock.now()): void => {
    if (!lease.held) return;
    lease.held = false;
    learnNothing(lease);
    const { host, pair, candidate } = lease;
    host.inflight -= 1;
    pair.inflight -= 1;
    host.heldMs = host.inflight === 0 ? 0 : host.heldMs - lease.heldMs;
    if (pair.inflight === 0 && host.loading === undefined) pair.loadingSince = undefined;
    if (lease.rivals === undefined) host.untoldMs += now - lease.startedAt;
    if (line.size() > 0) line.handOut(candidate.backend);
  };

  return {
    acquire: (resolved, account) => {
      const now = clock.now();
      const round = lookAt(resolved, askNow(resolved, account), now);
      const { attempts, full } = round.plan;
      const seeker: Seeker = { resolved, account };
      if (attempts.length > 0 ? rather(round, line.ahead) === undefined : full.length === 0) {
        const lease = bind(round, seeker, now);
        if (lease === undefined) throw refusal(round);
        return lease;
      }
      if (account.record !== undefined) noteRound(account.record, round);
      return line.enter(seeker, round);
    },
    look: (resolved) => lookAt(resolved, askNow(resolved, undefined), clock.now()),
    release,
    wake: () => {
      if (line.size() > 0) line.handOut(undefined);
    },
    refuseAll: line.refuseAll,
    waiting: line.size,
    waitingFor: line.sizeFor,
  };
};
