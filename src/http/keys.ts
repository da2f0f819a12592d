/** One extractor for every way a key can come, and one comparison for all of them. */

import type { Constraints } from '../spec/choice.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Principal, Scope } from '../spec/principal.ts';
import type { KeyLimits } from '../spec/settings.ts';
import type { QueueClass } from '../spec/vocabulary.ts';

export interface KeyOptions {
  readonly name: string;
  readonly key: string;
  readonly scopes: readonly Scope[];
  readonly localOnly?: boolean;
  readonly class?: QueueClass;
  readonly constraints?: Constraints | undefined;
  readonly limits?: KeyLimits | undefined;
}

export interface Keys {
  /** Whether any key is configured. */
  readonly required: boolean;
  /** Who asks, by the headers, the first path segment when it was a key, or the query; throws `unauthorized`, or `invalid_request` when one request carries different keys. */
  identify(headers: CarryingHeaders, path: string | undefined, query?: string): Principal;
  /** Whether a first path segment is a key, so that it is taken off before routing. */
  matches(text: string): boolean;
}

/** Headers that may carry a key, by lower-cased name. */
export interface CarryingHeaders {
  get(name: string): string | null;
}

/** Keys are compared over this many bytes whatever their length, so that time tells nothing of either. */
const comparedBytes = 256;

const padded = (text: string): Uint8Array => {
  const bytes = new Uint8Array(comparedBytes + 1);
  const { written } = new TextEncoder().encodeInto(text, bytes.subarray(0, comparedBytes));
  bytes[comparedBytes] = text.length > comparedBytes ? 255 : written;
  return bytes;
};

const equal = (left: Uint8Array, right: Uint8Array): boolean => {
  let difference = 0;
  for (let index = 0; index <= comparedBytes; index += 1)
    difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
};

const allScopes: ReadonlySet<Scope> = new Set(['inference', 'metrics', 'admin', 'cluster']);

/** Nobody has to say who they are when no key is configured. */
const anonymous: Principal = { name: 'anonymous', scopes: allScopes };

/** Headers that hold a bare key: Anthropic's clients send the first, Google's the second. */
const keyHeaders = ['x-api-key', 'x-goog-api-key'] as const;

/** An empty bearer is what clients with an empty key field send: no key, not a wrong one. */
const bearer = (value: string): string | undefined => /^bearer\s+(\S+)\s*$/i.exec(value)?.[1];

const basicPassword = (value: string): string | undefined => {
  const encoded = /^basic\s+([a-z0-9+/=]+)\s*$/i.exec(value)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return atob(encoded).replace(/^[^:]*:/, '');
  } catch {
    return undefined;
  }
};

/** Names of models are compared without regard to case. */
const lowered = (constraints: Constraints): Constraints => ({
  ...constraints,
  excludedModels: constraints.excludedModels?.map((model) => model.toLowerCase()),
});

/** Builds the key table of one configuration. */
export const createKeys = (options: readonly KeyOptions[], basic: 'accepted' | 'refused'): Keys => {
  const table = options.map(
    ({ name, key, scopes, localOnly = false, class: queueClass = 'interactive', constraints, limits }) => ({
      bytes: padded(key),
      principal: {
        name,
        scopes: new Set(scopes),
        localOnly,
        queueClass,
        isLimited: limits?.requestsPerMinute !== undefined || limits?.tokensPerMinute !== undefined,
        ...(constraints === undefined ? {} : { constraints: lowered(constraints) }),
      } satisfies Principal,
    }),
  );

  /** Walks the whole table each time: which key matched must not show in the time either. */
  const find = (text: string): Principal | undefined => {
    const asked = padded(text);
    let found: Principal | undefined;
    for (const { bytes, principal } of table) if (equal(asked, bytes)) found = principal;
    return found;
  };

  const carriedKeys = (
    headers: CarryingHeaders,
    path: string | undefined,
    query: string | undefined,
  ): ReadonlySet<string> => {
    const keys = new Set<string>();
    const authorization = headers.get('authorization');
    if (authorization !== null) {
      const key = bearer(authorization) ?? (basic === 'accepted' ? basicPassword(authorization) : undefined);
      if (key !== undefined) keys.add(key);
    }
    for (const name of keyHeaders) {
      const apiKey = headers.get(name);
      if (apiKey !== null && apiKey !== '') keys.add(apiKey);
    }
    if (path !== undefined) keys.add(path);
    if (query !== undefined && query !== '') keys.add(query);
    return keys;
  };

  return {
    required: table.length > 0,
    identify: (headers, path, query) => {
      if (table.length === 0) return anonymous;
      const keys = carriedKeys(headers, path, query);
      if (keys.size > 1) throw new GatewayError('invalid_request', 'the request carries different keys');
      const [key] = keys;
      const principal = key === undefined ? undefined : find(key);
      if (principal === undefined) throw new GatewayError('unauthorized', 'a valid API key is required');
      return principal;
    },
    matches: (text) => table.length > 0 && find(text) !== undefined,
  };
};

/** Throws `forbidden` unless the principal has one of the scopes. */
export const demandScope = (principal: Principal, scopes: readonly Scope[]): void => {
  for (const scope of scopes) if (principal.scopes.has(scope)) return;
  throw new GatewayError('forbidden', `this key has no ${scopes.join(' or ')} scope`);
};
