/** The models that configuration wants in memory: loaded when their backend comes up, and never in another's place. Shell. */

import { underPressure } from '../core/pins.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Fleet, Placement } from './fleet.ts';
import type { Host } from './host.ts';
import type { Loads } from './loads.ts';
import { residencyOf } from './pair.ts';
import { learnFailedLoad } from './ran-out.ts';
import { plainLoadCall } from './residency-call.ts';

export interface Preloads {
  /** After a look at a host that is up: loads the next of its list, where it has room. */
  look(host: Host): void;
}

interface List {
  readonly upSince: Millis;
  readonly names: readonly string[];
  readonly key: string;
  readonly open: Set<string>;
}

const none: readonly string[] = [];

/** For ever, unless the backend's limit says otherwise. */
const keepAliveOf = ({ backend }: Host): number => {
  const { maxMs } = backend.options.keepAlive ?? {};
  return maxMs === undefined ? -1 : maxMs / 1000;
};

/** What is in memory beside the list was wanted by somebody. */
const holdsOthers = (host: Host, wanted: ReadonlySet<string>, now: Millis): boolean =>
  [...host.pairs.values()].some(
    (pair) => !wanted.has(pair.upstream) && residencyOf(pair, host, now).state === 'hot',
  );

/** Nothing was loaded yet. */
export const createPreloads = (fleet: Fleet, loads: Loads, clock: { now(): Millis }): Preloads => {
  const lists = new WeakMap<Host, List>();

  const listOf = (host: Host): List => {
    const { preload: names = none } = host.backend.options;
    const known = lists.get(host);
    const key = names.join('\n');
    if (known !== undefined && known.upSince === host.upSince && known.key === key) return known;
    const list: List = { upSince: host.upSince, names, key, open: new Set(names) };
    lists.set(host, list);
    return list;
  };

  const placementOf = (host: Host, name: string): Placement | undefined =>
    fleet.placements(name).find((placement) => placement.host === host);

  const load = async (placement: Placement, name: string, { open }: List): Promise<void> => {
    const { host, pair } = placement;
    const call = plainLoadCall(placement, keepAliveOf(host));
    if (call === undefined) {
      open.delete(name);
      return;
    }
    const result = await loads.want({ host, pair, call, manner: 'spare' }).done;
    // One that failed is left alone until the backend comes up again; one that had no room is asked for again.
    if (result.end !== 'dropped') open.delete(name);
    if (result.end === 'failed') learnFailedLoad(host, pair, result.failure, clock.now());
    if (result.end === 'ready') look(host);
  };

  const look = (host: Host): void => {
    const list = listOf(host);
    if (list.open.size === 0 || host.loading !== undefined) return;
    const now = clock.now();
    if (underPressure(host.health.pressure, now)) return;
    const placements = list.names.flatMap((name) => placementOf(host, name) ?? []);
    const wanted = new Set(placements.map(({ upstream }) => upstream));
    if (holdsOthers(host, wanted, now)) return;
    for (const name of [...list.open]) {
      const placement = placementOf(host, name);
      // Not there: it may be pulled later.
      if (placement === undefined) continue;
      if (residencyOf(placement.pair, host, now).state === 'hot') {
        list.open.delete(name);
        continue;
      }
      if ((placement.pair.health.pin?.until ?? 0) > now) continue;
      void load(placement, name, list);
      return;
    }
  };

  return { look };
};
