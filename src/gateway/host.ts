/** One backend as it lives in this process: what was learned of it and what runs on it now. Shell state. */

import type { Backend } from '../backends/backend.ts';
import { backendKinds } from '../backends/registry.ts';
import type { HostHealth } from '../core/candidate.ts';
import { unknownHost } from '../core/health.ts';
import type { RunningLoad } from '../core/loads.ts';
import { createPrefixCache, type PrefixCache } from '../core/prefix-cache.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { BackendOptions, ProbeSettings } from '../spec/settings.ts';
import type { Millis, ProtocolId } from '../spec/vocabulary.ts';
import { createHostKeys, type HostKeys, keysOf } from './host-keys.ts';
import { createPair, type MemoryFacts, type Pair } from './pair.ts';
import { type GpuMemory, unseenVram, type Vram } from './vram.ts';

export interface Host extends MemoryFacts {
  backend: Backend;
  /** Absent where it is asked without one. */
  keys: HostKeys | undefined;
  /** How often it is looked at; absent: as configured. */
  readonly lookEveryMs: Millis | undefined;
  /** The dialects spoken there, best first. */
  speaks: readonly ProtocolId[];
  /** What configuration says, else the engine, else the kind. */
  slots: number;
  inflight: number;
  /** What other instances run there, as far as they said. */
  elsewhere: number;
  /** How many this instance takes at most, where others want some too. */
  ownLimit: number;
  /** How long all of those were expected to hold their slots, together. */
  heldMs: Millis;
  health: HostHealth;
  /** By the name the backend lists; one for each card, and for models that are not listed any more while they run. */
  readonly pairs: Map<string, Pair>;
  /** By the name the backend lists. */
  cards: ReadonlyMap<string, ModelCard>;
  /** Compares listings without walking them. */
  listing: string;
  version: string | undefined;
  simulated: boolean;
  /** When the last look ended; undefined before the first. */
  probedAt: Millis | undefined;
  lookedAt: Millis;
  evictedAt: Millis;
  tellsLoaded: boolean;
  roundTripMs: Millis | undefined;
  /** The load of ours that runs there. */
  loading: RunningLoad | undefined;
  vram: Vram;
  /** GPU memory as a tool beside the host tells it. */
  gpu: GpuMemory | undefined;
  /** Since when it has been up without a break. */
  upSince: Millis;
  /** The prompts it is believed to hold. */
  readonly prefixes: PrefixCache;
  /** Time of service that the measure of loads was not told yet. */
  untoldMs: Millis;
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
    keys: createHostKeys(options, kind.create),
    lookEveryMs: kind.lookEveryMs,
    speaks: backend.speaks.map(({ protocol }) => protocol),
    slots: options.slots ?? kind.slots,
    inflight: 0,
    elsewhere: 0,
    ownLimit: Infinity,
    heldMs: 0,
    health: unknownHost,
    pairs: new Map(),
    cards: new Map(),
    listing: '',
    version: undefined,
    simulated: options.simulated,
    probedAt: undefined,
    lookedAt: -Infinity,
    evictedAt: -Infinity,
    tellsLoaded: false,
    roundTripMs: undefined,
    loading: undefined,
    vram: unseenVram,
    gpu: undefined,
    upSince: -Infinity,
    prefixes: createPrefixCache(),
    untoldMs: 0,
    retired: false,
  };
};

/** A provider is far away and answers when it has time; an engine nearby answers at once or not at all. */
const farTimeoutMs: Millis = 10_000;

/** Longest a look at the host may take. */
export const lookTimeoutMs = ({ lookEveryMs }: Host, { timeoutMs }: ProbeSettings): Millis =>
  lookEveryMs === undefined ? timeoutMs : Math.max(timeoutMs, farTimeoutMs);

/** The pair of a model there; made where it is the first that is heard of it. */
export const pairOf = (host: Host, upstream: string): Pair => {
  const known = host.pairs.get(upstream);
  if (known !== undefined) return known;
  const pair = createPair(host.cards.get(upstream) ?? { name: upstream }, host.backend.options.lane);
  host.pairs.set(upstream, pair);
  return pair;
};

/** What runs there, whoever sent it; all slots where this instance has its part of them. */
export const takenSlots = ({ inflight, elsewhere, ownLimit, slots }: Host): number =>
  inflight < ownLimit ? inflight + elsewhere : Math.max(slots, inflight + elsewhere);

/** Whether everything learned under one configuration still holds under the other: same engine, same credentials. */
export const sameEngine = (left: BackendOptions, right: BackendOptions): boolean =>
  left.id === right.id &&
  left.kind === right.kind &&
  left.preset === right.preset &&
  left.url === right.url &&
  left.apiVersion === right.apiVersion &&
  keysOf(left).join(' ') === keysOf(right).join(' ') &&
  JSON.stringify(left.headers ?? {}) === JSON.stringify(right.headers ?? {});
