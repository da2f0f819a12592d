/** What a simulated model says, token by token and as a whole. */

import type { Json } from '../spec/json.ts';

/** One token of one part of an answer. */
export interface Piece {
  readonly kind: 'thinking' | 'content' | 'call';
  readonly text: string;
  /** On `call`: which of the answer's calls this token belongs to. */
  readonly call?: number;
}

/** One tool call. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly value: Json;
  /** The value as JSON text. */
  readonly arguments: string;
}

/** Everything a model answers to one request. */
export interface Answer {
  readonly pieces: readonly Piece[];
  readonly calls: readonly Call[];
  readonly reason: 'stop' | 'length' | 'tool-calls';
}
