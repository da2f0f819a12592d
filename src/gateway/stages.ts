/** What a request is at each stage of its way through the gateway: a type per stage, each holding the one before. */

import type { Ask } from '../core/candidate.ts';
import type { Policy } from '../core/policy.ts';
import type { PrefixChain } from '../core/prefix-chain.ts';
import type { Peek, Protocol } from '../protocols/protocol.ts';
import type { ChatRequest } from '../spec/chat-request.ts';
import type { JsonObject } from '../spec/json.ts';
import type { Principal } from '../spec/principal.ts';
import type { ContextSettings } from '../spec/settings.ts';
import type { Inference, Millis } from '../spec/vocabulary.ts';
import type { LargeStrings } from '../wire/large-strings.ts';
import type { Departure } from './departure.ts';
import type { Served } from './fleet.ts';

/** As it came: the bytes are kept for failover until the answer has begun. */
export interface Received {
  readonly protocol: Protocol;
  readonly operation: Inference;
  /** The dialect's own path, which tells Ollama's two embedding paths apart. */
  readonly path: string;
  /** Set once, when it is all there. */
  bytes: Uint8Array;
  readonly requestId: string;
  readonly principal: Principal;
  readonly departure: Departure;
  /** The caller's headers, by lower-cased name. */
  readonly headers: { get(name: string): string | null };
  readonly arrivedAt: Millis;
  /** Nesting allowed in the body. */
  readonly maxDepth: number;
}

/** Checked: nothing in it is wrong by itself. */
export interface Parsed {
  readonly received: Received;
  readonly body: JsonObject;
  readonly large: LargeStrings | undefined;
  readonly peek: Peek;
}

/** Ready for the planner: what it asks for is known, and of whom. */
export interface Resolved extends Parsed {
  readonly ask: Ask;
  /** Members of the body as sent that are for Pointsman alone; they are not in `body` any more. */
  readonly own: readonly string[];
  /** Undefined where no host has the model. */
  readonly served: Served | undefined;
  readonly policy: Policy;
  readonly context: ContextSettings;
  /** The conversation as what it may have in common with others; undefined where nobody compares. */
  readonly chain: PrefixChain | undefined;
  /** Kept by `neutralOf`. */
  neutral: ChatRequest | undefined;
}

/** The neutral form, built once and only if some host needs a translation. */
export const neutralOf = (resolved: Resolved): ChatRequest => {
  const { protocol, operation } = resolved.received;
  if (operation === 'embed') throw new RangeError('an embedding request has no chat form');
  resolved.neutral ??= protocol.parse(resolved.body, operation);
  return resolved.neutral;
};

/** Whether the answer streams: Ollama answers a load or unload with one object, whatever `stream` says. */
export const wantsStream = ({ peek, received }: Parsed): boolean =>
  peek.stream && peek.residency === undefined && received.operation !== 'embed';
