/** What this instance tells the others of hosts as wholes: what runs there, whether they are up, what they hold. Shell. */

import type { Flight, HostFact, HostKey, ResidentFact, SharedLoad } from '../../core/cluster/document.ts';
import { rankOf } from '../../core/cluster/ownership.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { BodyFacts, HeadFacts } from '../../state/replica-port.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { Slots } from '../slots.ts';
import type { HostKeys } from './host-keys.ts';
import type { LoadIntents } from './load-gate.ts';

export interface HostFacts {
  head(now: Millis): Pick<HeadFacts, 'waiting' | 'flights' | 'hosts' | 'loads'>;
  residents(now: Millis): BodyFacts['residents'];
}

export interface HostFactsDeps {
  readonly fleet: Fleet;
  readonly slots: Slots;
  readonly keys: HostKeys;
  readonly intents: LoadIntents;
  /** The key of this instance and those of the others that are alive and have the host. */
  readonly own: () => string;
  readonly others: (host: HostKey) => readonly string[];
}

/** News stand in the head for as long as a reader may have missed some. */
export const newsMs: Millis = 10_000;

interface Changed {
  state: HostFact['state'] | 'unknown';
  changes: number;
  at: Millis;
}

/** Remembers when each host was last seen in another state. */
export const createHostFacts = ({ fleet, slots, keys, intents, own, others }: HostFactsDeps): HostFacts => {
  const hostChanges = new WeakMap<Host, Changed>();

  const hostFact = (host: Host, now: Millis): Changed => {
    const { state } = host.health;
    const known = hostChanges.get(host) ?? { state: 'unknown', changes: 0, at: -Infinity };
    if (known.state !== state) {
      known.changes += 1;
      known.state = state;
      known.at = now;
    }
    hostChanges.set(host, known);
    return known;
  };

  const flightsAndHosts = (now: Millis) => {
    const flights = new Map<HostKey, Flight>();
    const hosts = new Map<HostKey, HostFact>();
    const waitingHere = slots.waiting();
    for (const host of fleet.hosts()) {
      const key = keys.host(host);
      const waiting = waitingHere > 0 && host.health.state !== 'down' ? slots.waitingFor(host) : 0;
      if (host.inflight > 0 || waiting > 0) flights.set(key, { inflight: host.inflight, waiting });
      const { state, changes, at } = hostFact(host, now);
      // That a host is up is news only where it was not.
      const isBack = state === 'up' && changes > 1 && now - at < newsMs;
      if (state === 'down' || isBack) hosts.set(key, { changes, state });
    }
    return { waiting: waitingHere, flights, hosts };
  };

  const loadsOf = (now: Millis): readonly SharedLoad[] => {
    const loads: SharedLoad[] = [];
    for (const host of fleet.hosts()) {
      const { loading } = host;
      const pair = loading === undefined ? undefined : host.pairs.get(loading.model);
      if (loading === undefined || pair === undefined) continue;
      const remainMs = loading.deadlineAt - now;
      const where = { host: keys.host(host), pair: keys.pair(host, pair) };
      loads.push({ ...where, phase: 'loading', ticket: 0, remainMs });
    }
    return [...loads, ...intents.told(now)];
  };

  const residents = (now: Millis): ReadonlyMap<HostKey, ResidentFact> => {
    const found = new Map<HostKey, ResidentFact>();
    for (const host of fleet.hosts()) {
      if (host.health.state !== 'up' || !host.tellsLoaded) continue;
      // Who looks for all tells it.
      const key = keys.host(host);
      if (rankOf(`look ${key}`, own(), others(key)) > 0) continue;
      const models = new Map<string, number>();
      for (const { name, loaded } of host.cards.values()) {
        if (loaded !== undefined) models.set(keys.model(name), loaded.sizeVramBytes ?? 0);
      }
      const { totalBytes, freeBytes } = host.gpu ?? {};
      found.set(key, { ageMs: Math.max(0, now - host.lookedAt), models, totalBytes, freeBytes });
    }
    return found;
  };

  return { head: (now) => ({ ...flightsAndHosts(now), loads: loadsOf(now) }), residents };
};
