/** Stage 4 and 5: plan, take a slot, call a host, and go on to the next until one gives content. Shell. */

import type { Ask } from '../core/candidate.ts';
import { hostAnswered, hostFailed, pairAbsent, pairBusy, pairFailed, pairSucceeded } from '../core/health.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Departure } from './departure.ts';
import type { Discovery } from './discovery.ts';
import { type Failure, mayFailOver } from './failure.ts';
import { finalError, plainText, safeText } from './final-error.ts';
import type { Fleet } from './fleet.ts';
import { type Host, pairOf } from './host.ts';
import { type Opened, openAttempt } from './open-attempt.ts';
import { departed, unknownModel } from './refusals.ts';
import type { Account } from './settle.ts';
import type { Slots } from './slots.ts';
import type { Resolved } from './stages.ts';

export interface DispatchDeps {
  readonly fleet: Fleet;
  readonly slots: Slots;
  readonly discovery: Discovery;
  readonly ports: Ports;
  readonly settings: () => GatewaySettings;
}

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

/** Whether the model is known; an unknown name is waited for only until every host was looked at once. */
const known = (resolved: Resolved, { fleet, discovery }: DispatchDeps): true | Promise<void> => {
  const { ask } = resolved;
  if (fleet.placements(ask.model).length > 0) return true;
  const demand = (): void => {
    const anyUp = fleet.hosts().some(({ health }) => health.state === 'up');
    if (anyUp && fleet.placements(ask.model).length === 0) throw unknownModel(ask, fleet);
  };
  if (!fleet.settled()) return discovery.settled().then(demand);
  demand();
  return true;
};

const throwIfLeft = ({ reason }: Departure): void => {
  if (reason !== undefined) throw departed(reason);
};

const asked = ({ ask }: Resolved, { failedAttempts }: Account): Ask =>
  failedAttempts.length === 0 ? ask : { ...ask, tried: failedAttempts.map(({ backend }) => backend) };

/** Resolves with the first attempt that gave content; rejects with the one error the client is told. */
export const dispatch = async (resolved: Resolved, account: Account, deps: DispatchDeps): Promise<Opened> => {
  const { ports, slots } = deps;
  const { received } = resolved;
  const { maxAttempts, timeouts, probe } = deps.settings();
  for (let attemptNumber = 1; ; attemptNumber += 1) {
    throwIfLeft(received.departure);
    const isKnown = known(resolved, deps);
    if (isKnown !== true) await isKnown;
    const free = slots.acquire(asked(resolved, account), received);
    // Waiting one turn of the loop for what is there already would cost as much as the plan did.
    const lease = free instanceof Promise ? await free : free;
    account.queueMs += lease.queueMs;
    account.lease = lease;
    account.why = lease.why;
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
      slots.release(lease);
      throw error;
    }
    learnFailure(lease.host, lease.upstream, failure, deps);
    slots.release(lease);
    account.lease = undefined;
    account.failedAttempts.push({
      backend: lease.host.backend.options.id,
      class: failure.class,
      reason: safeText(failure),
      afterMs: ports.clock.now() - lease.startedAt,
    });
    throwIfLeft(received.departure);
    if (!mayFailOver(failure) || lastChance) throw finalError(failure, account.failedAttempts);
  }
};
