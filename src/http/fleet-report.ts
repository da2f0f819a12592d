/** What is known of every host, as plain data for pages and the command line. */

import type { Fleet } from '../gateway/fleet.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Host } from '../gateway/host.ts';
import { type KeyReport, keysShown } from '../gateway/host-keys.ts';
import { ownLoad, type PeerLoad } from '../gateway/peer-load.ts';
import { version } from '../spec/version.ts';
import type { BackendId, Lane, Millis, Zone } from '../spec/vocabulary.ts';

export interface BackendReport {
  readonly backend: BackendId;
  readonly kind: string;
  readonly preset?: string | undefined;
  readonly lane: Lane;
  readonly zone: Zone;
  readonly priority: number;
  readonly state: 'unknown' | 'up' | 'down';
  readonly reason?: string | undefined;
  readonly version?: string | undefined;
  /** For those who may administer; an ordinary caller has no use for an address. */
  readonly url?: string | undefined;
  readonly simulated: boolean;
  readonly inflight: number;
  readonly slots: number;
  readonly models: number;
  readonly loaded: readonly string[];
  readonly roundTripMs?: Millis | undefined;
  /** Its keys by position, counted from 1; absent where it has none. */
  readonly keys?: readonly KeyReport[] | undefined;
}

export interface HealthReport {
  readonly service: 'pointsman';
  readonly version: string;
  /** `degraded`: some backend is down, or a key is not taken; `down`: none is up. */
  readonly status: 'ok' | 'degraded' | 'down' | 'draining';
  readonly simulated: boolean;
  readonly inflight: number;
  readonly queued: number;
  /** What another Pointsman reckons with: over all backends that are up. */
  readonly load: PeerLoad;
  /** How it stands with the other instances; absent where there are none to share with. */
  readonly state?:
    | {
        readonly driver: string;
        readonly status: 'starting' | 'attached' | 'detached';
        readonly reason?: string | undefined;
        readonly instance: string;
        readonly instances: number;
        readonly ignored: number;
      }
    | undefined;
  readonly backends: readonly BackendReport[];
}

/** What a host that is down held is gone. */
const loadedOn = (host: Host): readonly string[] =>
  host.health.state === 'down'
    ? []
    : [...host.cards.values()].filter(({ loaded }) => loaded !== undefined).map(({ name }) => name);

const backendReport = (host: Host, addresses: 'shown' | 'hidden', now: Millis): BackendReport => {
  const { options } = host.backend;
  const keys = keysShown(host.keys, now);
  return {
    backend: options.id,
    kind: options.kind,
    preset: options.preset,
    lane: options.lane,
    zone: options.zone,
    priority: options.priority,
    state: host.health.state,
    reason: host.health.state === 'down' ? host.health.reason : undefined,
    version: host.version,
    url: addresses === 'shown' ? options.url : undefined,
    simulated: host.simulated,
    inflight: host.inflight,
    slots: host.slots,
    models: host.cards.size,
    loaded: loadedOn(host),
    roundTripMs: host.roundTripMs === undefined ? undefined : Math.round(host.roundTripMs * 10) / 10,
    ...(keys.length === 0 ? {} : { keys }),
  };
};

const stateReport = ({ cluster }: Gateway): HealthReport['state'] => {
  const state = cluster.state();
  if (state === undefined) return undefined;
  const { driver, attachment, instance, instances, ignored } = state;
  return {
    driver,
    status: attachment.state,
    reason: attachment.state === 'detached' ? attachment.reason : undefined,
    instance,
    instances,
    ignored: [...ignored.values()].reduce((sum, count) => sum + count, 0),
  };
};

/** The state of the whole instance. */
export const healthReport = (gateway: Gateway, addresses: 'shown' | 'hidden'): HealthReport => {
  const hosts = gateway.fleet.hosts();
  const up = hosts.filter(({ health }) => health.state === 'up').length;
  const backends = hosts.map((host) => backendReport(host, addresses, gateway.now()));
  const isRefused = backends.some(({ keys = [] }) => keys.some(({ state }) => state === 'out'));
  const status = up === 0 ? 'down' : up < hosts.length || isRefused ? 'degraded' : 'ok';
  return {
    service: 'pointsman',
    version,
    status: gateway.active.draining() ? 'draining' : status,
    simulated: hosts.length > 0 && hosts.every(({ simulated }) => simulated),
    inflight: gateway.active.running(),
    queued: gateway.slots.waiting(),
    load: ownLoad(gateway.fleet, gateway.slots.waiting()),
    state: stateReport(gateway),
    backends,
  };
};

export interface ModelPlace {
  readonly backend: BackendId;
  readonly upstream: string;
  readonly state: 'unknown' | 'up' | 'down';
  readonly loaded: boolean;
  readonly sizeBytes?: number | undefined;
  readonly contextTokens?: number | undefined;
}

export interface ModelReport {
  readonly model: string;
  readonly available: boolean;
  readonly simulated: boolean;
  readonly backends: readonly ModelPlace[];
}

const placesOf = (model: string, fleet: Fleet): readonly ModelPlace[] =>
  fleet.placements(model).map(({ host, upstream }) => {
    const card = host.cards.get(upstream);
    return {
      backend: host.backend.options.id,
      upstream,
      state: host.health.state,
      loaded: card?.loaded !== undefined,
      sizeBytes: card?.sizeBytes,
      contextTokens: card?.contextTokens,
    };
  });

/** Where one model stands; undefined when nobody has it. */
export const modelReport = (model: string, fleet: Fleet): ModelReport | undefined => {
  const backends = placesOf(model, fleet);
  if (backends.length === 0) return undefined;
  const simulated = fleet.placements(model).every(({ host }) => host.simulated);
  return { model, available: backends.some(({ state }) => state === 'up'), simulated, backends };
};

/** Every model clients may ask for, with the hosts that have it. */
export const modelReports = (fleet: Fleet): readonly ModelReport[] =>
  fleet.catalogue().flatMap(({ name }) => modelReport(name, fleet) ?? []);
