/** What a simulated host has seen and done, for tests that must prove what reached it. */

import type { HostCore } from './host-core.ts';

/** The counts of one host at one moment. */
export interface HostStats {
  readonly requests: number;
  /** POSTs by path; tells attempts apart from what a runtime sent again by itself. */
  readonly posts: Readonly<Record<string, number>>;
  /** Requests that hold a slot now: what occupies the machine. */
  readonly active: number;
  /** Requests that wait for a slot or for a load. */
  readonly queued: number;
  readonly finished: number;
  /** Runs whose caller left, while they ran or waited. */
  readonly cancelled: number;
  readonly failed: number;
  readonly loads: number;
  readonly loadsAborted: number;
  readonly reloads: number;
  readonly evictions: number;
  /** Names of the models in memory. */
  readonly loaded: readonly string[];
  /** The model that is being loaded, which no listing of the host shows. */
  readonly loading: string | undefined;
}

/** Where requests are counted as they arrive. */
export interface HostCounts {
  request(method: string, path: string): void;
  readonly stats: () => HostStats;
}

/** Counts requests, and reads the rest from the engine. */
export const createHostCounts = (core: HostCore): HostCounts => {
  const posts = new Map<string, number>();
  let requests = 0;
  return {
    request(method, path) {
      requests++;
      if (method === 'POST') posts.set(path, (posts.get(path) ?? 0) + 1);
    },
    stats: () => {
      const { counts, scheduler } = core.engine;
      return {
        requests,
        posts: Object.fromEntries(posts),
        active: counts.active,
        queued: core.engine.queued(),
        finished: counts.finished,
        cancelled: counts.cancelled,
        failed: counts.failed,
        loads: scheduler.counts.loads,
        loadsAborted: scheduler.counts.loadsAborted,
        reloads: scheduler.counts.reloads,
        evictions: scheduler.counts.evictions,
        loaded: scheduler.loaded().map((runner) => runner.spec.name),
        loading: scheduler.loading()?.name,
      };
    },
  };
};
