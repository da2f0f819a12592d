/** A world of the decision core alone: hosts that fail by seed, requests that go where the plan says, and what must hold. */

import { isResting } from '../../src/core/breaker.ts';
import type { Candidate, PairHealth } from '../../src/core/candidate.ts';
import {
  healthyPair,
  pairBusy,
  pairCanceled,
  pairFailed,
  pairPinned,
  pairStarted,
  pairSucceeded,
  ticketOf,
} from '../../src/core/health.ts';
import { plan } from '../../src/core/plan.ts';
import { policies, policyNames } from '../../src/core/policies.ts';
import { seededRandom } from '../../src/core/random.ts';
import { ask, candidate } from '../core/candidates.ts';

export interface CoreWorldResult {
  readonly breaches: readonly string[];
  readonly requests: number;
  /** Everything that was decided, as one number. */
  readonly trace: number;
}

interface Host {
  readonly fixed: Candidate;
  /** Of its requests so many fail while it is sick. */
  sickness: number;
  health: PairHealth;
  inflight: number;
}

interface Running {
  readonly id: number;
  readonly host: Host;
  readonly ticket: number;
  readonly isTrial: boolean;
  readonly localOnly: boolean;
  readonly tried: readonly string[];
  readonly endsAt: number;
}

const settings = { failures: 3, openMs: 5000, maxOpenMs: 120_000 };
const maxAttempts = 3;
/** Twice the longest rest and half a minute: by then a host that is well again is asked again. */
const recoveredMs = 2 * settings.maxOpenMs * 1.2 + 30_000;

/** About a hundred requests while hosts fall ill, then a time in which all are well. */
export const runCoreWorld = (seed: number): CoreWorldResult => {
  const random = seededRandom(seed);
  const whole = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const policy = policies[policyNames[whole(0, policyNames.length - 1)] ?? 'expected_finish'];
  const hosts: Host[] = Array.from({ length: whole(1, 5) }, (_, index) => ({
    fixed: candidate({
      backend: `host-${index}`,
      kind: random() < 0.5 ? 'ollama' : 'docker-model-runner',
      lane: (['gpu', 'cpu', 'container'] as const)[whole(0, 2)] ?? 'gpu',
      zone: random() < 0.3 ? 'cloud' : 'local',
      slots: whole(1, 4),
      residency: random() < 0.5 ? { state: 'hot' } : { state: 'cold' },
    }),
    sickness: random() < 0.6 ? random() : 0,
    health: healthyPair,
    inflight: 0,
  }));
  const breaches: string[] = [];
  const running: Running[] = [];
  let now = 0;
  let requests = 0;
  let decisions = 0;
  let trace = seed;

  const breach = (rule: string, text: string): void => {
    if (breaches.length < 10) breaches.push(`${rule} at ${Math.round(now)} ms: ${text}`);
  };

  const send = (id: number, localOnly: boolean, tried: readonly string[]): void => {
    const candidates = hosts.map(({ fixed, health, inflight }) => ({ ...fixed, pair: health, inflight }));
    decisions += 1;
    const { attempts } = plan(ask({ localOnly, tried }), { now, candidates }, policy, decisions);
    const chosen = attempts[0]?.candidate.backend;
    trace = (Math.imul(trace ^ (chosen?.charCodeAt(5) ?? 0), 0x01000193) + Math.round(now)) | 0;
    const host = hosts.find(({ fixed }) => fixed.backend === chosen);
    if (host === undefined) return;
    const { breaker, pin, busyUntil } = host.health;
    const isTrial = isResting(breaker);
    if (localOnly && host.fixed.zone === 'cloud') breach('zone', `${id} left the house`);
    if (tried.includes(host.fixed.backend)) breach('I6', `${id} went to ${chosen} twice`);
    if (isTrial && breaker.state === 'open' && breaker.until > now) breach('I3', `${chosen} is set aside`);
    if (busyUntil > now) breach('I3', `${chosen} is busy`);
    if (pin !== undefined && pin.until > now && host.fixed.residency.state !== 'hot')
      breach('I15', `${chosen} is pinned`);
    if (isTrial && running.some((other) => other.isTrial && other.host === host)) {
      breach('I4', `${chosen} is tried by two`);
    }
    host.health = pairStarted(host.health);
    host.inflight += 1;
    if (host.inflight > host.fixed.slots) breach('I2', `${chosen} has ${host.inflight} in flight`);
    running.push({
      id,
      host,
      ticket: ticketOf(host.health),
      isTrial,
      localOnly,
      tried,
      endsAt: now + 10 + random() ** 3 * 30_000,
    });
  };

  const fail = (host: Host, ticket: number): void => {
    const kind = random();
    if (kind < 0.7) {
      const failure = { ticket, weight: whole(1, 2), reason: 'it failed' };
      host.health = pairFailed(host.health, failure, settings, now, random());
    } else if (kind < 0.85) host.health = pairBusy(pairCanceled(host.health, ticket), now, random());
    else host.health = pairPinned(pairCanceled(host.health, ticket), {}, now);
  };

  const end = ({ id, host, ticket, localOnly, tried }: Running): void => {
    host.inflight -= 1;
    if (host.inflight < 0) breach('I2', `${host.fixed.backend} has ${host.inflight} in flight`);
    const before = host.health.breaker;
    if (random() < 0.1) {
      host.health = pairCanceled(host.health, ticket);
      if (!isResting(before) && isResting(host.health.breaker))
        breach('cancel', `a caller's leaving counted`);
    } else if (random() < host.sickness) {
      fail(host, ticket);
      if (tried.length + 1 < maxAttempts) send(id, localOnly, [...tried, host.fixed.backend]);
    } else host.health = pairSucceeded(host.health, { ticket }, now);
  };

  const endUntil = (limit: number): void => {
    for (;;) {
      const next = running.toSorted((left, right) => left.endsAt - right.endsAt)[0];
      if (next === undefined || next.endsAt > limit) break;
      running.splice(running.indexOf(next), 1);
      now = next.endsAt;
      end(next);
    }
    now = limit;
  };

  for (requests = 0; requests < 100; requests += 1) {
    endUntil(now + -Math.log(1 - random()) * 1500);
    if (random() < 0.05) for (const host of hosts) host.sickness = random() < 0.5 ? random() : 0;
    send(requests, random() < 0.2, []);
  }
  for (const host of hosts) host.sickness = 0;
  endUntil(now + recoveredMs);
  for (const { fixed, health } of hosts) {
    const { breaker } = health;
    if (isResting(breaker) && breaker.state === 'open' && breaker.until > now) {
      breach('I10', `${fixed.backend} is still set aside`);
    }
    if (isResting(breaker) && breaker.probe !== undefined)
      breach('I4', `the trial of ${fixed.backend} never ended`);
  }
  return { breaches, requests, trace };
};
