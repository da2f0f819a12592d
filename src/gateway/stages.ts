/** What a request is at each stage of its way through the gateway: a type per stage, each holding the one before. */

import type { Ask } from '../core/candidate.ts';
import type { Policy } from '../core/policy.ts';
import type { PrefixChain } from '../core/prefix-chain.ts';
import type { Peek, Protocol } from '../protocols/protocol.ts';
import type { ChatRequest } from '../spec/chat-request.ts';
import type { JsonObject } from '../spec/json.ts';
import type { Principal } from '../spec/principal.ts';
import type { ContextSettings } from '../spec/settings.ts';
import type { Inference, Millis, Raw } from '../spec/vocabulary.ts';
import type { LargeStrings } from '../wire/large-strings.ts';
import type { Departure } from './departure.ts';
import type { Served } from './fleet.ts';

/** As it came: the bytes are kept for failover until the answer has begun. */
export interface Received {
  readonly protocol: Protocol;
  readonly operation: Inference;
  /** Set where the body passes as it is; then `operation` is not heeded. */
  readonly raw?: Raw;
  /** The dialect's own path, which tells Ollama's two embedding paths apart; `{model}` stands where a name was. */
  readonly path: string;
  /** What the path says in dialects whose bodies do not; it is read as members of the body. */
  readonly named?: { readonly model: string; readonly stream: boolean } | undefined;
  /** Set when it is all there; what it refers to is put in its place. */
  bytes: Uint8Array;
  readonly requestId: string;
  /** A name for its answer that no other has; absent: the request's own will do. */
  readonly answerId?: string | undefined;
  readonly principal: Principal;
  readonly departure: Departure;
  /** The caller's headers, by lower-cased name. */
  readonly headers: { get(name: string): string | null };
  readonly arrivedAt: Millis;
  /** Nesting allowed in the body. */
  readonly maxDepth: number;
}

/** A picture that was fetched for a request; `data` is base64. */
export interface FetchedImage {
  readonly data: string;
  readonly mediaType: string;
}

/** What is kept of a request until its answer is there, for the requests that will refer to it. */
export interface Remembered {
  /** The answer it continues. */
  readonly previous: string | undefined;
  /** Its own items as JSON text. */
  readonly inputText: string;
}

/** Checked: nothing in it is wrong by itself. */
export interface Parsed {
  readonly received: Received;
  /** Without what is said to Pointsman alone. */
  readonly body: JsonObject;
  /** Members that are taken out of the bytes when they pass. */
  readonly ownMembers: readonly string[];
  readonly strict: boolean;
  readonly large: LargeStrings | undefined;
  readonly peek: Peek;
  /** Undefined where nothing of it is kept. */
  readonly remembered: Remembered | undefined;
  /** Pictures in place of their URLs, for hosts that want bytes. */
  readonly images?: ReadonlyMap<string, FetchedImage> | undefined;
}

/** Ready for the planner: what it asks for is known, and of whom. */
export interface Resolved extends Parsed {
  readonly ask: Ask;
  /** Undefined where no host has the model. */
  readonly served: Served | undefined;
  readonly policy: Policy;
  readonly context: ContextSettings;
  /** The conversation as what it may have in common with others; undefined where nobody compares. */
  readonly chain: PrefixChain | undefined;
  /** Kept by `neutralOf`. */
  neutral: ChatRequest | undefined;
}

const withImages = (request: ChatRequest, images: Parsed['images']): ChatRequest => {
  if (images === undefined) return request;
  const messages = request.messages.map((message) =>
    message.content === null || typeof message.content === 'string'
      ? message
      : {
          ...message,
          content: message.content.map((part) => {
            const image = part.type === 'image-url' ? images.get(part.url) : undefined;
            return image === undefined ? part : ({ type: 'image', ...image } as const);
          }),
        },
  );
  return { ...request, messages };
};

/** The neutral form, built once and only if some host needs a translation. */
export const neutralOf = (resolved: Resolved): ChatRequest => {
  const { protocol, operation } = resolved.received;
  if (operation === 'embed') throw new RangeError('an embedding request has no chat form');
  resolved.neutral ??= withImages(protocol.parse(resolved.body, operation), resolved.images);
  return resolved.neutral;
};

/** Whether the answer streams: Ollama answers a load or unload with one object, whatever `stream` says. */
export const wantsStream = ({ peek, received }: Parsed): boolean =>
  peek.stream && peek.residency === undefined && received.operation !== 'embed';
