/** What the stages of a request stand on: the fleet, its slots, its loads, who looks at it, and who else uses it. Shell. */

import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Mode, Zone } from '../spec/vocabulary.ts';
import { openStore } from '../state/open-store.ts';
import type { StateStore } from '../state/store.ts';
import type { Report } from '../telemetry/events.ts';
import { type Active, createActive } from './active.ts';
import { type Cluster, createCluster } from './cluster/cluster.ts';
import { createKnownBackends, type KnownBackends } from './cluster/known-backends.ts';
import { createDiscovery, type Discovery } from './discovery.ts';
import type { DispatchDeps } from './dispatch.ts';
import type { FeedbackLog } from './feedback.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { createMemory } from './learning.ts';
import { createLoads, type Loads } from './loads.ts';
import { createPreloads } from './preload.ts';
import { createQuotas, type Quotas } from './quotas.ts';
import { createRetryTokens } from './retry-tokens.ts';
import type { Books } from './settle.ts';
import { createSlots, type Slots } from './slots.ts';

/** What only some gateways are given. */
export interface GatewayOptions {
  /** The name of the machine: the same loopback address on another one is another host. */
  readonly hostname?: string | undefined;
  /** Whether an address stays on this network; without it none is held to. */
  readonly zoneOf?: ((url: string) => Zone) | undefined;
  /** In place of the one that the settings name. */
  readonly store?: StateStore | undefined;
  /** Where what callers thought of answers is written; without it nowhere. */
  readonly feedbackLog?: (() => FeedbackLog | undefined) | undefined;
}

/** What holds now; both may change while requests run. */
export interface InForce {
  readonly settings: () => GatewaySettings;
  readonly mode: () => Mode;
}

export interface Assembly {
  readonly fleet: Fleet;
  readonly slots: Slots;
  readonly loads: Loads;
  readonly discovery: Discovery;
  readonly cluster: Cluster;
  readonly quotas: Quotas;
  readonly backends: KnownBackends;
  readonly active: Active;
  readonly books: Books;
  readonly deps: DispatchDeps;
}

/** Puts them together; each knows of the others only what it is given here. */
export const assemble = (
  initial: GatewaySettings,
  ports: Ports,
  report: Report,
  { settings, mode }: InForce,
  options: GatewayOptions,
): Assembly => {
  const { clock } = ports;
  const fleet = createFleet(Math.floor(ports.random() * 4294967296));
  const memory = createMemory();
  const instances = (): number => cluster.instances();
  const slots = createSlots({ fleet, ports, settings, mode, memory, instances });
  const loads = createLoads(ports, slots.wake, report, (wish, now) => cluster.gate.holds(wish, now));
  const preloads = createPreloads(fleet, loads, clock);
  const discovery = createDiscovery(
    fleet,
    ports,
    settings,
    report,
    (host) => {
      cluster.looked(host);
      slots.wake();
      preloads.look(host);
    },
    (host) => cluster.spares(host),
  );
  const quotas = createQuotas();
  quotas.apply(initial.limitedKeys ?? []);
  const cluster: Cluster = createCluster({
    fleet,
    slots,
    memory,
    discovery,
    quotas,
    ports,
    report,
    settings: initial.state,
    hostname: options.hostname ?? 'localhost',
    heard: () => backends.lookForPeers(),
    loadsChanged: (host) => {
      loads.wake(host.backend.options.id);
      slots.wake();
    },
  });
  const backends = createKnownBackends({
    fleet,
    discovery,
    cluster,
    settings,
    zoneOf: options.zoneOf ?? (() => 'cloud'),
  });
  const active = createActive(clock);
  const books: Books = { clock, report, active };
  const budget = createRetryTokens(settings, clock.now());
  const deps: DispatchDeps = {
    fleet,
    slots,
    loads,
    discovery,
    ports,
    report,
    settings,
    memory,
    budget,
  };
  fleet.apply(initial);
  if (options.store !== undefined) cluster.join(Promise.resolve(options.store));
  else if (initial.state.driver !== 'memory') cluster.join(openStore(initial.state, ports.fetch));
  return { fleet, slots, loads, discovery, cluster, quotas, backends, active, books, deps };
};
