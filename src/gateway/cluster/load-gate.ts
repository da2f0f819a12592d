/**
 * Who loads a cold model on a host when several instances want it. Each says so, with a ticket above all that it saw, and
 * waits until whoever may have asked at the same time has read it and been read; then the lowest ticket goes, of equal ones
 * the first in rank. Lamport's bakery, with waiting in place of shared memory. The first in rank for a model goes at once
 * where it sees nobody: who waits has waited long enough for that to be seen. Without others, or without a store,
 * everybody decides alone. Shell.
 */

import { type HostKey, maxTicket, type PairKey, type SharedLoad } from '../../core/cluster/document.ts';
import type { Knowledge } from '../../core/cluster/knowledge.ts';
import { goesBefore, rankOf } from '../../core/cluster/ownership.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { Host } from '../host.ts';
import type { LoadWish } from '../load-facts.ts';
import type { HostKeys } from './host-keys.ts';
import { whoHas } from './who-has.ts';

export interface LoadIntents {
  told(now: Millis): readonly SharedLoad[];
}

export interface LoadGate extends LoadIntents {
  /** When to ask again, where another instance goes first; undefined: it has to be started now. */
  holds(wish: LoadWish, now: Millis): Millis | undefined;
  /** A load of another instance runs there. */
  runsElsewhere(host: Host): SharedLoad | undefined;
}

interface LoadGateDeps {
  readonly keys: Pick<HostKeys, 'host' | 'pair'>;
  readonly knowledge: () => Knowledge;
  readonly own: () => string;
  /** The others that are alive; none while the store is away. */
  readonly alive: () => readonly string[];
  readonly touch: () => void;
}

/** Twice the time in which what one instance writes is read by all: a beat to write, two to read, and the store's own time. */
const announcedMs: Millis = 2_000;
const askAgainMs: Millis = 250;
/** An intent that is not renewed was given up. */
const intentMs: Millis = 1_500;

interface Intent {
  readonly host: HostKey;
  readonly ticket: number;
  readonly since: Millis;
  askedAt: Millis;
}

/** No load is wanted. */
export const createLoadGate = ({ keys, knowledge, own, alive, touch }: LoadGateDeps): LoadGate => {
  const intents = new Map<PairKey, Intent>();

  const loadsOfOthers = (host: HostKey): readonly { readonly by: string; readonly load: SharedLoad }[] =>
    alive().flatMap((by) =>
      (knowledge().heads.get(by)?.loads ?? []).flatMap((load) => (load.host === host ? [{ by, load }] : [])),
    );

  const announce = (host: HostKey, pair: PairKey, highestSeen: number, now: Millis): Intent => {
    const intent = { host, ticket: Math.min(maxTicket, highestSeen + 1), since: now, askedAt: now };
    intents.set(pair, intent);
    touch();
    return intent;
  };

  const known = (pair: PairKey, now: Millis): Intent | undefined => {
    const intent = intents.get(pair);
    return intent !== undefined && now - intent.askedAt < intentMs ? intent : undefined;
  };

  return {
    holds: ({ host, pair }, now) => {
      if (alive().length === 0) return undefined;
      const [at, what] = [keys.host(host), keys.pair(host, pair)];
      const loads = loadsOfOthers(at);
      const running = loads.filter(({ load }) => load.phase === 'loading');
      const rivals = loads.filter(({ load }) => load.phase === 'intent' && load.pair === what);
      const isClear = running.length === 0 && rivals.length === 0;
      let intent = known(what, now);
      if (intent === undefined) {
        const others = whoHas(alive(), knowledge(), at);
        if (isClear && rankOf(what, own(), others) === 0) return undefined;
        intent = announce(at, what, Math.max(0, ...rivals.map(({ load }) => load.ticket)), now);
      }
      intent.askedAt = now;
      const { ticket, since } = intent;
      const isFirst = rivals.every(({ by, load }) =>
        load.ticket === ticket ? goesBefore(what, own(), by) : ticket < load.ticket,
      );
      // Another model that loads there is not waited for any longer: an engine loads one after the other by itself.
      const isMine = isFirst && running.every(({ load }) => load.pair !== what);
      const turnAt = since + announcedMs;
      if (now < turnAt) return Math.min(turnAt, now + askAgainMs);
      if (!isMine) return now + askAgainMs;
      intents.delete(what);
      touch();
      return undefined;
    },
    runsElsewhere: (host) =>
      loadsOfOthers(keys.host(host)).find(({ load }) => load.phase === 'loading')?.load,
    told: (now) => {
      for (const [pair, { askedAt }] of intents) if (now - askedAt >= intentMs) intents.delete(pair);
      return [...intents].map(([pair, { host, ticket, askedAt }]) => ({
        ...{ host, pair, phase: 'intent' as const, ticket },
        remainMs: askedAt + intentMs - now,
      }));
    },
  };
};
