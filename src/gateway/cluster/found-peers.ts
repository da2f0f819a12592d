/** Instances that say in their documents where they are reached, as backends of this one. Shell state in, values out. */

import type { Knowledge } from '../../core/cluster/knowledge.ts';
import { peerAddress } from '../../core/cluster/peer-address.ts';
import type { BackendOptions, StateSettings } from '../../spec/settings.ts';
import type { Zone } from '../../spec/vocabulary.ts';

/** Below whatever is configured: who names a backend means it. */
const foundPriority = 1;

/** One backend for each that is alive, but for this one and those that are configured; in a fixed order. */
export const foundPeers = (
  { heads }: Knowledge,
  configured: readonly BackendOptions[],
  { advertise, findPeers, peerKey }: StateSettings,
  zoneOf: (url: string) => Zone,
): readonly BackendOptions[] => {
  if (!findPeers) return [];
  const urls = new Set<string | undefined>([
    ...configured.map(({ url }) => url),
    ...(advertise === undefined ? [] : [peerAddress(advertise)]),
  ]);
  const ids = new Set(configured.map(({ id }) => id));
  const found: BackendOptions[] = [];
  for (const { peer: url, instance } of heads.values()) {
    if (url === undefined || urls.has(url) || ids.has(instance)) continue;
    urls.add(url);
    ids.add(instance);
    found.push({
      id: instance,
      kind: 'peer',
      url,
      lane: 'peer',
      zone: zoneOf(url),
      priority: foundPriority,
      simulated: false,
      ...(peerKey === undefined ? {} : { apiKey: peerKey }),
    });
  }
  return found.sort((left, right) => (left.id < right.id ? -1 : 1));
};
