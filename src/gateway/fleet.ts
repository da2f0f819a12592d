/** All hosts and the index from model names to the hosts that have them; rebuilt when a listing changes, never per request. */

import { type LastResort, noTrials } from '../core/last-resort.ts';
import { type ModelRules, modelRules, rulesFor } from '../core/model-rules.ts';
import { nearNames } from '../core/near-names.ts';
import { neutralRates } from '../core/rates.ts';
import type { NamedCard } from '../protocols/protocol.ts';
import type { ModelGroup } from '../spec/choice.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { BackendOptions, GatewaySettings, ModelNames, ModelSettings } from '../spec/settings.ts';
import type { BackendId } from '../spec/vocabulary.ts';
import { type GroupChoice, generalGroup, servedGroups, tiersOf } from './groups.ts';
import { createHost, type Host, pairOf, sameEngine } from './host.ts';
import type { Placement } from './placement.ts';

export type { Placement } from './placement.ts';

/** A model by one of the names it is asked for. */
export interface Served {
  readonly placements: readonly Placement[];
  /** Everything that is configured for it, that of the name asked for first. */
  readonly rules: readonly ModelSettings[];
  /** Counts its decisions, so that equals get their turn. */
  turn: number;
  lastResort: LastResort;
  /** Set where the name leaves the model open. */
  readonly group?: GroupChoice | undefined;
}

export interface Fleet {
  hosts(): readonly Host[];
  host(id: BackendId): Host | undefined;
  /** Takes new settings; hosts whose engine is unchanged keep all that was learned of them. */
  apply(settings: GatewaySettings): void;
  /** Rebuilds the index after a host's listing changed. */
  reindex(): void;
  /** Undefined where no host has it. */
  served(model: string): Served | undefined;
  /** Whether a host has it. */
  has(model: string): boolean;
  placements(model: string): readonly Placement[];
  /** The groups of models, with their tiers as they are now. */
  groups(): readonly ModelGroup[];
  /** One entry per model clients may ask for, in order of name. */
  catalogue(): readonly NamedCard[];
  near(model: string): readonly string[];
  /** Whether every host was looked at once, so that an unknown name is really unknown. */
  settled(): boolean;
}

/** A host with new options around the same engine: priority, lane or slots changed, what was learned stays. */
const renewed = (known: Host, options: BackendOptions): Host => {
  const fresh = createHost(options);
  const { backend } = known;
  Object.assign(known, {
    backend: fresh.backend,
    // The same keys: what is known of them stays, the rest of the backend is new.
    keys: fresh.keys && { ...fresh.keys, ring: known.keys?.ring ?? fresh.keys.ring },
    speaks: fresh.speaks,
    slots: options.slots ?? known.slots,
  });
  // Other hardware: what is assumed of it was assumed of something else.
  if (backend.options.lane !== options.lane) {
    for (const pair of known.pairs.values()) pair.rates = neutralRates(options.lane, pair.card.sizeBytes);
  }
  return known;
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
    return upstream === undefined ? [] : [{ host, upstream, pair: pairOf(host, upstream) }];
  });

const noPlacements: readonly Placement[] = [];

/** Creates an empty fleet; `apply` fills it. Counting begins at `firstTurn`, so that instances begin apart. */
export const createFleet = (firstTurn: number): Fleet => {
  const hosts = new Map<BackendId, Host>();
  /** The same until the settings change, so that others can keep what they made of it. */
  let list: readonly Host[] = [];
  let models: readonly ModelSettings[] = [];
  let rules: ModelRules = modelRules(models);
  let groups: readonly ModelGroup[] = [generalGroup];
  let listsGroups = false;
  let index: ReadonlyMap<string, Served> = new Map();
  let catalogue: ReadonlyMap<string, readonly Placement[]> = new Map();

  /** Names with what goes on under them; their turns go on. */
  const withTurns = (byName: Index): Map<string, Served> => {
    const next = new Map<string, Served>();
    for (const [name, placements] of byName) {
      const { turn = firstTurn, lastResort = noTrials } = index.get(name) ?? {};
      const upstreams = placements.map(({ upstream }) => upstream);
      const own = rulesFor(rules, name, upstreams);
      const declared = own.find(({ card }) => card !== undefined)?.card;
      const known = declared === undefined ? placements : placements.map((each) => ({ ...each, declared }));
      next.set(name, { placements: known, rules: own, turn, lastResort });
    }
    return next;
  };

  /** Groups beside the models: a name that a model goes by is that model's. */
  const withGroups = (
    next: Map<string, Served>,
    byName: Index,
    shown: ReadonlyMap<string, readonly Placement[]>,
  ): ReadonlyMap<string, Served> => {
    const find = (model: string): readonly Placement[] =>
      next.get(model.toLowerCase())?.placements ?? noPlacements;
    const isKeptLocal = (model: string, { host, upstream }: Placement): boolean =>
      host.backend.options.zone !== 'local' &&
      rulesFor(rules, model, [upstream]).some(({ localOnly }) => localOnly);
    for (const { name, choice, placements } of servedGroups({ groups, shown, find, isKeptLocal })) {
      if (byName.has(name)) continue;
      const { turn = firstTurn, lastResort = noTrials } = index.get(name) ?? {};
      next.set(name, { placements, rules: [], turn, lastResort, group: choice });
    }
    return next;
  };

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
        const placement = { host, upstream, pair: pairOf(host, upstream) };
        for (const name of host.backend.names(upstream)) addTo(byName, name, placement);
        if (!covered.has(`${host.backend.options.id}\n${upstream}`)) addTo(shown, upstream, placement);
      }
    }
    index = withGroups(withTurns(byName), byName, shown);
    catalogue = shown;
  };

  /** The index has lower-cased names, as most are that clients send. */
  const served = (model: string): Served | undefined => index.get(model) ?? index.get(model.toLowerCase());

  const cardOf = ({ pair }: Placement): ModelCard => pair.card;

  /** The loaded one speaks for a model that several hosts have: it says most. */
  const best = (all: readonly Placement[]): Placement | undefined =>
    all.find((placement) => cardOf(placement).loaded !== undefined) ?? all[0];

  /** Groups as models that clients can pick; what stands for them is the strongest model there is. */
  const groupEntries = (): readonly (readonly [string, readonly Placement[]])[] =>
    listsGroups
      ? groups.flatMap(({ name }) => {
          const last = served(name)?.placements.at(-1);
          return last === undefined || catalogue.has(name) ? [] : [[name, [last]] as const];
        })
      : [];

  return {
    hosts: () => list,
    host: (id) => hosts.get(id),
    apply: (settings) => {
      const before = new Map(hosts);
      hosts.clear();
      models = settings.models;
      rules = modelRules(models);
      groups = settings.auto?.groups ?? [generalGroup];
      listsGroups = settings.auto?.listed ?? false;
      for (const options of settings.backends) {
        const known = before.get(options.id);
        const keep = known !== undefined && sameEngine(known.backend.options, options);
        hosts.set(options.id, keep ? renewed(known, options) : createHost(options));
        if (keep) before.delete(options.id);
      }
      list = [...hosts.values()];
      for (const host of before.values()) host.retired = true;
      reindex();
    },
    reindex,
    served,
    has: (model) => served(model) !== undefined,
    placements: (model) => served(model)?.placements ?? noPlacements,
    catalogue: () =>
      [...catalogue, ...groupEntries()]
        .sort(([left], [right]) => left.localeCompare(right))
        .flatMap(([name, all]) => {
          const placement = best(all);
          return placement === undefined
            ? []
            : [{ name, card: cardOf(placement), simulated: placement.host.simulated }];
        }),
    groups: () =>
      groups.map((group) =>
        tiersOf(group, { shown: catalogue, find: (model) => served(model)?.placements ?? noPlacements }),
      ),
    near: (model) => nearNames(model, catalogue.keys()),
    settled: () => [...hosts.values()].every((host) => host.probedAt !== undefined),
  };
};
