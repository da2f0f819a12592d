/**
 * Who loads a cold model on a host when several instances want it: the first in rank at once, the others when they had the
 * time to see that nobody does. Without others, or without a store, everybody decides alone. Shell.
 */

import type { HostKey, SharedLoad } from '../../core/cluster/document.ts';
import type { Knowledge } from '../../core/cluster/knowledge.ts';
import { rankOf } from '../../core/cluster/ownership.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { Host } from '../host.ts';
import type { LoadWish } from '../load-facts.ts';
import type { HostKeys } from './host-keys.ts';

export interface LoadIntents {
  told(now: Millis): readonly SharedLoad[];
}

export interface LoadGate extends LoadIntents {
  /** When to ask again, where another instance goes first; undefined: it may be started. */
  holds(wish: LoadWish, since: Millis, now: Millis): Millis | undefined;
  /** A load of another instance runs there. */
  runsElsewhere(host: Host): SharedLoad | undefined;
}

interface LoadGateDeps {
  readonly keys: HostKeys;
  readonly knowledge: () => Knowledge;
  readonly own: () => string;
  /** The others that are alive; none while the store is away. */
  readonly alive: () => readonly string[];
  readonly touch: () => void;
}

/** In this time what one instance writes is read by all: a beat to write, two to read, and the store's own time. */
const visibleMs: Millis = 1_600;
/** From one in rank to the next. */
const stepMs: Millis = 2_000;
const askAgainMs: Millis = 250;
/** An intent that is not renewed was given up. */
const intentMs: Millis = 5_000;

interface Intent {
  readonly host: HostKey;
  readonly pair: string;
  readonly since: Millis;
  askedAt: Millis;
}

/** No load is wanted. */
export const createLoadGate = ({ keys, knowledge, own, alive, touch }: LoadGateDeps): LoadGate => {
  const intents = new Map<string, Intent>();

  const loadsOfOthers = (host: HostKey): readonly { readonly by: string; readonly load: SharedLoad }[] =>
    alive().flatMap((by) =>
      (knowledge().heads.get(by)?.loads ?? []).flatMap((load) => (load.host === host ? [{ by, load }] : [])),
    );

  const noteIntent = (host: HostKey, pair: string, since: Millis, now: Millis): void => {
    const known = intents.get(pair);
    if (known !== undefined && now - known.askedAt < intentMs) known.askedAt = now;
    else {
      intents.set(pair, { host, pair, since, askedAt: now });
      touch();
    }
  };

  return {
    holds: ({ host, pair }, since, now) => {
      const others = alive();
      if (others.length === 0) return undefined;
      const [at, what] = [keys.host(host), keys.pair(host, pair)];
      const loads = loadsOfOthers(at);
      if (loads.some(({ load }) => load.phase === 'loading' && load.pair === what)) return now + askAgainMs;
      // An engine loads one after the other by itself; to wait here as well would only add up.
      const isBusy = loads.some(({ load }) => load.phase === 'loading');
      if (isBusy && now < since + visibleMs) return now + askAgainMs;
      const wanted = loads.filter(({ load }) => load.phase === 'intent' && load.pair === what);
      const rank = rankOf(what, own(), others);
      if (rank === 0) {
        // Whoever wanted it before this one did is about to start.
        if (wanted.length > 0 && now < since + stepMs) return now + askAgainMs;
        intents.delete(what);
        touch();
        return undefined;
      }
      noteIntent(at, what, since, now);
      const before = wanted.filter(
        ({ by }) => rankOf(what, by, [own(), ...others.filter((each) => each !== by)]) < rank,
      );
      const turnAt = since + visibleMs + before.length * stepMs;
      if (now < turnAt) return Math.min(turnAt, now + askAgainMs);
      intents.delete(what);
      touch();
      return undefined;
    },
    runsElsewhere: (host) =>
      loadsOfOthers(keys.host(host)).find(({ load }) => load.phase === 'loading')?.load,
    told: (now) => {
      for (const [key, { askedAt }] of intents) if (now - askedAt >= intentMs) intents.delete(key);
      return [...intents.values()].map(({ host, pair, askedAt }) => ({
        host,
        pair,
        phase: 'intent',
        remainMs: askedAt + intentMs - now,
      }));
    },
  };
};
