/** All hosts and the index from model names to the hosts that have them; rebuilt when a listing changes, never per request. */

import type { Candidate, Snapshot } from '../core/candidate.ts';
import { nearNames } from '../core/near-names.ts';
import type { NamedCard } from '../protocols/protocol.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { BackendOptions, GatewaySettings, ModelNames } from '../spec/settings.ts';
import type { BackendId, Millis } from '../spec/vocabulary.ts';
import { createHost, type Host, pairOf, sameEngine } from './host.ts';

/** One host that has the model, and under which name. */
export interface Placement {
  readonly host: Host;
  readonly upstream: string;
}

export interface Fleet {
  hosts(): readonly Host[];
  host(id: BackendId): Host | undefined;
  /** Takes new settings; hosts whose engine is unchanged keep all that was learned of them. */
  apply(settings: GatewaySettings): void;
  /** Rebuilds the index after a host's listing changed. */
  reindex(): void;
  placements(model: string): readonly Placement[];
  snapshot(model: string, now: Millis): Snapshot;
  /** One entry per model clients may ask for, in order of name. */
  catalogue(): readonly NamedCard[];
  near(model: string): readonly string[];
  /** Whether every host was looked at once, so that an unknown name is really unknown. */
  settled(): boolean;
}

const candidateOf = ({ host, upstream }: Placement, card: ModelCard): Candidate => {
  const { options } = host.backend;
  return {
    backend: options.id,
    upstream,
    card,
    kind: options.kind,
    lane: options.lane,
    zone: options.zone,
    priority: options.priority,
    slots: host.slots,
    inflight: host.inflight,
    speaks: host.speaks,
    host: host.health,
    pair: pairOf(host, upstream),
  };
};

/** A host with new options around the same engine: priority, lane or slots changed, what was learned stays. */
const renewed = (known: Host, options: BackendOptions): Host => {
  const fresh = createHost(options);
  return Object.assign(known, {
    backend: fresh.backend,
    speaks: fresh.speaks,
    slots: options.slots ?? known.slots,
  });
};

type Index = Map<string, Placement[]>;

const addTo = (index: Index, name: string, placement: Placement): void => {
  const list = index.get(name);
  if (list === undefined) index.set(name, [placement]);
  else if (!list.some(({ host }) => host === placement.host)) list.push(placement);
};

const listedName = (host: Host, wanted: string): string | undefined => {
  const lower = wanted.toLowerCase();
  for (const listed of host.cards.keys()) {
    if (host.backend.names(listed).includes(lower)) return listed;
  }
  return undefined;
};

/** Where a configured model lives: under its own name for that backend or kind, else under the model's name. */
const configuredPlacements = (model: ModelNames, hosts: readonly Host[]): readonly Placement[] =>
  hosts.flatMap((host) => {
    const { id, kind } = host.backend.options;
    const upstream = listedName(host, model.names[id] ?? model.names[kind] ?? model.name);
    return upstream === undefined ? [] : [{ host, upstream }];
  });

/** Creates an empty fleet; `apply` fills it. */
export const createFleet = (): Fleet => {
  const hosts = new Map<BackendId, Host>();
  let models: readonly ModelNames[] = [];
  let index: Index = new Map();
  let catalogue: ReadonlyMap<string, readonly Placement[]> = new Map();

  const reindex = (): void => {
    const all = [...hosts.values()];
    const byName: Index = new Map();
    const shown = new Map<string, Placement[]>();
    const covered = new Set<string>();
    for (const model of models) {
      const placements = configuredPlacements(model, all);
      if (placements.length > 0) shown.set(model.name, [...placements]);
      for (const placement of placements) {
        covered.add(`${placement.host.backend.options.id}\n${placement.upstream}`);
        for (const name of [model.name, ...model.aliases]) addTo(byName, name.toLowerCase(), placement);
      }
    }
    for (const host of all) {
      for (const upstream of host.cards.keys()) {
        const placement = { host, upstream };
        for (const name of host.backend.names(upstream)) addTo(byName, name, placement);
        if (!covered.has(`${host.backend.options.id}\n${upstream}`)) addTo(shown, upstream, placement);
      }
    }
    index = byName;
    catalogue = shown;
  };

  /** The index has lower-cased names, as most are that clients send. */
  const placements = (model: string): readonly Placement[] =>
    index.get(model) ?? index.get(model.toLowerCase()) ?? [];

  const cardOf = ({ host, upstream }: Placement): ModelCard => host.cards.get(upstream) ?? { name: upstream };

  /** The loaded one speaks for a model that several hosts have: it says most. */
  const best = (all: readonly Placement[]): Placement | undefined =>
    all.find((placement) => cardOf(placement).loaded !== undefined) ?? all[0];

  return {
    hosts: () => [...hosts.values()],
    host: (id) => hosts.get(id),
    apply: (settings) => {
      const before = new Map(hosts);
      hosts.clear();
      models = settings.models;
      for (const options of settings.backends) {
        const known = before.get(options.id);
        const keep = known !== undefined && sameEngine(known.backend.options, options);
        hosts.set(options.id, keep ? renewed(known, options) : createHost(options));
        if (keep) before.delete(options.id);
      }
      for (const host of before.values()) host.retired = true;
      reindex();
    },
    reindex,
    placements,
    snapshot: (model, now) => ({
      now,
      candidates: placements(model).map((placement) => candidateOf(placement, cardOf(placement))),
    }),
    catalogue: () =>
      [...catalogue]
        .sort(([left], [right]) => left.localeCompare(right))
        .flatMap(([name, all]) => {
          const placement = best(all);
          return placement === undefined
            ? []
            : [{ name, card: cardOf(placement), simulated: placement.host.simulated }];
        }),
    near: (model) => nearNames(model, catalogue.keys()),
    settled: () => [...hosts.values()].every((host) => host.probedAt !== undefined),
  };
};
