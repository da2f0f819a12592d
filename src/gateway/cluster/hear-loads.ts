/** Loads of other instances are seen as loads; where one ended, what it brought is looked at. Shell. */

import type { HostKey, PairKey } from '../../core/cluster/document.ts';
import type { Knowledge } from '../../core/cluster/knowledge.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { Discovery } from '../discovery.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { HostKeys } from './host-keys.ts';
import type { PairRecords } from './pair-records.ts';

export interface LoadHearingDeps {
  readonly fleet: Fleet;
  readonly keys: HostKeys;
  readonly records: PairRecords;
  readonly discovery: Discovery;
  /** A load that was waited for ended, or one began. */
  readonly loadsChanged: (host: Host) => void;
  readonly knowledge: () => Knowledge;
}

type Running = ReadonlyMap<PairKey, Millis>;

const none: Running = new Map();

/** What is left of the loads that run, by host and pair. */
const runningLoads = ({ heads }: Knowledge): ReadonlyMap<HostKey, Running> => {
  const running = new Map<HostKey, Map<PairKey, Millis>>();
  for (const { loads } of heads.values()) {
    for (const { host, pair, phase, remainMs } of loads) {
      if (phase !== 'loading') continue;
      const there = running.get(host) ?? new Map<PairKey, Millis>();
      running.set(host, there.set(pair, remainMs));
    }
  }
  return running;
};

/** Called after each reading. */
export const createLoadHearing = (deps: LoadHearingDeps): ((now: Millis) => void) => {
  const { fleet, keys, records, discovery, loadsChanged, knowledge } = deps;

  const setUntil = (key: PairKey, until: Millis | undefined): void => {
    const found = keys.pairAt(key);
    if (found !== undefined) found.pair.loadingElsewhere = until;
  };

  const hearOf = (host: Host, there: Running, now: Millis): void => {
    const record = records.ofHost(host);
    if (there.size === 0 && record.loading.size === 0) return;
    const ended = [...record.loading].filter((key) => !there.has(key));
    for (const [key, remainMs] of there) setUntil(key, now + remainMs);
    for (const key of ended) setUntil(key, undefined);
    record.loading = new Set(there.keys());
    if (ended.length === 0) loadsChanged(host);
    else void discovery.look(host).then(() => loadsChanged(host));
  };

  return (now) => {
    const running = runningLoads(knowledge());
    for (const host of fleet.hosts()) hearOf(host, running.get(keys.host(host)) ?? none, now);
  };
};
