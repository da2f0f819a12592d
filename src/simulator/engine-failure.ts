/** What goes wrong inside a simulated engine; each kind of host says it in its own words. */

/** The ways an engine fails, in no dialect. */
export type FailureKind =
  | 'out-of-memory'
  /** Memory ran out while a model was answering, not while it was loaded. */
  | 'out-of-memory-later'
  | 'busy'
  | 'crashed'
  | 'internal'
  | 'unavailable'
  | 'rate-limited'
  | 'cancelled';

/** Memory figures in bytes, where the words of an engine need them. */
export interface FailureFacts {
  readonly neededBytes?: number;
  readonly availableBytes?: number;
  /** Set when the caller demanded a number of layers on the GPU. */
  readonly gpuLayers?: number;
}

/** Thrown inside the simulator only; hosts turn it into an answer. */
export class EngineFailure extends Error {
  readonly kind: FailureKind;
  readonly facts: FailureFacts;

  constructor(kind: FailureKind, facts: FailureFacts = {}) {
    super(kind);
    this.name = 'EngineFailure';
    this.kind = kind;
    this.facts = facts;
  }
}
