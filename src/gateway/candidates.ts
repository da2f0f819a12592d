/** What the planner sees of the hosts that have a model, at one moment. Shell state in, values out. */

import { type AffinityHost, affinityOf, creditedTokens } from '../core/affinity.ts';
import { cardWith, ratesWith } from '../core/auto/declared.ts';
import { admits } from '../core/breaker.ts';
import type { Ask, Candidate, ResidencyState, Snapshot } from '../core/candidate.ts';
import { addWork } from '../core/load-share.ts';
import { remainingMs } from '../core/loads.ts';
import { staysLocal } from '../core/local-only.ts';
import { prefixHit } from '../core/prefix-cache.ts';
import type { PrefixChain } from '../core/prefix-chain.ts';
import { serviceMs } from '../core/rates.ts';
import { reliabilityAt } from '../core/reliability.ts';
import type { BackendId, Millis } from '../spec/vocabulary.ts';
import type { Placement } from './fleet.ts';
import { type Host, takenSlots } from './host.ts';
import { healthWithKeys, keylessAt } from './host-keys.ts';
import { learnLessons, type Memory } from './learning.ts';
import { type Pair, residencyOf } from './pair.ts';
import { freeVramBytes } from './vram.ts';

/** What binds a request to a host it has used, per host in the order of the placements. */
interface Ties {
  readonly hitTokens: readonly number[];
  readonly affinity: readonly number[];
}

/**
 * With one host there is nothing to compare, and its lessons need to be learned only now and then; but at once where
 * requests wait, or one would be placed among the others by what the ones before it were not measured by.
 */
const lessonsEveryMs: Millis = 1_000;

const isTimeToLearn = ({ pair, host }: Placement, now: Millis): boolean =>
  now - pair.learnedAt >= lessonsEveryMs || takenSlots(host) >= host.slots;

/** Learns of the hosts what is to be known before anything is expected of them. */
export const learnOf = (placements: readonly Placement[], now: Millis): void => {
  const isChoice = placements.length > 1;
  for (const placement of placements)
    if (isChoice || isTimeToLearn(placement, now)) learnLessons(placement.pair, now);
};

/** A cold model has to wait for a load of another one: an engine does one at a time. */
const placeInMemory = (pair: Pair, host: Host, now: Millis): ResidencyState => {
  const residency = residencyOf(pair, host, now);
  if (residency.state !== 'cold' || host.loading === undefined) return residency;
  return { state: 'cold', waitMs: remainingMs(host.loading, now) };
};

const candidateOf = (
  { host, upstream, pair, model, tier, declared }: Placement,
  ties: Ties | undefined,
  index: number,
  now: Millis,
): Candidate => {
  const { options } = host.backend;
  return {
    backend: options.id,
    upstream,
    card: declared === undefined ? pair.card : cardWith(pair.card, declared),
    kind: options.kind,
    lane: options.lane,
    zone: options.zone,
    priority: options.priority,
    slots: host.slots,
    inflight: takenSlots(host),
    pairInflight: pair.inflight,
    meanServiceMs: host.inflight > 0 ? host.heldMs / host.inflight : undefined,
    speaks: host.speaks,
    host: host.health,
    pair: healthWithKeys(pair.health, host.keys, upstream, now),
    residency: placeInMemory(pair, host, now),
    rates: declared === undefined ? pair.rates : ratesWith(pair.rates, declared),
    prefixHitTokens: ties?.hitTokens[index] ?? 0,
    affinity: ties?.affinity[index] ?? 0,
    region: options.region,
    roundTripMs: host.roundTripMs,
    price: declared?.price ?? options.price,
    weight: options.weight,
    reliability: reliabilityAt(pair.reliability, now),
    freeVramBytes: freeVramBytes(host.vram, host.gpu),
    name: model,
    tier,
  };
};

/** Whether a request could go there now: a place for a conversation that nothing can be sent to is none. */
const isUsable = ({ host, pair }: Placement, ask: Ask, now: Millis): boolean => {
  const { breaker, absentUntil, busyUntil, refusedUntil, pin } = pair.health;
  if (keylessAt(host.keys, pair.upstream, now) !== undefined) return false;
  const { id, zone } = host.backend.options;
  return (
    host.health.state !== 'down' &&
    (zone === 'local' || !staysLocal(ask)) &&
    !ask.tried.includes(id) &&
    Math.max(absentUntil, busyUntil, refusedUntil ?? 0, pin?.until ?? 0) <= now &&
    admits(breaker, now) !== 'no'
  );
};

const affinityHost = ({ host, pair }: Placement, ask: Ask, chain: PrefixChain | undefined): AffinityHost => {
  const { slots } = host;
  const inflight = takenSlots(host);
  const ahead = inflight - slots + 1;
  return {
    backend: host.backend.options.id,
    slots: Math.max(1, slots),
    inflight,
    waitMs: ahead > 0 ? (ahead * serviceMs(pair.rates, ask, slots)) / Math.max(1, slots) : 0,
    hitTokens: chain === undefined ? 0 : prefixHit(host.prefixes, chain),
    prefillPerSecond: pair.rates.prefillTokensPerSecond,
  };
};

/** Where the conversation should go on; nothing where it has no name or only one host to be on. */
const tiesOf = (
  placements: readonly Placement[],
  ask: Ask,
  chain: PrefixChain | undefined,
  memory: Memory,
  now: Millis,
): Ties | undefined => {
  if (chain === undefined && ask.sessionKey === undefined) return undefined;
  const usable: number[] = [];
  const hosts: AffinityHost[] = [];
  placements.forEach((placement, index) => {
    if (!isUsable(placement, ask, now)) return;
    usable.push(index);
    hosts.push(affinityHost(placement, ask, chain));
  });
  if (hosts.length < 2) return undefined;
  const affinityAsk = { model: ask.model, intent: ask.intent, sessionKey: ask.sessionKey, chain };
  const values = affinityOf(affinityAsk, hosts, memory.affinity, now);
  const credited = creditedTokens(affinityAsk, hosts, memory.affinity, now);
  const hitTokens = new Array<number>(placements.length).fill(0);
  const affinity = new Array<number>(placements.length).fill(0);
  usable.forEach((place, index) => {
    hitTokens[place] = credited[index] ?? 0;
    affinity[place] = values[index] ?? 0;
  });
  return { hitTokens, affinity };
};

/** Tells the measure of loads of the work that was done since it was last asked. */
const tellWork = ({ host }: Placement, memory: Memory, now: Millis): void => {
  if (host.untoldMs === 0) return;
  addWork(memory.load, host.backend.options.id, { serviceMs: host.untoldMs, slots: host.slots }, now);
  host.untoldMs = 0;
};

const nothing: readonly Candidate[] = [];

/** All that is known of the hosts that have the model, in the order of the configuration. */
export const snapshotOf = (
  placements: readonly Placement[],
  ask: Ask,
  chain: PrefixChain | undefined,
  memory: Memory,
  now: Millis,
): Snapshot => {
  const [only] = placements;
  if (only === undefined) return { now, candidates: nothing };
  learnOf(placements, now);
  if (placements.length === 1) return { now, candidates: [candidateOf(only, undefined, 0, now)] };
  return comparison(placements, ask, chain, memory, now);
};

const comparison = (
  placements: readonly Placement[],
  ask: Ask,
  chain: PrefixChain | undefined,
  memory: Memory,
  now: Millis,
): Snapshot => {
  for (const placement of placements) tellWork(placement, memory, now);
  const ties = tiesOf(placements, ask, chain, memory, now);
  return {
    now,
    candidates: placements.map((placement, index) => candidateOf(placement, ties, index, now)),
  };
};

/** The hosts a request could have gone to, by name. */
export const rivalsOf = ({ candidates }: Snapshot): readonly BackendId[] =>
  candidates.map(({ backend }) => backend);
