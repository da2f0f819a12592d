/** A slot on a host, held by one attempt until it is released. Shell state. */

import type { PrefixChain } from '../core/prefix-chain.ts';
import type { BackendId, Millis } from '../spec/vocabulary.ts';
import type { Host } from './host.ts';
import type { Lesson, Pair } from './pair.ts';

export interface Lease extends Lesson {
  readonly host: Host;
  readonly pair: Pair;
  readonly upstream: string;
  /** Who could have served, itself included; undefined where nothing ties the request to a host. */
  readonly rivals: readonly BackendId[] | undefined;
  readonly chain: PrefixChain | undefined;
  readonly why: string;
  readonly queueMs: Millis;
  /** How long it was expected to hold the slot. */
  readonly heldMs: Millis;
  /** No other host could take the request now, so that giving up on this one would end it. */
  readonly onlyOne: boolean;
  /** Tells the breaker which trial this was. */
  readonly ticket: number;
  held: boolean;
  /** Whether the pair was told how it ended. */
  told: boolean;
  /** When the first content was expected, or the end of an answer that comes whole; worked out when asked for. */
  expectedMs: Millis | undefined;
}
