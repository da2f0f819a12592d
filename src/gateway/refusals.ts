/** The errors of a request that no host was asked for: each names what stands in the way, never an address. */

import type { Relaxation } from '../core/auto/relaxed.ts';
import type { Ask } from '../core/candidate.ts';
import { eligibleAt } from '../core/health.ts';
import { lossOf } from '../core/losses.ts';
import type { Plan, Rejection } from '../core/plan.ts';
import type { Scored } from '../core/policy.ts';
import { GatewayError, type QuotaKind } from '../spec/gateway-error.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { DepartureReason } from './departure.ts';
import type { Fleet } from './fleet.ts';

/** 1 to 60 s: shorter makes clients hammer, longer makes them give up on a host that is back. */
const clampedRetry = (delayMs: Millis): Millis =>
  Math.min(60_000, Math.max(1000, Math.ceil(delayMs / 1000) * 1000));

/** A key used up what a minute gives it; `capacity` is less than that where instances cannot reach each other. */
export const quotaUsedUp = (limit: {
  readonly kind: QuotaKind;
  readonly perMinute: number;
  readonly capacity: number;
  readonly cost: number;
  readonly waitMs: Millis;
}): GatewayError => {
  const { kind, perMinute, capacity, cost, waitMs } = limit;
  const share = capacity === perMinute ? '' : `; while this instance is cut off it has ${capacity} of them`;
  const wanted = kind === 'tokens' ? `; this request takes about ${cost}` : '';
  return new GatewayError(
    'rate_limited',
    `the limit of this key, ${perMinute} ${kind} per minute, is used up${share}${wanted}`,
    { retryAfterMs: clampedRetry(waitMs), quota: kind },
  );
};

export const unknownModel = (ask: Pick<Ask, 'model'>, fleet: Fleet): GatewayError => {
  const near = fleet.near(ask.model);
  const hint = near.length > 0 ? `; did you mean ${near.map((name) => `'${name}'`).join(', ')}?` : '';
  return new GatewayError('model_not_found', `model '${ask.model}' not found${hint}`, { param: 'model' });
};

const untriedRejections = ({ rejected }: Plan, ask: Ask): readonly Rejection[] =>
  rejected.filter(({ candidate }) => !ask.tried.includes(candidate.backend));

/** A request that may lose nothing would lose these. */
export const lossy = (fields: readonly string[]): GatewayError =>
  new GatewayError(
    'unprocessable',
    `this request is strict, and no backend can be told all of it: ${fields.join(', ')}`,
    { param: fields[0] ?? '' },
  );

/** What a strict request would lose wherever it went; nothing where that is not all that stands in its way. */
const lostEverywhere = (ask: Ask, { rejected }: Plan): readonly string[] => {
  if (ask.strict !== true || rejected.some(({ reason }) => reason.kind !== 'incapable')) return [];
  return [...new Set(rejected.flatMap(({ candidate }) => lossOf(ask, candidate)?.dropped ?? []))];
};

/** Every candidate was filtered out: says why for each, and when the first may be back. */
export const noCandidate = (
  ask: Ask,
  decided: Plan,
  fleet: Fleet,
  now: Millis,
  settings: GatewaySettings,
): GatewayError => {
  if (decided.rejected.length === 0) {
    const hosts = fleet.hosts();
    const answering = hosts.filter(({ health }) => health.state === 'up');
    if (answering.length > 0) return unknownModel(ask, fleet);
    const states = hosts.map(
      ({ backend, health }) => `${backend.options.id}: ${health.reason ?? health.state}`,
    );
    return new GatewayError('overloaded', `no backend is up (${states.join('; ') || 'none is configured'})`, {
      retryAfterMs: clampedRetry(settings.probe.intervalMs),
    });
  }
  const open = untriedRejections(decided, ask);
  const lost = lostEverywhere(ask, decided);
  if (lost.length > 0) return lossy(lost);
  const incapable = decided.rejected.every(({ reason }) => reason.kind === 'incapable');
  const reasons = decided.rejected
    .map(({ candidate, reason }) => `${candidate.backend}: ${reason.text}`)
    .join('; ');
  if (incapable) {
    const texts = new Set(decided.rejected.map(({ reason }) => reason.text));
    const [only = ''] = texts;
    const told =
      texts.size === 1 && only.startsWith('this model ') ? only : `no backend can serve this: ${reasons}`;
    return new GatewayError('invalid_request', told, { param: 'model' });
  }
  const back = open.map(({ candidate }) =>
    candidate.host.state === 'down' ? now + settings.probe.intervalMs : eligibleAt(candidate.pair, now),
  );
  return new GatewayError('overloaded', `no backend can take '${ask.model}' now (${reasons})`, {
    retryAfterMs: clampedRetry(Math.min(...back, now + 60_000) - now),
  });
};

/** Fleets are larger than what a person reads in one sentence. */
const shownNames = 4;

const listed = (names: readonly string[]): string =>
  names.length <= shownNames + 1
    ? names.join(', ')
    : `${names.slice(0, shownNames).join(', ')} and ${names.length - shownNames} more`;

/** Limits that were set leave nobody: says which, and who would be left without each. */
export const outOfConstraints = (relaxations: readonly Relaxation[]): GatewayError => {
  const texts = relaxations.map(({ constraint, excluded, would }) => {
    const fits =
      would.length === 0 ? 'nothing more would fit without it' : `without it ${listed(would)} would fit`;
    return `${constraint} leaves out ${listed(excluded)}; ${fits}`;
  });
  const [first] = relaxations;
  return new GatewayError('unprocessable', `no model keeps the constraints: ${texts.join('. ')}`, {
    ...(first === undefined ? {} : { param: first.constraint }),
  });
};

/** Everybody who could serve it is busy, and there is no room or time to wait. */
export const queueFull = (full: readonly Scored[], what: string, retryAfterMs: Millis): GatewayError => {
  const states = full.map(
    ({ candidate: { backend, inflight, slots } }) => `${backend}: ${inflight} of ${slots} slots in use`,
  );
  return new GatewayError(
    'overloaded',
    `server busy, please try again.  maximum pending requests exceeded: ${what} (${states.join('; ')})`,
    { retryAfterMs },
  );
};

/** The request is not wanted any more: nobody reads a `canceled`, the other is still told. */
export const departed = (why: DepartureReason): GatewayError =>
  why === 'drain' ? draining() : new GatewayError('canceled', 'the client left');

export const draining = (): GatewayError =>
  new GatewayError('overloaded', 'this instance is shutting down', { retryAfterMs: 1000 });
