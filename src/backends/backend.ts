/** The seam every kind of engine fills: one file per kind, no I/O but through the fetch it is handed. */

import type { JsonObject } from '../spec/json.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { Fetch } from '../spec/ports.ts';
import type { BackendOptions, Speaks } from '../spec/settings.ts';
import type { Lane, Millis, ProtocolId } from '../spec/vocabulary.ts';

/** What runs and waits behind a peer. */
export interface PeerLoad {
  readonly inflight: number;
  readonly waiting: number;
  readonly slots: number;
  readonly freeBytes: number | undefined;
  readonly totalBytes: number | undefined;
}

/** What a look at a backend found; a failed look throws instead. */
export interface ProbeResult {
  readonly version?: string;
  readonly models: readonly ModelCard[];
  /** How many requests the engine works on at once, where it says so. */
  readonly slots?: number;
  /** Whether a model without `loaded` is known to be out of memory. */
  readonly tellsLoaded?: boolean;
  /** Whether the engine calls itself a simulation. */
  readonly simulated?: boolean;
  /** What runs and waits there, whoever sent it, and its GPU memory: only a peer says so. */
  readonly load?: PeerLoad;
}

/** A call that loads or unloads a model, where the engine has one outside its dialects. */
export interface ResidencyCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

export interface Backend {
  readonly options: BackendOptions;
  /** Whether it is a Pointsman too, which is told what binds a request and leaves retries to this one. */
  readonly isPeer?: boolean;
  /** Best first; a request in a dialect that is listed passes unchanged. */
  readonly speaks: readonly Speaks[];
  /** The absolute URL of a dialect's path here; `model` is what the backend calls it, for those that have it in the path. */
  url(protocol: ProtocolId, path: string, model?: string): string;
  /** Credentials and configured headers; nothing of the caller's. A backend with several keys is made once for each. */
  readonly headers: Readonly<Record<string, string>>;
  /** Every lower-cased name a client may use for a model this backend lists under `listed`. */
  names(listed: string): readonly string[];
  /** Absent where the dialect says it, or the engine decides by itself what it holds. */
  readonly residency?: (want: 'load' | 'unload', model: string) => ResidencyCall;
  /** Lists models and what is loaded; bounded by the signal. */
  probe(fetch: Fetch, signal: AbortSignal): Promise<ProbeResult>;
  /** The cheapest question a live engine answers even while it loads a model; throws when it does not. */
  alive(fetch: Fetch, signal: AbortSignal): Promise<void>;
}

export interface BackendKind {
  readonly kind: string;
  readonly lane: Lane;
  /** Slots where neither configuration nor the engine says; each kind gives its reason beside it. */
  readonly slots: number;
  readonly presets?: readonly string[];
  /** Where it is when configuration does not say: a provider has one address. */
  readonly url?: string;
  /** How often it is looked at; absent: as configured. A provider counts every question, and changes seldom. */
  readonly lookEveryMs?: Millis;
  create(options: BackendOptions): Backend;
}
