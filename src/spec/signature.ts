/** What a provider signs of its own reasoning, so that a later turn can prove it unchanged; imports this folder. */

import type { ProtocolId } from './vocabulary.ts';

/** Opaque to everybody but the dialect that made it, and worth nothing in another. */
export interface Signature {
  readonly protocol: ProtocolId;
  readonly value: string;
}
