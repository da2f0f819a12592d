/** The tunables of the shell, as plain data that configuration builds and the gateway reads. */

import type { BackendId, Lane, Millis, ProtocolId, Zone } from './vocabulary.ts';

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
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly simulated: boolean;
}

/** One model under several names; `names` maps a backend id or a kind to the name it uses there. */
export interface ModelNames {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly names: Readonly<Record<string, string>>;
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
  readonly maxWaitMs: Millis;
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

/** Everything the gateway can be told; replaced as a whole when configuration changes. */
export interface GatewaySettings {
  readonly backends: readonly BackendOptions[];
  readonly models: readonly ModelNames[];
  /** The name of a policy in `core/policies.ts`. */
  readonly strategy: string;
  readonly maxAttempts: number;
  readonly timeouts: Timeouts;
  readonly heartbeat: Heartbeat;
  readonly queue: QueueLimits;
  readonly probe: ProbeSettings;
  readonly breaker: BreakerSettings;
}

/** Which dialects a backend is spoken to in, and below which path each of them lives. */
export interface Speaks {
  readonly protocol: ProtocolId;
  /** Put between the base URL and the dialect's own path, such as `/engines` before `/v1/models`. */
  readonly prefix: string;
}
