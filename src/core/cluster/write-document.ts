/** Heads and bodies as JSON: lists in place of names, since they are read several times a second. Imports spec. */

import type { Json, JsonObject } from '../../spec/json.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import { type Body, documentVersion, type Head, type PairKey, type Stamped } from './document.ts';
import { type BreakerFact, breakerPhases } from './shared-breaker.ts';
import type { PinFact } from './shared-pin.ts';
import type { QuotaFact, UseFact } from './shared-quota.ts';

/** Whole milliseconds, and never beyond what a reader takes. */
const left = (until: Millis, now: Millis): number => Math.max(0, Math.round(until - now));

/** Six digits are more than any measurement has. */
const brief = (value: number): number => Number(value.toPrecision(6));

const breakersAsJson = (breakers: ReadonlyMap<PairKey, BreakerFact>, now: Millis): JsonObject =>
  Object.fromEntries(
    [...breakers].map(([pair, { epoch, phase, openings, until, own }]) => [
      pair,
      [epoch, breakerPhases.indexOf(phase), openings, left(until, now), ...(own === true ? [1] : [])],
    ]),
  );

const pinsAsJson = (pins: ReadonlyMap<PairKey, PinFact>, now: Millis): JsonObject =>
  Object.fromEntries(
    [...pins].map(([pair, { epoch, times, until, contextTokens }]) => [
      pair,
      [epoch, times, left(until, now), contextTokens ?? null],
    ]),
  );

/** Two digits behind the point: what is rounded still never falls. */
const useAsJson = (use: UseFact | undefined): Json[] =>
  use === undefined
    ? [null, null, null]
    : [use.count, use.level, use.own].map((value) => Math.round(value * 100) / 100);

const quotasAsJson = (quotas: ReadonlyMap<string, QuotaFact>): JsonObject =>
  Object.fromEntries(
    [...quotas].map(([key, { requests, tokens }]) => [
      key,
      [...useAsJson(requests), ...(tokens === undefined ? [] : useAsJson(tokens))],
    ]),
  );

const stamp = ({ instance, boot, sequence, upMs }: Stamped): JsonObject => ({
  v: documentVersion,
  instance,
  boot,
  seq: sequence,
  up: Math.round(upMs),
});

/** A head as it is written at `now`, the moment its deadlines are counted from. */
export const writeHead = (head: Head, now: Millis): JsonObject => {
  const flights: [string, Json][] = [...head.flights].map(([host, { inflight, waiting }]) => [
    host,
    [inflight, waiting],
  ]);
  const hosts: [string, Json][] = [...head.hosts].map(([host, { changes, state }]) => [
    host,
    [changes, state === 'up' ? 1 : 0],
  ]);
  return {
    ...stamp(head),
    body: head.body,
    ...(head.leaving ? { leaving: true } : {}),
    ...(head.peer === undefined ? {} : { peer: head.peer }),
    ...(head.waiting === 0 ? {} : { waiting: head.waiting }),
    flights: Object.fromEntries(flights),
    loads: head.loads.map(({ host, pair, phase, ticket, remainMs }) => [
      host,
      pair,
      phase === 'loading' ? 1 : 0,
      Math.max(0, Math.round(remainMs)),
      ticket,
    ]),
    hosts: Object.fromEntries(hosts),
    breakers: breakersAsJson(head.breakers, now),
    pins: pinsAsJson(head.pins, now),
    ...(head.quotas.size === 0 ? {} : { quotas: quotasAsJson(head.quotas) }),
  };
};

/** A body as it is written at `now`. */
export const writeBody = (body: Body, now: Millis): JsonObject => {
  const residents: [string, Json][] = [...body.residents].map(([host, fact]) => [
    host,
    [
      Math.round(fact.ageMs),
      Object.fromEntries(fact.models),
      fact.totalBytes ?? null,
      fact.freeBytes ?? null,
    ],
  ]);
  const rates: [string, Json][] = [...body.rates].map(([pair, fact]) => [
    pair,
    [
      Math.round(fact.ageMs),
      brief(fact.prefillTokensPerSecond),
      brief(fact.decodeTokensPerSecond),
      brief(fact.decodeSlope),
      brief(fact.loadMs),
      brief(fact.outputTokens),
      fact.samples,
      brief(fact.evidence),
    ],
  ]);
  return {
    ...stamp(body),
    ...(body.hosts === undefined ? {} : { hosts: [...body.hosts] }),
    breakers: breakersAsJson(body.breakers, now),
    pins: pinsAsJson(body.pins, now),
    residents: Object.fromEntries(residents),
    rates: Object.fromEntries(rates),
    exceptions: body.exceptions.map(({ conversation, host, strength, ageMs }) => [
      conversation,
      host,
      brief(strength),
      Math.round(ageMs),
    ]),
  };
};
