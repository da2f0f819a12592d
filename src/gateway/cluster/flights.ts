/** How many slots of each host the other instances hold, and how many this one may take of them. Shell. */

import type { Knowledge } from '../../core/cluster/knowledge.ts';
import { slotShare } from '../../core/cluster/ownership.ts';
import { isOwnTurn, nextTurn } from '../../core/cluster/turns.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { HostKeys } from './host-keys.ts';
import type { PairRecords } from './pair-records.ts';

export interface FlightsDeps {
  readonly fleet: Fleet;
  readonly keys: HostKeys;
  readonly own: string;
  readonly knowledge: Knowledge;
  /** How many others there were when the store was lost; undefined while it is there. */
  readonly lostOthers: number | undefined;
  readonly records: PairRecords;
  readonly now: Millis;
}

/** A peer that shares the store says more often how full it is than it is asked. */
const countPeer = (host: Host, { heads }: Knowledge): void => {
  const address = host.backend.options.url;
  for (const { peer, flights, waiting } of heads.values()) {
    if (peer !== address) continue;
    let busy = waiting;
    for (const { inflight } of flights.values()) busy += inflight;
    host.elsewhere = Math.max(0, busy - host.inflight);
  }
};

/** Writes what was heard into the hosts, where every decision finds it without asking anybody. */
export const countFlights = (deps: FlightsDeps): void => {
  const { fleet, keys, own, knowledge, lostOthers, records, now } = deps;
  for (const host of fleet.hosts()) {
    if (host.backend.isPeer === true) {
      countPeer(host, knowledge);
      continue;
    }
    if (lostOthers !== undefined && knowledge.heads.size === 0) {
      // Nobody can be seen, and all may be there: each takes its part, rounded up.
      host.elsewhere = 0;
      host.ownLimit = lostOthers === 0 ? Infinity : Math.ceil(host.slots / (lostOthers + 1));
      continue;
    }
    const key = keys.host(host);
    let elsewhere = 0;
    let isWanted = false;
    let isSomebodyWithout = false;
    const parties: string[] = [];
    for (const [by, { flights }] of knowledge.heads) {
      const flight = flights.get(key);
      if (flight === undefined) continue;
      elsewhere += flight.inflight;
      isWanted ||= flight.waiting > 0;
      isSomebodyWithout ||= flight.waiting > 0 && flight.inflight === 0;
      parties.push(by);
    }
    host.elsewhere = elsewhere;
    const record = records.ofHost(host);
    const crowd = {
      slots: host.slots,
      own: host.inflight,
      elsewhere,
      others: parties.length,
      isSomebodyWithout,
    };
    record.turn = nextTurn(record.turn, crowd, now);
    const share = isWanted ? slotShare(host.slots, key, own, parties) : Infinity;
    host.ownLimit = isOwnTurn(record.turn, crowd, now) ? share : 0;
  }
};
