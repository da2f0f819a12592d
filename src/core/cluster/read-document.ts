/**
 * Heads and bodies from JSON that somebody else wrote: what is not as it should be is left out, and no number is taken
 * that could not be true. What is left of a time becomes a deadline on the reader's clock. Imports spec.
 */

import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  type Json,
  type JsonObject,
} from '../../spec/json.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import {
  type Body,
  documentVersion,
  type ExceptionFact,
  type Flight,
  type Head,
  type HostFact,
  type HostKey,
  maxTicket,
  type RateFact,
  type ResidentFact,
  type SharedLoad,
  type Stamped,
} from './document.ts';
import { peerAddress } from './peer-address.ts';
import { type BreakerFact, breakerPhases } from './shared-breaker.ts';
import type { PinFact } from './shared-pin.ts';
import type { QuotaFact, UseFact } from './shared-quota.ts';

/** No honest document holds more of one thing. */
const maxEntries = 20_000;

/** The longest time anything is barred, a pin of six hours. */
const maxRemainMs = 6 * 60 * 60_000;
/** A breaker rests two minutes at most unless configuration says more; nobody can bar a pair for ever. */
const maxRestMs = 60 * 60_000;
const maxCount = 1_000_000_000;
const maxAgeMs = 24 * 60 * 60_000;
const maxBytes = 2 ** 50;
/** Tokens of years. */
const maxUse = 2 ** 48;

const key = /^[a-z0-9.]{1,64}$/;
const instanceName = /^[\w.:-]{1,128}$/;

/** A number within bounds; undefined for what is none. */
const within = (value: Json | undefined, low: number, high: number): number | undefined => {
  const number = asNumber(value);
  return number !== undefined && number >= low && number <= high ? number : undefined;
};

const whole = (value: Json | undefined, high: number): number | undefined => {
  const number = within(value, 0, high);
  return number !== undefined && Number.isInteger(number) ? number : undefined;
};

/** The entries of an object whose keys and values are as they should be. */
const entries = <Value>(
  value: Json | undefined,
  read: (list: readonly Json[]) => Value | undefined,
): ReadonlyMap<string, Value> => {
  const found = new Map<string, Value>();
  for (const [name, entry] of Object.entries(asObject(value) ?? {}).slice(0, maxEntries)) {
    const list = asArray(entry);
    const fact = list === undefined || !key.test(name) ? undefined : read(list);
    if (fact !== undefined) found.set(name, fact);
  }
  return found;
};

const lists = <Value>(
  value: Json | undefined,
  read: (list: readonly Json[]) => Value | undefined,
): readonly Value[] =>
  (asArray(value) ?? []).slice(0, maxEntries).flatMap((entry) => read(asArray(entry) ?? []) ?? []);

const keyed = (value: Json | undefined): string | undefined => {
  const text = asString(value);
  return text !== undefined && key.test(text) ? text : undefined;
};

const breaker =
  (now: Millis) =>
  ([epoch, phase, openings, left, own]: readonly Json[]): BreakerFact | undefined => {
    const named = breakerPhases[whole(phase, breakerPhases.length - 1) ?? -1];
    const [at, times, rest] = [whole(epoch, maxCount), whole(openings, 64), within(left, 0, maxRestMs)];
    if (named === undefined || at === undefined || times === undefined || rest === undefined)
      return undefined;
    const until = named === 'closed' ? 0 : now + rest;
    return { epoch: at, phase: named, openings: times, until, ...(own === 1 ? { own: true } : {}) };
  };

const pin =
  (now: Millis) =>
  ([epoch, times, left, context]: readonly Json[]): PinFact | undefined => {
    const [at, met, rest] = [whole(epoch, maxCount), whole(times, 64), within(left, 0, maxRemainMs)];
    if (at === undefined || met === undefined || rest === undefined) return undefined;
    const contextTokens = whole(context, maxCount);
    return { epoch: at, times: met, until: met === 0 ? 0 : now + rest, contextTokens };
  };

const flight = ([inflight, waiting]: readonly Json[]): Flight | undefined => {
  const [runs, waits] = [whole(inflight, 10_000), whole(waiting, 100_000)];
  return runs === undefined || waits === undefined ? undefined : { inflight: runs, waiting: waits };
};

const load = ([host, pair, phase, left, drawn]: readonly Json[]): SharedLoad | undefined => {
  const [where, what, remainMs] = [keyed(host), keyed(pair), within(left, 0, maxRestMs)];
  if (where === undefined || what === undefined || remainMs === undefined) return undefined;
  const ticket = whole(drawn, maxTicket) ?? 0;
  return { host: where, pair: what, phase: phase === 1 ? 'loading' : 'intent', ticket, remainMs };
};

const hostFact = ([changes, state]: readonly Json[]): HostFact | undefined => {
  const count = whole(changes, maxCount);
  return count === undefined ? undefined : { changes: count, state: state === 1 ? 'up' : 'down' };
};

const resident = ([age, models, total, free]: readonly Json[]): ResidentFact | undefined => {
  const ageMs = within(age, 0, maxAgeMs);
  if (ageMs === undefined) return undefined;
  const held = new Map<string, number>();
  for (const [name, size] of Object.entries(asObject(models) ?? {}).slice(0, maxEntries)) {
    const sizeBytes = within(size, 0, maxBytes);
    if (key.test(name) && sizeBytes !== undefined) held.set(name, sizeBytes);
  }
  return {
    ageMs,
    models: held,
    totalBytes: within(total, 0, maxBytes),
    freeBytes: within(free, 0, maxBytes),
  };
};

const rate = (list: readonly Json[]): RateFact | undefined => {
  const [ageMs, prefill, decode, slope, loadMs, output, samples, evidence] = [
    within(list[0], 0, maxAgeMs),
    within(list[1], 0.01, 1e7),
    within(list[2], 0.001, 1e6),
    within(list[3], 0, 2),
    within(list[4], 0, maxRestMs),
    within(list[5], 0.1, 1e7),
    whole(list[6], maxCount),
    within(list[7], 0, 1000),
  ];
  if (ageMs === undefined || prefill === undefined || decode === undefined || slope === undefined)
    return undefined;
  if (loadMs === undefined || output === undefined || samples === undefined || evidence === undefined)
    return undefined;
  return {
    ageMs,
    prefillTokensPerSecond: prefill,
    decodeTokensPerSecond: decode,
    decodeSlope: slope,
    loadMs,
    outputTokens: output,
    samples,
    evidence,
  };
};

const exception = ([conversation, host, strength, age]: readonly Json[]): ExceptionFact | undefined => {
  const [number, where] = [whole(conversation, Number.MAX_SAFE_INTEGER), keyed(host)];
  const [held, ageMs] = [within(strength, 0, 1), within(age, 0, maxAgeMs)];
  if (number === undefined || where === undefined || held === undefined || ageMs === undefined)
    return undefined;
  return { conversation: number, host: where, strength: held, ageMs };
};

const use = (list: readonly Json[]): UseFact | undefined => {
  const [count, level, own] = list.map((value) => within(value, 0, maxUse));
  return count === undefined || level === undefined || own === undefined ? undefined : { count, level, own };
};

const quota = (list: readonly Json[]): QuotaFact | undefined => {
  const [requests, tokens] = [use(list.slice(0, 3)), use(list.slice(3, 6))];
  return requests === undefined && tokens === undefined ? undefined : { requests, tokens };
};

/** The numbers leave room to count on: nobody can end the counting by a number that has no next. */
const stamp = ({ v, instance, boot, seq, up }: JsonObject): Stamped | undefined => {
  const [name, start, sequence] = [asString(instance), asString(boot), whole(seq, 2 ** 48)];
  if (v !== documentVersion || name === undefined || start === undefined || sequence === undefined)
    return undefined;
  if (!instanceName.test(name) || !instanceName.test(start)) return undefined;
  return { instance: name, boot: start, sequence, upMs: within(up, 0, Number.MAX_SAFE_INTEGER) ?? 0 };
};

const peerOf = (value: Json | undefined): string | undefined => {
  const text = asString(value);
  return text === undefined ? undefined : peerAddress(text);
};

/** A head, or undefined for what is none. */
export const readHead = (json: JsonObject, now: Millis): Head | undefined => {
  const stamped = stamp(json);
  if (stamped === undefined) return undefined;
  return {
    ...stamped,
    body: whole(json.body, 2 ** 48) ?? 0,
    leaving: asBoolean(json.leaving) ?? false,
    peer: peerOf(json.peer),
    waiting: whole(json.waiting, maxCount) ?? 0,
    flights: entries(json.flights, flight),
    loads: lists(json.loads, load),
    hosts: entries(json.hosts, hostFact),
    breakers: entries(json.breakers, breaker(now)),
    pins: entries(json.pins, pin(now)),
    quotas: entries(json.quotas, quota),
  };
};

const hostSet = (value: Json | undefined): ReadonlySet<HostKey> | undefined => {
  const list = asArray(value);
  return list === undefined
    ? undefined
    : new Set(list.slice(0, maxEntries).flatMap((each) => keyed(each) ?? []));
};

/** A body, or undefined for what is none. */
export const readBody = (json: JsonObject, now: Millis): Body | undefined => {
  const stamped = stamp(json);
  if (stamped === undefined) return undefined;
  return {
    ...stamped,
    hosts: hostSet(json.hosts),
    breakers: entries(json.breakers, breaker(now)),
    pins: entries(json.pins, pin(now)),
    residents: entries(json.residents, resident),
    rates: entries(json.rates, rate),
    exceptions: lists(json.exceptions, exception),
  };
};
