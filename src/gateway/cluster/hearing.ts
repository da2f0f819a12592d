/** What becomes of what other instances tell: the hosts of this one are as if it had been there. Shell. */

import type { Body, Head, HostKey, PairKey, ResidentFact } from '../../core/cluster/document.ts';
import type { Knowledge } from '../../core/cluster/knowledge.ts';
import { rankOf } from '../../core/cluster/ownership.ts';
import { adoptBreaker, type BreakerFact } from '../../core/cluster/shared-breaker.ts';
import { adoptPin, type PinFact, toldPin } from '../../core/cluster/shared-pin.ts';
import { overdue } from '../../core/rates.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { Host } from '../host.ts';
import type { Memory } from '../learning.ts';
import { healthOf, type Pair } from '../pair.ts';
import { vramAfter } from '../vram.ts';
import { createLoadHearing, type LoadHearingDeps } from './hear-loads.ts';
import { probeStepMs } from './telling.ts';

export interface Hearing {
  /** Takes over what is new. */
  hear(news: Knowledge, now: Millis): void;
  /** Takes over what was told before of models of the host that were not known here then. */
  meet(host: Host, now: Millis): void;
}

export interface HearingDeps extends LoadHearingDeps {
  readonly memory: Memory;
  readonly own: () => string;
  /** Keys of the others that are alive and have the host. */
  readonly others: (host: HostKey) => readonly string[];
}

/** Measurements of another instance are taken where they rest on this many times more than the own ones. */
const clearlyMore = 2;

/** Late by this against an expectation is what a host counts as that another instance lost. */
const doubt = { expectedMs: 100, elapsedMs: 10_000 } as const;

/** A conversation confirmed this much later is known better there. */
const laterMs: Millis = 1_000;

/** Hears for one gateway. */
export const createHearing = (deps: HearingDeps): Hearing => {
  const { fleet, memory, keys, records, discovery } = deps;
  const met = new WeakSet<Pair>();
  /** The last change of a host that an instance told. */
  const changesHeard = new Map<string, number>();

  const hearBreaker = (key: PairKey, fact: BreakerFact, now: Millis): void => {
    const found = keys.pairAt(key);
    if (found === undefined) return;
    const { host, pair } = found;
    const rank = rankOf(`${key} ${fact.epoch}`, deps.own(), deps.others(keys.host(host)));
    const breaker = adoptBreaker(healthOf(pair).breaker, fact, { now, staggerMs: rank * probeStepMs });
    if (breaker !== pair.health.breaker) pair.health = { ...pair.health, breaker };
  };

  const hearPin = (key: PairKey, fact: PinFact): void => {
    const found = keys.pairAt(key);
    if (found === undefined) return;
    const { pair } = found;
    const record = records.of(pair);
    record.pin = toldPin(record.pin, pair.health.pin);
    const adopted = adoptPin(record.pin, fact);
    if (adopted === record.pin) return;
    record.pin = adopted;
    pair.health = { ...healthOf(pair), pin: adopted.pin };
  };

  /** It may be reachable from here: it is avoided while that is looked at, and down only if the look says so. */
  const hearLost = (host: Host, now: Millis): void => {
    if (host.health.state !== 'up') return;
    host.health = { ...host.health, failures: Math.max(1, host.health.failures), failedAt: now };
    for (const pair of host.pairs.values()) {
      pair.rates = overdue(pair.rates, doubt.expectedMs, doubt.elapsedMs, now);
    }
    void discovery.look(host);
  };

  const hearHosts = (by: string, { hosts, boot }: Head, now: Millis): void => {
    for (const [key, { changes, state }] of hosts) {
      const heard = `${by} ${boot} ${key}`;
      if ((changesHeard.get(heard) ?? 0) >= changes) continue;
      changesHeard.set(heard, changes);
      const host = keys.hostAt(key);
      if (host === undefined) continue;
      if (state === 'down') hearLost(host, now);
      else if (host.health.state === 'down') void discovery.look(host);
    }
    if (changesHeard.size > 10_000) changesHeard.clear();
  };

  const hearResident = (host: Host, fact: ResidentFact, now: Millis): void => {
    const lookedAt = now - fact.ageMs;
    if (fact.totalBytes !== undefined && fact.freeBytes !== undefined) {
      host.gpu = { totalBytes: fact.totalBytes, freeBytes: fact.freeBytes };
    }
    if (!host.tellsLoaded || lookedAt <= host.lookedAt) return;
    const cards = new Map(host.cards);
    for (const [name, card] of cards) {
      const sizeVramBytes = fact.models.get(keys.model(name));
      if ((sizeVramBytes === undefined) === (card.loaded === undefined)) continue;
      const { loaded: _loaded, ...rest } = card;
      const seen = sizeVramBytes === undefined ? rest : { ...rest, loaded: { sizeVramBytes } };
      cards.set(name, seen);
      const pair = host.pairs.get(name);
      if (pair !== undefined) pair.card = seen;
    }
    host.cards = cards;
    host.lookedAt = lookedAt;
    host.vram = vramAfter(host.vram, cards.values());
    records.ofHost(host).heardLookAt = lookedAt;
  };

  const hearRates = ({ rates }: Body, now: Millis): void => {
    for (const [key, fact] of rates) {
      const found = keys.pairAt(key);
      if (found === undefined) continue;
      const { pair } = found;
      const { evidence, prior, firstTokenRatio } = pair.rates;
      if (fact.evidence <= clearlyMore * Math.min(evidence.prefill, evidence.decode)) continue;
      const { prefillTokensPerSecond, decodeTokensPerSecond, decodeSlope, loadMs, outputTokens, samples } =
        fact;
      const weight = fact.evidence;
      pair.rates = {
        prefillTokensPerSecond,
        decodeTokensPerSecond,
        decodeSlope,
        loadMs,
        outputTokens,
        firstTokenRatio,
        samples,
        updatedAt: now - fact.ageMs,
        evidence: {
          prefill: weight,
          decode: weight,
          slope: evidence.slope,
          load: evidence.load,
          output: weight,
        },
        prior,
      };
      records.of(pair).heardRates = pair.rates;
    }
  };

  const hearExceptions = ({ exceptions }: Body, now: Millis): void => {
    const known = memory.affinity.exceptions;
    for (const { conversation, host: key, strength, ageMs } of exceptions) {
      const host = keys.hostAt(key);
      const at = now - ageMs;
      const own = known.get(conversation);
      if (host === undefined || (own !== undefined && own.at + laterMs >= at)) continue;
      known.delete(conversation);
      known.set(conversation, { backend: host.backend.options.id, strength, at });
    }
  };

  /** The sidecar that tells this, where it is a backend here: what its engine holds is there for whoever asks it. */
  const peerOf = (by: string): Host | undefined => {
    const address = deps.knowledge().heads.get(by)?.peer;
    if (address === undefined) return undefined;
    return fleet.hosts().find(({ backend }) => backend.isPeer === true && backend.options.url === address);
  };

  const hearBody = (by: string, body: Body, now: Millis): void => {
    const peer = peerOf(by);
    for (const [key, fact] of body.residents) {
      const host = keys.hostAt(key);
      if (host !== undefined) hearResident(host, fact, now);
      if (peer !== undefined && body.residents.size === 1) hearResident(peer, fact, now);
    }
    hearRates(body, now);
    hearExceptions(body, now);
  };

  const hearLoads = createLoadHearing(deps);

  const meetPair = (key: PairKey, now: Millis): void => {
    const { heads, bodies } = deps.knowledge();
    for (const { breakers, pins } of [...heads.values(), ...bodies.values()]) {
      const breaker = breakers.get(key);
      if (breaker !== undefined) hearBreaker(key, breaker, now);
      const pin = pins.get(key);
      if (pin !== undefined) hearPin(key, pin);
    }
  };

  return {
    meet: (host, now) => {
      for (const pair of host.pairs.values()) {
        if (met.has(pair)) continue;
        met.add(pair);
        meetPair(keys.pair(host, pair), now);
      }
    },
    hear: (news, now) => {
      for (const [key, fact] of news.breakers) hearBreaker(key, fact, now);
      for (const [key, fact] of news.pins) hearPin(key, fact);
      for (const [by, head] of news.heads) hearHosts(by, head, now);
      for (const [by, body] of news.bodies) hearBody(by, body, now);
      hearLoads(now);
    },
  };
};
