import type { Json } from '../spec/json.ts';

/** The smallest thing a simulated model says: one token of one part of its answer. */

export interface Piece {
  readonly kind: 'thinking' | 'content' | 'call';
  readonly text: string;
  /** On `call`: which of the answer's calls this token belongs to. */
  readonly call?: number;
}

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly value: Json;
  /** The value as JSON text. */
  readonly arguments: string;
}

export interface Answer {
  readonly pieces: readonly Piece[];
  readonly calls: readonly Call[];
  readonly reason: 'stop' | 'length' | 'tool-calls';
}
