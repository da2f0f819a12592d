/** What this instance tells the others of its hosts: made on the beat of the replica, never for a request. Shell. */

import type { ExceptionFact, PairKey, RateFact } from '../../core/cluster/document.ts';
import { rankOf } from '../../core/cluster/ownership.ts';
import {
  type BreakerFact,
  breakerFact,
  isWorthTelling,
  staggered,
} from '../../core/cluster/shared-breaker.ts';
import { type PinFact, type PinTold, pinFact, toldPin, untoldPin } from '../../core/cluster/shared-pin.ts';
import { healthyPair } from '../../core/health.ts';
import type { Clock } from '../../spec/ports.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { BodyFacts, HeadFacts } from '../../state/replica-port.ts';
import type { Host } from '../host.ts';
import type { Memory } from '../learning.ts';
import { healthOf, type Pair } from '../pair.ts';
import { createHostFacts, type HostFactsDeps, newsMs } from './host-facts.ts';
import type { PairRecords } from './pair-records.ts';
import type { ProbeClaims } from './probe-claims.ts';
import type { SharedQuotas } from './shared-quotas.ts';

export interface Telling {
  head(now: Millis): HeadFacts;
  /** Undefined where the last one still says enough. */
  body(now: Millis): BodyFacts | undefined;
}

export interface TellingDeps extends HostFactsDeps {
  readonly memory: Memory;
  readonly records: PairRecords;
  readonly claims: ProbeClaims;
  readonly quotas: Pick<SharedQuotas, 'told'>;
  readonly clock: Clock;
  readonly peer: () => string | undefined;
}

/** A step of the rank between those who may try a pair that was set aside. */
export const probeStepMs: Millis = 1_000;
/** What changes all the time, such as speeds, is told no more often. */
const bodyEveryMs: Millis = 5_000;
/** Looks at hosts are told this often, so that others can spare theirs. */
const residentsEveryMs: Millis = 10_000;
const mostRates = 500;
const mostExceptions = 200;
/** A conversation that was not confirmed for so long is not worth a line. */
const exceptionMs: Millis = 600_000;

/** Makes the documents of one instance. */
export const createTelling = (deps: TellingDeps): Telling => {
  const { fleet, memory, keys, records } = deps;
  const hosts = createHostFacts(deps);
  let bodyAt = -Infinity;
  let told = '';

  /** Where this instance opened a breaker, the first in rank is to try it first. */
  const settleRank = (host: Host, pair: Pair): void => {
    const { breaker } = pair.health;
    if (breaker.state !== 'open' || breaker.staggerMs !== undefined) return;
    const subject = `${keys.pair(host, pair)} ${breaker.epoch}`;
    const staggerMs = rankOf(subject, deps.own(), deps.others(keys.host(host))) * probeStepMs;
    pair.health = { ...healthOf(pair), breaker: staggered(breaker, staggerMs) };
  };

  const breakerOf = (host: Host, pair: Pair, now: Millis): BreakerFact | undefined => {
    if (!isWorthTelling(pair.health.breaker)) return undefined;
    settleRank(host, pair);
    deps.claims.resting(keys.pair(host, pair), pair, now);
    return breakerFact(pair.health.breaker, now);
  };

  const pinOf = (pair: Pair): PinTold => {
    const record = records.of(pair);
    record.pin = toldPin(record.pin, pair.health.pin);
    return record.pin;
  };

  /** Every pair about which there is something to tell. */
  const eachPair = (
    run: (key: PairKey, pair: Pair, breaker: BreakerFact | undefined, pin: PinFact | undefined) => void,
    now: Millis,
  ): void => {
    for (const host of fleet.hosts()) {
      for (const pair of host.pairs.values()) {
        // Most models of most hosts: nothing ever happened to them.
        if (pair.health === healthyPair) continue;
        const known = records.known(pair)?.pin ?? untoldPin;
        const hasPin = pair.health.pin !== undefined || known.epoch > 0;
        const breaker = breakerOf(host, pair, now);
        if (breaker === undefined && !hasPin) continue;
        run(keys.pair(host, pair), pair, breaker, hasPin ? pinFact(pinOf(pair)) : undefined);
      }
    }
  };

  const rates = (now: Millis): ReadonlyMap<PairKey, RateFact> => {
    const measured: { readonly key: PairKey; readonly pair: Pair }[] = [];
    for (const host of fleet.hosts()) {
      for (const pair of host.pairs.values()) {
        if (pair.rates.samples > 0 && records.known(pair)?.heardRates !== pair.rates)
          measured.push({ key: keys.pair(host, pair), pair });
      }
    }
    measured.sort((left, right) => right.pair.rates.updatedAt - left.pair.rates.updatedAt);
    return new Map(
      measured.slice(0, mostRates).map(({ key, pair }) => {
        const { prefillTokensPerSecond, decodeTokensPerSecond, decodeSlope, loadMs, outputTokens } =
          pair.rates;
        const { samples, updatedAt, evidence } = pair.rates;
        const fact: RateFact = {
          ageMs: Math.max(0, now - updatedAt),
          prefillTokensPerSecond,
          decodeTokensPerSecond,
          decodeSlope,
          loadMs,
          outputTokens,
          samples,
          evidence: Math.min(evidence.prefill, evidence.decode),
        };
        return [key, fact] as const;
      }),
    );
  };

  const exceptions = (now: Millis): readonly ExceptionFact[] =>
    [...memory.affinity.exceptions]
      .filter(([, { at }]) => now - at < exceptionMs)
      .slice(-mostExceptions)
      .flatMap(([conversation, { backend, strength, at }]) => {
        const host = fleet.host(backend);
        return host === undefined
          ? []
          : [{ conversation, host: keys.host(host), strength, ageMs: Math.max(0, now - at) }];
      });

  return {
    head: (now) => {
      const breakers = new Map<PairKey, BreakerFact>();
      const pins = new Map<PairKey, PinFact>();
      eachPair((key, pair, breaker, pin) => {
        const record = records.of(pair);
        const mark = `${breaker?.epoch} ${breaker?.phase} ${breaker?.openings} ${pin?.epoch} ${pin?.times}`;
        if (record.mark !== mark) {
          record.mark = mark;
          record.changedAt = now;
        }
        // A trial is told for as long as it runs, or others would take it for given up.
        if (now - record.changedAt >= newsMs && breaker?.own !== true) return;
        if (breaker !== undefined) breakers.set(key, breaker);
        if (pin !== undefined) pins.set(key, pin);
      }, now);
      return { peer: deps.peer(), ...hosts.head(now), breakers, pins, quotas: deps.quotas.told(now) };
    },
    body: (now) => {
      if (now - bodyAt < bodyEveryMs) return undefined;
      const breakers = new Map<PairKey, BreakerFact>();
      const pins = new Map<PairKey, PinFact>();
      let marks = '';
      eachPair((key, _pair, breaker, pin) => {
        if (breaker !== undefined) breakers.set(key, breaker);
        if (pin !== undefined) pins.set(key, pin);
        marks += `${key} ${breaker?.epoch} ${breaker?.phase} ${pin?.epoch};`;
      }, now);
      const facts = {
        hosts: new Set(fleet.hosts().map((host) => keys.host(host))),
        breakers,
        pins,
        residents: hosts.residents(now),
        rates: rates(now),
        exceptions: exceptions(now),
      };
      const held = [...facts.residents].map(([key, { models }]) => [key, ...models.keys()]);
      const measured = [...facts.rates].map(([key, { samples }]) => `${key} ${samples}`);
      const remembered = facts.exceptions.map(({ conversation, host }) => `${conversation} ${host}`);
      const next = JSON.stringify([[...facts.hosts], marks, held, measured, remembered]);
      const isLate = facts.residents.size > 0 && now - bodyAt >= residentsEveryMs;
      if (next === told && !isLate) return undefined;
      told = next;
      bodyAt = now;
      return facts;
    },
  };
};
