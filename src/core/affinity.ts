/**
 * Where a conversation should continue: on the host that holds most of its prompt, else the one that served it well,
 * else the first of its rendezvous order; but not where it would wait long or a host would carry more than its share.
 * The memory changes in place and has no clock. Pure otherwise. Imports spec.
 */

import type { BackendId, Intent, Millis } from '../spec/vocabulary.ts';
import { hashText } from './hash.ts';
import { fairLimit, type LoadShare, utilisation } from './load-share.ts';
import type { PrefixChain } from './prefix-chain.ts';
import { weight } from './rendezvous.ts';

/** What names a conversation; with neither a session nor a chain there is no affinity. */
export interface AffinityAsk {
  readonly model: string;
  readonly intent: Intent;
  readonly sessionKey: string | undefined;
  readonly chain: PrefixChain | undefined;
}

/** A host that can serve the request, as affinity sees it. */
export interface AffinityHost {
  readonly backend: BackendId;
  readonly slots: number;
  readonly inflight: number;
  /** How long the request would wait there for a slot. */
  readonly waitMs: Millis;
  /** Prompt tokens it is believed to hold. */
  readonly hitTokens: number;
  readonly prefillPerSecond: number;
}

interface Memory {
  readonly backend: BackendId;
  readonly strength: number;
  readonly at: Millis;
}

/** Conversations that live elsewhere than their rendezvous order says, least recently confirmed first. */
export interface AffinityState {
  readonly exceptions: Map<number, Memory>;
  readonly load: LoadShare;
}

/** A wait at home that is this much longer than elsewhere is still taken; what the held prompt saves comes on top. */
const patienceMs = 2_000;

/** A cache is likely gone after a while: a memory counts half after this time. */
const halfLifeMs = 600_000;
const forgottenBelow = 0.1;
const maxExceptions = 4096;

/** An empty memory over the load that placements are measured by. */
export const createAffinity = (load: LoadShare): AffinityState => ({ exceptions: new Map(), load });

/** One number for a conversation with one model, or undefined where nothing names it. */
const conversationOf = ({ model, sessionKey, chain }: AffinityAsk): number | undefined =>
  sessionKey === undefined ? chain?.key : hashText(sessionKey, hashText(model));

const strengthOf = (memory: Memory, now: Millis): number =>
  memory.strength * 2 ** (-Math.max(0, now - memory.at) / halfLifeMs);

const recall = (state: AffinityState, conversation: number, now: Millis): Memory | undefined => {
  const memory = state.exceptions.get(conversation);
  if (memory === undefined) return undefined;
  const strength = strengthOf(memory, now);
  return strength < forgottenBelow ? undefined : { ...memory, strength };
};

interface Place {
  readonly index: number;
  readonly host: AffinityHost;
  /** Held tokens of this very conversation, without the instructions that others share. */
  readonly ownTokens: number;
  readonly strength: number;
  readonly weight: number;
}

interface Fleet {
  readonly leastWaitMs: Millis;
  readonly meanOccupancy: number;
  readonly fairLimit: number;
}

/** Whether the conversation may go there, seen from the host that would serve it soonest. */
const isOpen = (place: Place, fleet: Fleet, state: AffinityState, now: Millis): boolean => {
  const { host, ownTokens, strength } = place;
  const savedMs = (ownTokens / host.prefillPerSecond) * 1000;
  const patience = ownTokens > 0 || strength === 0 ? patienceMs : patienceMs * strength;
  if (host.waitMs - fleet.leastWaitMs > patience + savedMs) return false;
  // To follow a conversation to an idle host takes nothing from anybody; to begin one elsewhere costs nothing.
  const isAtHome = ownTokens > 0 || strength > 0;
  if (isAtHome && host.inflight / host.slots <= fleet.meanOccupancy) return true;
  return utilisation(state.load, host.backend, now) <= fleet.fairLimit;
};

const fleetOf = (hosts: readonly AffinityHost[], load: LoadShare, now: Millis): Fleet => {
  let leastWaitMs = Infinity;
  let occupancy = 0;
  for (const host of hosts) {
    leastWaitMs = Math.min(leastWaitMs, host.waitMs);
    occupancy += host.inflight / host.slots;
  }
  const limit = fairLimit(
    load,
    hosts.map(({ backend }) => backend),
    now,
  );
  return { leastWaitMs, meanOccupancy: occupancy / hosts.length, fairLimit: limit };
};

/**
 * One number in 0..1 per host, in their order: 1 for the preferred, 1/2 and 1/3 and so on for the next,
 * 0 where affinity is broken, and for all where there is none. Heavy work has none: it would wait for no cache.
 * Only tokens beyond the leading instructions draw a conversation, so that equal instructions bind strangers to no host.
 */
export const affinityOf = (
  ask: AffinityAsk,
  hosts: readonly AffinityHost[],
  state: AffinityState,
  now: Millis,
): readonly number[] => {
  const values = new Array<number>(hosts.length).fill(0);
  const conversation = conversationOf(ask);
  if (ask.intent !== 'fast' || conversation === undefined) return values;
  const memory = recall(state, conversation, now);
  const sharedTokens = ask.chain?.sharedTokens ?? 0;
  const fleet = fleetOf(hosts, state.load, now);
  const places = hosts.map(
    (host, index): Place => ({
      index,
      host,
      ownTokens: Math.max(0, host.hitTokens - sharedTokens),
      strength: memory?.backend === host.backend ? memory.strength : 0,
      weight: weight(conversation, host.backend),
    }),
  );
  places.sort(
    (left, right) =>
      right.ownTokens - left.ownTokens || right.strength - left.strength || right.weight - left.weight,
  );
  let position = 0;
  for (const place of places) {
    if (!isOpen(place, fleet, state, now)) continue;
    position += 1;
    values[place.index] = 1 / position;
  }
  return values;
};

/**
 * The held tokens that may count in an estimate of time: all of them on a host within its fair share, beyond it only
 * the conversation's own, or one prompt that all requests begin with would draw them all to where it was read first.
 */
export const creditedTokens = (
  ask: AffinityAsk,
  hosts: readonly AffinityHost[],
  state: AffinityState,
  now: Millis,
): readonly number[] => {
  const { fairLimit: limit } = fleetOf(hosts, state.load, now);
  const sharedTokens = ask.chain?.sharedTokens ?? 0;
  return hosts.map(({ backend, hitTokens }) =>
    utilisation(state.load, backend, now) <= limit ? hitTokens : Math.max(0, hitTokens - sharedTokens),
  );
};

/** How a host served a turn of a conversation, and who else could have. */
export interface Served {
  readonly ask: AffinityAsk;
  readonly backend: BackendId;
  readonly backends: readonly BackendId[];
  /** `poorly` for an answer that failed or came much later than expected. */
  readonly how: 'well' | 'poorly';
}

/** Remembers a host that served a conversation well, unless rendezvous finds it without; forgets one that did not. */
export const noteServed = (state: AffinityState, served: Served, now: Millis): void => {
  const { exceptions } = state;
  const conversation = conversationOf(served.ask);
  if (conversation === undefined || served.ask.intent !== 'fast') return;
  const memory = recall(state, conversation, now);
  const before = memory?.backend === served.backend ? memory.strength : 0;
  if (served.how === 'poorly') {
    if (before > 0) exceptions.delete(conversation);
    return;
  }
  exceptions.delete(conversation);
  const own = weight(conversation, served.backend);
  if (served.backends.every((backend) => weight(conversation, backend) <= own)) return;
  exceptions.set(conversation, { backend: served.backend, strength: Math.min(1, before + 0.5), at: now });
  const [oldest] = exceptions.keys();
  if (exceptions.size > maxExceptions && oldest !== undefined) exceptions.delete(oldest);
};
