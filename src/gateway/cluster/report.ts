/** The cluster as a person sees it: who is there, what each does, and what each believes of each pair. Shell state in. */

import type { Head } from '../../core/cluster/document.ts';
import { type BreakerFact, breakerFact, joinBreakers } from '../../core/cluster/shared-breaker.ts';
import { leaked } from '../../core/quota.ts';
import type { BackendId, Millis } from '../../spec/vocabulary.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { Pair } from '../pair.ts';
import type { Meter, Quotas } from '../quotas.ts';
import type { Cluster } from './cluster.ts';

/** What one instance thinks of a pair. */
export interface Belief {
  readonly instance: string;
  readonly phase: BreakerFact['phase'] | 'pinned';
  readonly epoch: number;
  readonly openings: number;
  /** Until it may be tried, or has all its slots. */
  readonly remainMs: Millis;
}

export interface PairReport {
  readonly backend: BackendId;
  readonly model: string;
  /** Who tries it first once it may be tried. */
  readonly owner: string;
  readonly beliefs: readonly Belief[];
  /** Whether two of them think differently. */
  readonly disagree: boolean;
}

export interface InstanceReport {
  readonly instance: string;
  readonly self: boolean;
  readonly state: 'alive' | 'silent' | 'left';
  /** Since its number last moved. */
  readonly silentMs: Millis;
  readonly upMs: Millis;
  readonly inflight: number;
  readonly waiting: number;
  /** Backends it looks at for all. */
  readonly owns: readonly BackendId[];
  readonly loads: number;
  readonly peer?: string | undefined;
}

/** How far a limit is used up, as this instance counts it. */
export interface UseReport {
  readonly used: number;
  readonly limit: number;
  /** What of it this instance may give; less than all while it is cut off. */
  readonly share: number;
}

/** A key with limits, by its name. */
export interface QuotaReport {
  readonly key: string;
  readonly requests?: UseReport | undefined;
  readonly tokens?: UseReport | undefined;
}

export interface ClusterReport {
  readonly instance: string | undefined;
  readonly driver: string | undefined;
  readonly state: 'alone' | 'starting' | 'attached' | 'detached';
  readonly reason?: string | undefined;
  readonly failures: number;
  readonly ignored: Readonly<Record<string, number>>;
  readonly instances: readonly InstanceReport[];
  /** Only pairs about which somebody thinks anything but well. */
  readonly pairs: readonly PairReport[];
  readonly quotas: readonly QuotaReport[];
}

interface Seen {
  readonly key: string;
  readonly instance: string;
}

const ownedBy = (key: string, cluster: Cluster, fleet: Fleet): readonly BackendId[] =>
  fleet.hosts().flatMap((host) => {
    const at = cluster.keys.host(host);
    return cluster.firstFor(`look ${at}`, at) === key ? [host.backend.options.id] : [];
  });

const inflightOf = (head: Head | undefined): number =>
  [...(head?.flights.values() ?? [])].reduce((sum, { inflight }) => sum + inflight, 0);

const instancesOf = (cluster: Cluster, fleet: Fleet, now: Millis): readonly InstanceReport[] => {
  const state = cluster.state();
  const hosts = fleet.hosts();
  const self: InstanceReport = {
    instance: state?.instance ?? 'this one',
    self: true,
    state: 'alive',
    silentMs: 0,
    upMs: Math.round(now - cluster.bornAt),
    inflight: hosts.reduce((sum, { inflight }) => sum + inflight, 0),
    waiting: cluster.waiting(),
    owns: ownedBy(cluster.own(), cluster, fleet),
    loads: hosts.filter(({ loading }) => loading !== undefined).length,
  };
  const { heads } = cluster.knowledge();
  const others = cluster.members().map(({ key, instance, alive, leaving, movedAt }): InstanceReport => {
    const head = alive ? heads.get(key) : undefined;
    return {
      instance,
      self: false,
      state: leaving ? 'left' : alive ? 'alive' : 'silent',
      silentMs: Math.round(now - movedAt),
      upMs: head?.upMs ?? 0,
      inflight: inflightOf(head),
      waiting: head?.waiting ?? 0,
      owns: alive ? ownedBy(key, cluster, fleet) : [],
      loads: head?.loads.filter(({ phase }) => phase === 'loading').length ?? 0,
      peer: head?.peer,
    };
  });
  return [self, ...others];
};

const told = (instance: string, { phase, epoch, openings, until }: BreakerFact, now: Millis): Belief => ({
  instance,
  phase,
  epoch,
  openings,
  remainMs: phase === 'closed' ? 0 : Math.max(0, Math.round(until - now)),
});

const beliefsOf = (
  host: Host,
  pair: Pair,
  cluster: Cluster,
  seen: readonly Seen[],
  now: Millis,
): readonly Belief[] => {
  const { heads, bodies } = cluster.knowledge();
  const key = cluster.keys.pair(host, pair);
  const own = cluster.state()?.instance ?? 'this one';
  const { pin, breaker } = pair.health;
  const beliefs: Belief[] = [told(own, breakerFact(breaker, now), now)];
  if (pin !== undefined && pin.until > now) {
    beliefs[0] = {
      instance: own,
      phase: 'pinned',
      epoch: 0,
      openings: pin.times,
      remainMs: Math.round(pin.until - now),
    };
  }
  for (const { key: by, instance } of seen) {
    const pinned = heads.get(by)?.pins.get(key) ?? bodies.get(by)?.pins.get(key);
    if (pinned !== undefined && pinned.times > 0 && pinned.until > now) {
      const remainMs = Math.round(pinned.until - now);
      beliefs.push({ instance, phase: 'pinned', epoch: 0, openings: pinned.times, remainMs });
      continue;
    }
    const [fresh, kept] = [heads.get(by)?.breakers.get(key), bodies.get(by)?.breakers.get(key)];
    const fact = fresh !== undefined && kept !== undefined ? joinBreakers(fresh, kept) : (fresh ?? kept);
    beliefs.push(told(instance, fact ?? { epoch: 1, phase: 'closed', openings: 0, until: 0 }, now));
  }
  return beliefs;
};

const pairsOf = (cluster: Cluster, fleet: Fleet, now: Millis): readonly PairReport[] => {
  const seen = cluster.members().filter(({ alive }) => alive);
  const names = new Map<string, string>([
    [cluster.own(), cluster.state()?.instance ?? 'this one'],
    ...seen.map(({ key, instance }) => [key, instance] as const),
  ]);
  const reports: PairReport[] = [];
  for (const host of fleet.hosts()) {
    for (const pair of host.pairs.values()) {
      const beliefs = beliefsOf(host, pair, cluster, seen, now);
      if (beliefs.every(({ phase }) => phase === 'closed')) continue;
      const subject = `${cluster.keys.pair(host, pair)} ${pair.health.breaker.epoch}`;
      reports.push({
        backend: host.backend.options.id,
        model: pair.upstream,
        owner: names.get(cluster.firstFor(subject, cluster.keys.host(host))) ?? '',
        beliefs,
        disagree: new Set(beliefs.map(({ phase }) => phase)).size > 1,
      });
    }
  }
  return reports;
};

const useOf = (meter: Meter | undefined, now: Millis): UseReport | undefined =>
  meter && {
    used: Math.round(leaked(meter.bucket, meter.capacity, now).level),
    limit: meter.perMinute,
    share: meter.capacity,
  };

const quotasOf = (quotas: Quotas, now: Millis): readonly QuotaReport[] =>
  [...quotas.all()].map(({ name, requests, tokens }) => ({
    key: name,
    requests: useOf(requests, now),
    tokens: useOf(tokens, now),
  }));

/** As of now. */
export const clusterReport = (
  { cluster, fleet, quotas }: { readonly cluster: Cluster; readonly fleet: Fleet; readonly quotas: Quotas },
  now: Millis,
): ClusterReport => {
  const state = cluster.state();
  return {
    instance: state?.instance,
    driver: state?.driver,
    state: state?.attachment.state ?? 'alone',
    reason: state?.attachment.reason,
    failures: state?.attachment.failures ?? 0,
    ignored: Object.fromEntries(state?.ignored ?? []),
    instances: instancesOf(cluster, fleet, now),
    pairs: pairsOf(cluster, fleet, now),
    quotas: quotasOf(quotas, now),
  };
};
