/** From a fleet's description to its simulated hosts and to the configuration that names them. */

import { type CheckedConfig, checkConfig } from '../config/check-config.ts';
import type { FleetFile, FleetHost } from '../config/simulation-files.ts';
import { simulatedModel } from '../simulator/catalogue.ts';
import { type SimulatedHostOptions, settleOptions } from '../simulator/host-settings.ts';
import { hashText } from '../simulator/seeded-random.ts';
import { asObject, asString, type JsonObject } from '../spec/json.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { CapacityHost } from './capacity.ts';

/** One simulated host of a fleet. */
export interface Member {
  readonly id: string;
  readonly origin: string;
  readonly options: SimulatedHostOptions & { readonly slots: number };
  readonly described: FleetHost;
  readonly roundTripMs: Millis;
}

/** Short against every time that is measured, long against a token. */
const chunkMs = 250;

const optionsOf = (id: string, host: FleetHost, seed: number): Member['options'] => ({
  kind: host.kind as SimulatedHostOptions['kind'],
  name: id,
  slots: host.slots,
  models: host.models,
  seed: hashText(id, seed) % 1_000_000,
  chunkMs,
  ...(host.preset === undefined ? {} : { preset: host.preset }),
  ...(host.profile === undefined ? {} : { profile: host.profile }),
  ...(host.rates === undefined ? {} : { rates: host.rates }),
  ...(host.vram === undefined ? {} : { vramBytes: host.vram }),
  ...(host.ram === undefined ? {} : { ramBytes: host.ram }),
  ...(host.preload === undefined ? {} : { preload: host.preload }),
  ...(host.contextTokens === undefined ? {} : { contextTokens: host.contextTokens }),
  ...(host.keepAliveSeconds === undefined ? {} : { keepAliveMs: host.keepAliveSeconds * 1000 }),
});

/** The hosts of a fleet, those described once and counted several times each under a number. */
export const membersOf = ({ hosts }: FleetFile, seed: number): readonly Member[] =>
  Object.entries(hosts).flatMap(([name, described]) =>
    Array.from({ length: described.count }, (_, index) => {
      const id = described.count === 1 ? name : `${name}-${index + 1}`;
      const { roundTripMs } = described;
      return { id, origin: `http://${id}`, options: optionsOf(id, described, seed), described, roundTripMs };
    }),
  );

/** What the shapes of the file cannot tell: models that are none. */
export const problemsOf = ({ hosts }: FleetFile): readonly string[] =>
  Object.entries(hosts).flatMap(([name, { models, preload = [] }]) =>
    [...models, ...preload]
      .filter((model) => simulatedModel(model) === undefined)
      .map((model) => `hosts.${name}: ${JSON.stringify(model)} is no model; write name or name=4GiB`),
  );

/** `queue`: Pointsman owns slots and queue; `direct`: everything is sent on at once, into the hosts' own queues. */
export type Dispatch = 'queue' | 'direct';

/** So many slots that nobody waits before a host, in proportion to the true ones, which some policies look at. */
const unboundedFactor = 100_000;

/** The configuration of one run, checked as any other; its log says how each request ended. */
export const configOf = (
  fleet: FleetFile,
  members: readonly Member[],
  { strategy, dispatch }: { readonly strategy: string; readonly dispatch: Dispatch },
): CheckedConfig => {
  const backends: Record<string, JsonObject> = {};
  for (const { id, origin, options, described } of members) {
    backends[id] = {
      kind: options.kind,
      url: origin,
      ...(described.preset === undefined ? {} : { preset: described.preset }),
      ...(described.lane === undefined ? {} : { lane: described.lane }),
      slots: options.slots * (dispatch === 'direct' ? unboundedFactor : 1),
      ...described.backend,
    };
  }
  return checkConfig({ ...fleet.settings, backends, strategy, log: { level: 'info', requests: true } });
};

/** The name of a model without what a registry or a host puts around it. */
const plainName = (name: string): string =>
  name
    .replace(/=.*$/, '')
    .replace(/^ai\//, '')
    .replace(/:latest$/, '')
    .toLowerCase();

/** What a model is called on a host, where the settings say so. */
const nameOn = (fleet: FleetFile, model: string, { id, options }: Member): string => {
  const names = asObject(asObject(asObject(fleet.settings.models)?.[model])?.names);
  return asString(names?.[id]) ?? asString(names?.[options.kind]) ?? model;
};

/** The entry of a host's list of models that a client means by a name; undefined where it has none. */
export const hostModel = (fleet: FleetFile, model: string, member: Member): string | undefined => {
  const wanted = plainName(nameOn(fleet, model, member));
  return member.options.models?.find((name) => plainName(name) === wanted);
};

/** What each host can do with the models of a load. */
export const capacityHosts = (
  fleet: FleetFile,
  members: readonly Member[],
  models: readonly string[],
): readonly CapacityHost[] =>
  members.map((member) => {
    const modelBytes = new Map<string, number>();
    for (const model of models) {
      const listed = hostModel(fleet, model, member);
      const bytes = listed === undefined ? undefined : simulatedModel(listed)?.sizeBytes;
      if (bytes !== undefined) modelBytes.set(model, bytes);
    }
    return { id: member.id, settings: settleOptions(member.options), modelBytes };
  });
