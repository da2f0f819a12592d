/** The tunables of the shell, as plain data that configuration builds and the gateway reads. */

import type { ModelGroup } from './choice.ts';
import type { BackendId, Capability, Lane, Millis, Mode, ProtocolId, Quirk, Zone } from './vocabulary.ts';

/** The stay in memory that callers may ask for; without a bound as short or as long as they like. */
export interface KeepAliveSettings {
  readonly minMs?: Millis;
  readonly maxMs?: Millis;
}

/** What is kept of answers that later requests may refer to. */
export interface StoredResponseSettings {
  /** All of them together; 0 keeps nothing. */
  readonly maxBytes: number;
  /** Those of one key. */
  readonly maxKeyBytes: number;
  /** After its last use. */
  readonly keepMs: Millis;
}

/** A model of a backend as configuration tells of it, for backends that do not list theirs or say little of them. */
export interface DeclaredModel {
  readonly name: string;
  readonly capabilities?: readonly Capability[];
  readonly contextTokens?: number;
}

/** One engine endpoint as configured; `url` and `apiKey` never leave the process but to that endpoint. */
export interface BackendOptions {
  readonly id: BackendId;
  readonly kind: string;
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Which flavour of an OpenAI-compatible server this is, where the kind has flavours. */
  readonly preset?: string;
  readonly lane: Lane;
  readonly zone: Zone;
  /** Requests Pointsman sends at once; absent means that the engine says or the kind's default holds. */
  readonly slots?: number;
  /** Lower is tried first. */
  readonly priority: number;
  /** The key that is used; where there are several, that of the moment. */
  readonly apiKey?: string;
  /** All keys, in the order of the configuration, where there are several. */
  readonly apiKeys?: readonly string[];
  /** The version of a provider's API, where its kind asks for one. */
  readonly apiVersion?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly simulated: boolean;
  /** A label that requests and policies compare, such as `eu` or `office`. */
  readonly region?: string;
  /** Share of the traffic in weighted_random; absent: as many as it has slots. */
  readonly weight?: number;
  /** In a currency's units per million tokens; absent: it costs nothing. */
  readonly price?: { readonly inputPerMillion: number; readonly outputPerMillion: number };
  readonly keepAlive?: KeepAliveSettings;
  /** Models brought into memory when the backend is up, by the names clients use. */
  readonly preload?: readonly string[];
  /** Models it has whatever it lists, and what is known of them. */
  readonly models?: readonly DeclaredModel[];
  /** What it does not take, in place of what is known of its kind. */
  readonly quirks?: readonly Quirk[];
}

/** One model under several names; `names` maps a backend id or a kind to the name it uses there. */
export interface ModelNames {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly names: Readonly<Record<string, string>>;
}

/** With what load-time options a model is run, so that callers cannot have it loaded anew at every turn. */
export interface ContextSettings {
  /** The context every load has; absent: as asked, rounded up. */
  readonly tokens?: number;
  /** Ascending sizes that a wish is rounded up to; none: as asked. */
  readonly buckets: readonly number[];
  /** Load-time options that callers may set. */
  readonly allowedOptions: readonly string[];
}

/** What is declared of a model: believed until its engine says otherwise, or its answers do. */
export interface DeclaredCard {
  readonly contextTokens?: number;
  readonly capabilities?: readonly Capability[];
  /** Such as `8B`. */
  readonly parameterSize?: string;
  readonly tokensPerSecond?: number;
  /** In place of the price of the backend. */
  readonly price?: { readonly inputPerMillion: number; readonly outputPerMillion: number };
}

/** A model with what is configured for it besides its names. */
export interface ModelSettings extends ModelNames {
  /** The name of a policy, in place of the general one. */
  readonly strategy?: string;
  /** The kind or backend that goes first where the policy heeds it. */
  readonly preferred?: string;
  /** Whether its requests never reach a cloud backend. */
  readonly localOnly: boolean;
  readonly context: ContextSettings;
  /** What it does not take, in place of what is known of its family. */
  readonly quirks?: readonly Quirk[];
  readonly card?: DeclaredCard;
}

/** How requests that leave their model open are served. */
export interface AutoSettings {
  /** The one named `auto` among them, configured or not. */
  readonly groups: readonly ModelGroup[];
  /** Whether their names stand in listings of models. */
  readonly listed: boolean;
}

export interface Timeouts {
  /** Without headers for this long, a liveness probe runs beside the request, and again each such period. */
  readonly headersMs: Millis;
  /** From dispatch to the first content, loads included. */
  readonly firstContentMs: Millis;
  readonly betweenChunksMs: Millis;
  /** 0: none. */
  readonly totalMs: Millis;
}

export interface Heartbeat {
  /** Silence before the 200 and the first sign of life are sent; 0 turns heartbeats off. */
  readonly afterMs: Millis;
  readonly everyMs: Millis;
}

export interface QueueLimits {
  readonly maxRequests: number;
  readonly maxBodyBytes: number;
  /** Of requests that a person waits for. */
  readonly maxWaitMs: Millis;
  /** Of requests of the class batch. */
  readonly maxBatchWaitMs: Millis;
  /** How much of the places and bytes one key may hold while others want in, in 0..1. */
  readonly keyShare: number;
  /** Parts of the work that go to those who wait in person, for each that goes to batch. */
  readonly interactiveShare: number;
}

export interface ProbeSettings {
  readonly intervalMs: Millis;
  readonly timeoutMs: Millis;
}

export interface BreakerSettings {
  /** Consecutive counted failures of a pair before it is left alone. */
  readonly failures: number;
  readonly openMs: Millis;
  readonly maxOpenMs: Millis;
}

/** A bucket of tokens that second attempts are paid from. */
export interface RetryBudgetSettings {
  /** What it holds when it is full. */
  readonly tokens: number;
  /** What each request adds. */
  readonly perRequest: number;
  /** What each second adds, whatever the traffic. */
  readonly perSecond: number;
}

/** What binds a conversation to a host. */
export interface AffinitySettings {
  /** The session that a request names. */
  readonly sessions: boolean;
  /** The beginning of the prompt, as far as it was seen before. */
  readonly prefixes: boolean;
}

/** What a caller may decide for a request. */
export interface RequestSettings {
  /** Whether the header `x-pointsman-policy` is heeded. */
  readonly policy: boolean;
  /** Whether `:fast` and `:heavy` behind a model's name are read as the intent. */
  readonly intentSuffixes: boolean;
}

/** What cost_optimized must keep; absent: no limit. */
export interface PolicyLimits {
  readonly maxFirstTokenMs?: Millis;
  readonly minReliability?: number;
}

/** Where instances share what they learn. */
export interface StateSettings {
  readonly driver: 'memory' | 'fs' | 'redis' | 'http';
  readonly url?: string;
  readonly path?: string;
  /** Who signed the certificate of a Redis behind TLS, as PEM; absent: whoever the runtime trusts. */
  readonly ca?: string;
  /** Shown to the Pointsman that serves the state. */
  readonly key?: string;
  /** Signs what is shared; all instances of a cluster have the same. */
  readonly secret?: string;
  /** What this instance calls itself; absent: a name of its own at each start. */
  readonly instance?: string;
  /** Where others reach this instance as a peer. */
  readonly advertise?: string;
  /** Whether instances that say where they are reached become backends. */
  readonly findPeers: boolean;
  /** Shown to those. */
  readonly peerKey?: string;
}

/** What a key may use in a minute; absent: as much as there is. */
export interface KeyLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
}

/** A key that has limits, by its name. */
export interface LimitedKey extends KeyLimits {
  readonly name: string;
}

/** Everything the gateway can be told; replaced as a whole when configuration changes. */
export interface GatewaySettings {
  readonly backends: readonly BackendOptions[];
  readonly models: readonly ModelSettings[];
  /** The name of a policy in `core/policies.ts`. */
  readonly strategy: string;
  /** By policy and scorer, in place of the policy's own weights. */
  readonly weights: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly limits: PolicyLimits;
  /** Where the instance and its callers are. */
  readonly region?: string;
  /** The mode at start; it may be switched while the program runs. */
  readonly mode: Mode;
  readonly requests: RequestSettings;
  readonly affinity: AffinitySettings;
  /** For models that have no context settings of their own. */
  readonly context: ContextSettings;
  readonly retryBudget: RetryBudgetSettings;
  /** How many of the last decisions are kept to be asked for; 0: none. */
  readonly decisions: { readonly keep: number };
  readonly responses: StoredResponseSettings;
  /** What may be fetched for a request besides asking its host. */
  readonly egress: { readonly images: readonly string[] };
  readonly maxAttempts: number;
  readonly timeouts: Timeouts;
  readonly heartbeat: Heartbeat;
  readonly queue: QueueLimits;
  readonly probe: ProbeSettings;
  readonly breaker: BreakerSettings;
  /** Read at start. */
  readonly state: StateSettings;
  /** Absent: no key has limits. */
  readonly limitedKeys?: readonly LimitedKey[];
  /** Absent: one group, with tiers made from what is installed. */
  readonly auto?: AutoSettings;
}

/** Which dialects a backend is spoken to in, and below which path each of them lives. */
export interface Speaks {
  readonly protocol: ProtocolId;
  /** Put between the base URL and the dialect's own path, such as `/engines` before `/v1/models`. */
  readonly prefix: string;
}
