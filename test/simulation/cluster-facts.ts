/** The one place that reads what an instance knows of the others, for the invariants of several. */

import { admits, type Breaker } from '../../src/core/breaker.ts';
import type { Knowledge } from '../../src/core/cluster/knowledge.ts';
import { type BreakerFact, breakerFact } from '../../src/core/cluster/shared-breaker.ts';
import { residencyOf } from '../../src/gateway/pair.ts';
import type { PointsmanApp } from '../../src/http/app.ts';

export interface SharedHost {
  readonly id: string;
  readonly inflight: number;
  readonly slots: number;
  /** What it counts of the others. */
  readonly elsewhere: number;
  readonly isDown: boolean;
  readonly loading: { readonly model: string; readonly startedAt: number } | undefined;
}

export interface SharedPair {
  readonly host: string;
  readonly model: string;
  readonly breaker: BreakerFact;
  readonly pin: { readonly until: number; readonly times: number } | undefined;
  readonly isHot: boolean;
  /** Why it would be asked by nobody, whatever a pin says; undefined where it may be. */
  readonly closedFor: string | undefined;
}

/** A trial of a pair that rests, from the moment it was decided on. */
export interface SharedTrial {
  readonly host: string;
  readonly model: string;
  /** Its number among the trials of the pair. */
  readonly ticket: number;
}

/** How it stands with the requests of a key. */
export interface SharedQuota {
  readonly perMinute: number;
  readonly capacity: number;
  /** What the instance let through since its start. */
  readonly count: number;
}

export interface ClusterFacts {
  readonly hosts: () => readonly SharedHost[];
  /** Those of its own. */
  readonly trials: () => readonly SharedTrial[];
  readonly pairs: (now: number) => readonly SharedPair[];
  /** What it heard and still counts. */
  readonly knowledge: () => Knowledge;
  /** Undefined where the requests of the key are not limited. */
  readonly quota: (key: string) => SharedQuota | undefined;
}

/** One name for what engines call differently. */
export const plainName = (model: string): string => model.replace(/^ai\//, '').replace(/:latest$/, '');

const closedFor = (breaker: Breaker, flags: Readonly<Record<string, number>>, now: number) => {
  if (admits(breaker, now) === 'no')
    return `set aside, ${JSON.stringify({ ...breaker, in: 'until' in breaker ? breaker.until - now : 0 })}`;
  return Object.keys(flags).find((name) => (flags[name] ?? 0) > now);
};

/** Reading changes nothing. */
export const clusterFacts = ({ gateway: { fleet, cluster, quotas } }: PointsmanApp): ClusterFacts => ({
  hosts: () =>
    fleet.hosts().map(({ backend, inflight, slots, elsewhere, health, loading }) => ({
      id: backend.options.id,
      inflight,
      slots,
      elsewhere,
      isDown: health.state === 'down',
      loading: loading && { model: plainName(loading.model), startedAt: loading.startedAt },
    })),
  trials: () => {
    const running: SharedTrial[] = [];
    for (const host of fleet.hosts()) {
      for (const { upstream, health } of host.pairs.values()) {
        const { breaker } = health;
        if (breaker.state !== 'half-open' || breaker.probe === undefined) continue;
        running.push({
          host: host.backend.options.id,
          model: plainName(upstream),
          ticket: breaker.probe,
        });
      }
    }
    return running;
  },
  pairs: (now) =>
    fleet.hosts().flatMap((host) =>
      [...host.pairs.values()].map((pair) => {
        const { breaker, pin, absentUntil, refusedUntil = 0 } = pair.health;
        const loadingElsewhere = pair.loadingElsewhere ?? 0;
        return {
          host: host.backend.options.id,
          model: plainName(pair.upstream),
          breaker: breakerFact(breaker, now),
          pin,
          isHot: residencyOf(pair, host, now).state === 'hot',
          closedFor: closedFor(breaker, { absentUntil, refusedUntil, loadingElsewhere }, now),
        };
      }),
    ),
  knowledge: () => cluster.knowledge(),
  quota: (key) => {
    const meter = quotas.of(key)?.requests;
    return meter && { perMinute: meter.perMinute, capacity: meter.capacity, count: meter.bucket.count };
  },
});
