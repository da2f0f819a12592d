/** What one backend says of one of its models. */

import type { JsonObject } from './json.ts';
import type { Capability } from './vocabulary.ts';

/** That a model is in memory now. */
export interface Residency {
  readonly sizeBytes?: number;
  /** Equal to `sizeBytes`: all on GPU; 0: CPU; between: split. */
  readonly sizeVramBytes?: number;
  /** RFC 3339, as the engine wrote it. */
  readonly expiresAt?: string;
  readonly contextTokens?: number;
}

export interface ModelCard {
  /** The name this backend knows the model by, unchanged. */
  readonly name: string;
  readonly digest?: string;
  readonly sizeBytes?: number;
  /** RFC 3339, as the engine wrote it. */
  readonly modifiedAt?: string;
  /** Unix seconds, where an engine says so (OpenAI's `created`). */
  readonly createdUnix?: number;
  readonly ownedBy?: string;
  readonly family?: string;
  readonly parameterSize?: string;
  readonly quantization?: string;
  readonly format?: string;
  /** The longest context the model can be given here. */
  readonly contextTokens?: number;
  /** Absent: unknown, which is not the same as none. */
  readonly capabilities?: readonly Capability[];
  /** Absent: not known to be loaded. */
  readonly loaded?: Residency;
  /** The engine's own entry, for listings in the same dialect. */
  readonly raw?: JsonObject;
}
