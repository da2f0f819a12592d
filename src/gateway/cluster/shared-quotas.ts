/** What the keys with limits use is told to the other instances, and what they use is counted here. Shell. */

import type { CallerKey, Head } from '../../core/cluster/document.ts';
import {
  bucketHearing,
  type HeardUse,
  type QuotaFact,
  type UseFact,
} from '../../core/cluster/shared-quota.ts';
import { idleMs, leaked } from '../../core/quota.ts';
import type { QuotaKind } from '../../spec/gateway-error.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import { hashedKey } from '../../state/document-keys.ts';
import type { KeyMeters, Meter, Quotas } from '../quotas.ts';

export interface SharedQuotas {
  /** What is told of the keys that were used of late. */
  told(now: Millis): ReadonlyMap<CallerKey, QuotaFact>;
  /** Counts what others used since they were last heard; `parties` are the instances in all. */
  hear(heads: readonly Head[], parties: number, now: Millis): void;
}

/** A level that runs out would be news with each beat; it is looked at as often as a heartbeat is written. */
const levelEveryMs: Millis = 1_500;
/** Of who was silent for longer not all is new: some of what he let through has run out by now. */
const silentMs: Millis = 5_000;
/** Of many keys those used last are told; a head of all of them would be too large to read. */
const mostTold = 300;

/** Each start of an instance is one: as many as there can be members, and some that started again. */
const mostTellers = 512;

interface Told {
  fact: UseFact;
  at: Millis;
}

interface Teller {
  heardAt: Millis;
  /** By key and kind. */
  readonly counts: Map<string, number>;
}

const lastUse = ({ requests, tokens }: KeyMeters): Millis =>
  Math.max(requests?.bucket.usedAt ?? -Infinity, tokens?.bucket.usedAt ?? -Infinity);

/** Between the quotas of one instance and the documents. */
export const createSharedQuotas = (quotas: Quotas): SharedQuotas => {
  const hashes = new Map<string, CallerKey>();
  const lastTold = new WeakMap<Meter, Told>();
  /** By boot. */
  const tellers = new Map<string, Teller>();
  let heardAt = -Infinity;

  const hashOf = (name: string): CallerKey => {
    const known = hashes.get(name);
    if (known !== undefined) return known;
    const hash = hashedKey(`key\n${name}`, 12);
    hashes.set(name, hash);
    return hash;
  };

  const useFact = (meter: Meter | undefined, now: Millis): UseFact | undefined => {
    if (meter === undefined) return undefined;
    const known = lastTold.get(meter);
    const { count } = meter.bucket;
    if (known !== undefined && known.fact.count === count && now - known.at < levelEveryMs) return known.fact;
    const { level, own } = leaked(meter.bucket, meter.capacity, now);
    const fact = { count, level, own };
    lastTold.set(meter, { fact, at: now });
    return fact;
  };

  const tellerOf = ({ boot }: Head): Teller => {
    const teller = tellers.get(boot) ?? { heardAt: -Infinity, counts: new Map<string, number>() };
    // Last in the order of hearing.
    tellers.delete(boot);
    tellers.set(boot, teller);
    const [oldest] = tellers.keys();
    if (tellers.size > mostTellers && oldest !== undefined) tellers.delete(oldest);
    return teller;
  };

  /** What the heads tell of one limit that was not known yet. */
  const usesIn = (
    heads: readonly Head[],
    hash: CallerKey,
    kind: QuotaKind,
    now: Millis,
  ): readonly HeardUse[] =>
    heads.flatMap((head) => {
      const fact = head.quotas.get(hash)?.[kind];
      if (fact === undefined) return [];
      const teller = tellerOf(head);
      const at = `${hash} ${kind}`;
      const known = teller.counts.get(at);
      teller.counts.set(at, Math.max(known ?? 0, fact.count));
      const isFollowed = known !== undefined && now - teller.heardAt < silentMs;
      return { ...fact, known: known ?? 0, when: isFollowed ? 'in time' : 'late' };
    });

  return {
    told: (now) => {
      const fresh = [...quotas.all()].filter((key) => now - lastUse(key) < idleMs);
      if (fresh.length > mostTold) fresh.sort((left, right) => lastUse(right) - lastUse(left));
      return new Map(
        fresh
          .slice(0, mostTold)
          .map((key) => [
            hashOf(key.name),
            { requests: useFact(key.requests, now), tokens: useFact(key.tokens, now) },
          ]),
      );
    },
    hear: (heads, parties, now) => {
      if (heads.length === 0) return;
      const reader = now - heardAt < silentMs ? 'following' : 'new';
      heardAt = now;
      const telling = heads.filter((head) => head.quotas.size > 0);
      for (const key of telling.length > 0 ? quotas.all() : []) {
        for (const meter of [key.requests, key.tokens]) {
          const uses = meter === undefined ? [] : usesIn(telling, hashOf(key.name), meter.kind, now);
          if (meter === undefined || uses.length === 0) continue;
          const { bucket, capacity } = meter;
          meter.bucket = bucketHearing(bucket, uses, { capacity, parties, reader, now });
        }
      }
      for (const head of heads) tellerOf(head).heardAt = now;
    },
  };
};
