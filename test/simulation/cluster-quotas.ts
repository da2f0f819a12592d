/** Rules on the limits of keys that several instances share: what they let through together, and whom they turn away. */

import { inTouch, type Peer, type Watch } from './cluster-peer.ts';

/** A request of a key with a limit came to an instance, which let it through or did not. */
export interface Arrival {
  readonly peer: Peer;
  readonly key: string;
  readonly passed: boolean;
}

export interface QuotaRules {
  readonly arrived: (arrival: Arrival) => void;
  /** Every `sampleMs`. */
  readonly sample: () => void;
  /** When all is over. */
  readonly quiet: () => void;
}

interface Passed {
  readonly at: number;
  /** What all were entitled to give until then, and how often one of them was on its own. */
  readonly entitled: number;
  readonly alone: number;
}

interface Followed {
  readonly passed: Passed[];
  limit: number;
  entitled: number;
  sampledAt: number;
  /** How full one bucket would be that all shared. */
  level: number;
  levelAt: number;
}

const minuteMs = 60_000;
/** Whatever was counted otherwise has run out by then. */
const settledMs = 2 * minuteMs;
/** What ran out of one bucket before it was heard of in another. */
const unheardMs = 3_000;

/** Nobody asked for anything yet. */
export const createQuotaRules = ({ now, peers, breach }: Watch): QuotaRules => {
  const keys = new Map<string, Followed>();
  const alone = new Set<string>();
  let timesAlone = 0;
  let most = 0;

  const isAlone = (peer: Peer): boolean => !inTouch(now(), peer);

  /** Those that hear each other give the limit together; each of the others what it takes for its own. */
  const entitledNow = (key: string, limit: number): number => {
    const living = peers();
    const apart = living.filter(isAlone);
    const shares = apart.reduce((sum, { shared }) => sum + (shared.quota(key)?.capacity ?? limit), 0);
    return (apart.length < living.length ? limit : 0) + shares;
  };

  const advance = (key: string, followed: Followed): void => {
    const rate = entitledNow(key, followed.limit) / minuteMs;
    followed.entitled += rate * (now() - followed.sampledAt);
    followed.sampledAt = now();
  };

  const followedOf = (key: string, peer: Peer): Followed => {
    const known = keys.get(key);
    if (known !== undefined) return known;
    const limit = peer.shared.quota(key)?.perMinute ?? 0;
    const at = { sampledAt: now(), levelAt: now() };
    const followed = { passed: [], limit, entitled: 0, level: 0, ...at };
    keys.set(key, followed);
    return followed;
  };

  const lookWhoIsAlone = (): void => {
    most = Math.max(most, peers().length);
    for (const peer of peers()) {
      if (!isAlone(peer)) alone.delete(peer.name);
      else if (!alone.has(peer.name)) {
        alone.add(peer.name);
        timesAlone += 1;
      }
    }
  };

  const checkRefusal = ({ peer, key }: Arrival, { level, limit }: Followed): void => {
    if (!inTouch(now() - settledMs, ...peers())) return;
    if (level + 1 > limit - (limit * unheardMs) / minuteMs) return;
    breach('I13', `${peer.name} turned ${key} away with ${level.toFixed(2)} of ${limit} used`);
  };

  const checkWindows = (key: string, { passed, limit }: Followed): void => {
    for (const [first, since] of passed.entries()) {
      for (let last = first; last < passed.length; last += 1) {
        const until = passed[last] ?? since;
        const bound = until.entitled - since.entitled + limit * (most + until.alone - since.alone) + 1;
        if (last - first + 1 <= bound) continue;
        const ms = Math.round(until.at - since.at);
        breach('I13', `${key} had ${last - first + 1} within ${ms} ms, with ${limit} in a minute`);
        return;
      }
    }
  };

  return {
    arrived: (arrival) => {
      lookWhoIsAlone();
      const followed = followedOf(arrival.key, arrival.peer);
      advance(arrival.key, followed);
      const leaked = (followed.limit * (now() - followed.levelAt)) / minuteMs;
      followed.level = Math.max(0, followed.level - leaked);
      followed.levelAt = now();
      if (!arrival.passed) {
        checkRefusal(arrival, followed);
        return;
      }
      followed.level += 1;
      followed.passed.push({ at: now(), entitled: followed.entitled, alone: timesAlone });
    },
    sample: () => {
      lookWhoIsAlone();
      for (const [key, followed] of keys) advance(key, followed);
    },
    quiet: () => {
      for (const [key, followed] of keys) checkWindows(key, followed);
    },
  };
};
