/** Stage 4 and 5: plan, take a slot, call a host, and go on to the next until one gives content. Shell. */

import { hostAnswered, hostFailed, pairAbsent, pairBusy, pairFailed, pairSucceeded } from '../core/health.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { type Opened, openAttempt } from './attempt.ts';
import type { Departure } from './departure.ts';
import type { Discovery } from './discovery.ts';
import { type Failure, mayFailOver, type ToldAttempt } from './failure.ts';
import { finalError, plainText, safeText } from './final-error.ts';
import type { Fleet } from './fleet.ts';
import { type Host, pairOf } from './host.ts';
import { departed, unknownModel } from './refusals.ts';
import type { Lease, Slots } from './slots.ts';
import type { Resolved } from './stages.ts';

export interface DispatchDeps {
  readonly fleet: Fleet;
  readonly slots: Slots;
  readonly discovery: Discovery;
  readonly ports: Ports;
  readonly settings: () => GatewaySettings;
}

/** What the attempts of one request came to; filled as they happen, so that a refusal can be told with it. */
export interface Journey {
  readonly failedAttempts: ToldAttempt[];
  queueMs: Millis;
  /** The host that is asked, or serves; none after one failed. */
  lease: Lease | undefined;
  why: string;
}

export const newJourney = (): Journey => ({ failedAttempts: [], queueMs: 0, lease: undefined, why: '' });

/** Writes down what a failure says of the host and the pair; what the client or the fleet caused counts for nothing. */
export const learnFailure = (host: Host, upstream: string, failure: Failure, deps: DispatchDeps): void => {
  const { counts, scope, flag } = failure.consequence;
  const now = deps.ports.clock.now();
  const pair = pairOf(host, upstream);
  const reason = plainText(failure);
  if (scope === 'host' && counts > 0) {
    host.health = hostFailed(host.health, reason);
    void deps.discovery.look(host);
  }
  if (flag === 'absent') {
    host.pairs.set(upstream, pairAbsent(pair, now));
    void deps.discovery.look(host);
  } else if (flag === 'busy') host.pairs.set(upstream, pairBusy(pair, now));
  else if (counts > 0) {
    host.pairs.set(upstream, pairFailed(pair, { weight: counts, reason }, deps.settings().breaker, now));
  }
};

/** A host that gave content is up, whatever a probe said. */
export const learnSuccess = (host: Host, upstream: string): void => {
  host.health = hostAnswered(host.health);
  const pair = host.pairs.get(upstream);
  if (pair !== undefined) host.pairs.set(upstream, pairSucceeded(pair));
};

const acquire = async (resolved: Resolved, journey: Journey, deps: DispatchDeps): Promise<Lease> => {
  const { received, ask } = resolved;
  const { departure } = received;
  if (deps.fleet.placements(ask.model).length === 0) {
    if (!deps.fleet.settled()) await deps.discovery.settled();
    const anyUp = deps.fleet.hosts().some(({ health }) => health.state === 'up');
    if (anyUp && deps.fleet.placements(ask.model).length === 0) throw unknownModel(ask, deps.fleet);
  }
  const tried = journey.failedAttempts.map(({ backend }) => backend);
  const wanted = { ask: { ...ask, tried }, bodyBytes: received.bytes.length, departure };
  const lease = await deps.slots.acquire(wanted);
  journey.queueMs += lease.queueMs;
  journey.lease = lease;
  journey.why = lease.why;
  return lease;
};

const throwIfLeft = (departure: Departure): void => {
  const why = departure.why();
  if (why !== undefined) throw departed(why);
};

/** Resolves with the first attempt that gave content; rejects with the one error the client is told. */
export const dispatch = async (resolved: Resolved, journey: Journey, deps: DispatchDeps): Promise<Opened> => {
  const { ports, settings } = deps;
  const { departure } = resolved.received;
  const { maxAttempts, timeouts, probe } = settings();
  for (let attemptNumber = 1; ; attemptNumber += 1) {
    throwIfLeft(departure);
    const lease = await acquire(resolved, journey, deps);
    const startedAt = ports.clock.now();
    const lastChance = lease.onlyOne || attemptNumber >= maxAttempts;
    let failure: Failure;
    try {
      const context = { resolved, lease, ports, timeouts, probeTimeoutMs: probe.timeoutMs, lastChance };
      const result = await openAttempt(context);
      if (result.kind !== 'failed') {
        learnSuccess(lease.host, lease.upstream);
        return result;
      }
      failure = result.failure;
    } catch (error) {
      lease.release();
      throw error;
    }
    learnFailure(lease.host, lease.upstream, failure, deps);
    lease.release();
    journey.lease = undefined;
    journey.failedAttempts.push({
      backend: lease.host.backend.options.id,
      class: failure.class,
      reason: safeText(failure),
      afterMs: ports.clock.now() - startedAt,
    });
    throwIfLeft(departure);
    if (!mayFailOver(failure) || lastChance) throw finalError(failure, journey.failedAttempts);
  }
};
