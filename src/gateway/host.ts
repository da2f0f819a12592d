/** One backend as it lives in this process: what was learned of it and what runs on it now. Shell state. */

import type { Backend } from '../backends/backend.ts';
import { backendKinds } from '../backends/registry.ts';
import type { HostHealth, PairHealth } from '../core/candidate.ts';
import { closedPair, unknownHost } from '../core/health.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { BackendOptions } from '../spec/settings.ts';
import type { Millis, ProtocolId } from '../spec/vocabulary.ts';

export interface Host {
  backend: Backend;
  /** The dialects spoken there, best first. */
  speaks: readonly ProtocolId[];
  /** What configuration says, else the engine, else the kind. */
  slots: number;
  inflight: number;
  health: HostHealth;
  readonly pairs: Map<string, PairHealth>;
  /** By the name the backend lists. */
  cards: ReadonlyMap<string, ModelCard>;
  /** Compares listings without walking them. */
  listing: string;
  version: string | undefined;
  simulated: boolean;
  /** When the last look ended; undefined before the first. */
  probedAt: Millis | undefined;
  roundTripMs: Millis | undefined;
  /** Mean time a request holds a slot here, for honest `Retry-After`. */
  meanServiceMs: Millis;
  /** Whether configuration still names it; a retired host only finishes what it runs. */
  retired: boolean;
}

const kindOf = (options: BackendOptions) => {
  const kind = backendKinds.find((each) => each.kind === options.kind);
  if (kind === undefined) throw new RangeError(`unknown backend kind ${options.kind}`);
  return kind;
};

/** A host nothing is known of yet. */
export const createHost = (options: BackendOptions): Host => {
  const kind = kindOf(options);
  const backend = kind.create(options);
  return {
    backend,
    speaks: backend.speaks.map(({ protocol }) => protocol),
    slots: options.slots ?? kind.slots,
    inflight: 0,
    health: unknownHost,
    pairs: new Map(),
    cards: new Map(),
    listing: '',
    version: undefined,
    simulated: options.simulated,
    probedAt: undefined,
    roundTripMs: undefined,
    meanServiceMs: 0,
    retired: false,
  };
};

export const pairOf = (host: Host, upstream: string): PairHealth => host.pairs.get(upstream) ?? closedPair;

/** Whether everything learned under one configuration still holds under the other: same engine, same credentials. */
export const sameEngine = (left: BackendOptions, right: BackendOptions): boolean =>
  left.id === right.id &&
  left.kind === right.kind &&
  left.preset === right.preset &&
  left.url === right.url &&
  left.apiKey === right.apiKey &&
  JSON.stringify(left.headers ?? {}) === JSON.stringify(right.headers ?? {});
