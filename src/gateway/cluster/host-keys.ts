/** What hosts and models are called between instances, whatever each calls them. Shell state: remembers what it hashed. */

import type { HostKey, PairKey } from '../../core/cluster/document.ts';
import { hashText } from '../../core/hash.ts';
import type { BackendOptions } from '../../spec/settings.ts';
import { hashedKey } from '../../state/document-keys.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { Pair } from '../pair.ts';

export interface HostKeys {
  host(host: Host): HostKey;
  pair(host: Host, pair: Pair): PairKey;
  /** The key of a model on any host. */
  model(upstream: string): string;
  /** The host with that key; undefined where this instance has none. */
  hostAt(key: HostKey): Host | undefined;
  /** The pair with that key; undefined where this instance has none. */
  pairAt(key: PairKey): { readonly host: Host; readonly pair: Pair } | undefined;
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The address without credentials; one of this machine alone is told apart from the same one of another machine. */
const identity = ({ url }: BackendOptions, hostname: string): string => {
  const { protocol, host, hostname: name, pathname } = new URL(url);
  const machine = loopback.test(name) ? `${hostname.toLowerCase()}\n` : '';
  return `host\n${machine}${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
};

const modelKey = (upstream: string): string => hashText(upstream.toLowerCase()).toString(36);

/** Keys for the hosts of a fleet on a machine of that name. */
export const createHostKeys = (fleet: Fleet, hostname: string): HostKeys => {
  const hosts = new WeakMap<Host, HostKey>();
  const models = new WeakMap<Pair, string>();
  /** Those that were asked for by key. */
  const pairs = new WeakMap<Host, Map<string, Pair>>();

  const hostKey = (host: Host): HostKey => {
    const known = hosts.get(host);
    if (known !== undefined) return known;
    const key = hashedKey(identity(host.backend.options, hostname), 12);
    hosts.set(host, key);
    return key;
  };

  const keyOfModel = (pair: Pair): string => {
    const known = models.get(pair);
    if (known !== undefined) return known;
    const key = modelKey(pair.upstream);
    models.set(pair, key);
    return key;
  };

  let indexed: readonly Host[] = [];
  let byKey: ReadonlyMap<HostKey, Host> = new Map();

  const hostAt = (key: HostKey): Host | undefined => {
    const all = fleet.hosts();
    if (all !== indexed) {
      indexed = all;
      // Of several with one address the first stands for it.
      byKey = new Map([...all].reverse().map((host) => [hostKey(host), host]));
    }
    return byKey.get(key);
  };

  const pairOfModel = (host: Host, model: string): Pair | undefined => {
    const found = pairs.get(host) ?? new Map<string, Pair>();
    pairs.set(host, found);
    const known = found.get(model);
    if (known !== undefined && host.pairs.get(known.upstream) === known) return known;
    for (const pair of host.pairs.values()) {
      if (keyOfModel(pair) !== model) continue;
      found.set(model, pair);
      return pair;
    }
    return undefined;
  };

  return {
    host: hostKey,
    pair: (host, pair) => `${hostKey(host)}.${keyOfModel(pair)}`,
    model: modelKey,
    hostAt,
    pairAt: (key) => {
      const [at = '', model = ''] = key.split('.');
      const host = hostAt(at);
      const pair = host && pairOfModel(host, model);
      return host && pair && { host, pair };
    },
  };
};
