/** The backends that configuration names, and those that were found through the shared store. Shell. */

import type { BackendOptions, GatewaySettings } from '../../spec/settings.ts';
import type { Zone } from '../../spec/vocabulary.ts';
import type { Discovery } from '../discovery.ts';
import type { Fleet } from '../fleet.ts';
import type { Cluster } from './cluster.ts';
import { foundPeers } from './found-peers.ts';

export interface KnownBackendsDeps {
  readonly fleet: Fleet;
  readonly discovery: Pick<Discovery, 'start'>;
  readonly cluster: Pick<Cluster, 'knowledge' | 'hasLeft'>;
  readonly settings: () => GatewaySettings;
  /** Whether an address stays on this network. */
  readonly zoneOf: (url: string) => Zone;
}

export interface KnownBackends {
  /** Has the fleet hold all of them. */
  take(): void;
  /** Asks the store's documents whether a peer came or went. */
  lookForPeers(): void;
}

/** One list for both, so that a change of either keeps what the other one gave. */
export const createKnownBackends = (deps: KnownBackendsDeps): KnownBackends => {
  const { fleet, discovery, cluster, settings, zoneOf } = deps;
  let found: readonly BackendOptions[] = [];

  const take = (): void => {
    const named = settings();
    // What configuration says of a backend goes before what was found of it.
    const isNamed = ({ id, url }: BackendOptions): boolean =>
      named.backends.some((each) => each.id === id || each.url === url);
    found = named.state.findPeers ? found.filter((each) => !isNamed(each)) : [];
    fleet.apply(found.length === 0 ? named : { ...named, backends: [...named.backends, ...found] });
    discovery.start();
  };

  return {
    take,
    lookForPeers: () => {
      const { backends, state } = settings();
      const heard = foundPeers(cluster.knowledge(), backends, state, zoneOf);
      // One that only the store does not show any more is kept for as long as it answers.
      const silent = found.filter(
        ({ id, url }) =>
          heard.every((each) => each.id !== id && each.url !== url) &&
          !cluster.hasLeft(id) &&
          fleet.host(id)?.health.state !== 'down',
      );
      const next = [...heard, ...silent];
      const isSame =
        next.length === found.length &&
        next.every(({ url, id, apiKey }, index) => {
          const known = found[index];
          return known?.url === url && known.id === id && known.apiKey === apiKey;
        });
      if (isSame) return;
      found = next;
      take();
    },
  };
};
