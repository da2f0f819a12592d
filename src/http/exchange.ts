/** What the handlers of one request share: where it came from, where it goes, who asks. */

import type { Protocol } from '../protocols/protocol.ts';
import { protocols } from '../protocols/registry.ts';
import type { GatewayError } from '../spec/gateway-error.ts';
import type { Principal } from '../spec/principal.ts';
import type { Keys } from './keys.ts';

/** The switches of the connections, as far as the application needs them. */
export interface Connection {
  /** The body is read: from here on the answer takes as long as it takes. */
  liftTimeout(request: Request): void;
  restoreTimeout(request: Request): void;
}

export interface Exchange {
  readonly connection: Connection | undefined;
  /** The path that is routed: without key, doubled prefix and trailing slash. */
  readonly path: string;
  readonly requestId: string;
  /** The first path segment, when it was a key. */
  readonly pathKey: string | undefined;
  /** The key in the query, where the path's dialect has one there; it goes no further than this. */
  readonly queryKey: string | undefined;
  readonly headers: Headers;
  /** As a browser names it; checked. */
  readonly origin: string | null;
  readonly keys: Keys;
}

/** Who asks; throws when the request may not be served. */
export const principalOf = ({ keys, headers, pathKey, queryKey }: Exchange): Principal =>
  keys.identify(headers, pathKey, queryKey);

/** Hono's bindings for this application. */
export interface AppEnvironment {
  Bindings: Exchange;
}

const byId = new Map(protocols.map((protocol) => [protocol.id, protocol]));

const known = (id: 'ollama' | 'openai-chat' | 'anthropic' | 'gemini'): Protocol => {
  const protocol = byId.get(id);
  if (protocol === undefined) throw new RangeError(`no protocol ${id}`);
  return protocol;
};

/** Google's paths: a version of its own, or a model with an action behind it. */
export const isGeminiPath = (path: string): boolean =>
  path.startsWith('/v1beta/') || (path.startsWith('/v1/models/') && geminiAction.test(path));

const geminiAction = /:[a-z]+(?:Content|Contents|Tokens)$/i;

/** The headers by which clients are known where dialects share a path. */
const marks = [
  ['anthropic-version', 'anthropic'],
  ['x-goog-api-key', 'gemini'],
] as const;

/** Which dialect's clients use a path, so that even an error before routing is one they can read. */
export const dialectOf = (path: string, headers?: { get(name: string): string | null }): Protocol => {
  if (path === '/' || (path.startsWith('/api/') && !path.startsWith('/api/v1/'))) return known('ollama');
  if (path.startsWith('/v1/messages')) return known('anthropic');
  if (isGeminiPath(path)) return known('gemini');
  const isShared = path.startsWith('/v1/models') && headers !== undefined;
  const mark = isShared ? marks.find(([name]) => headers.get(name) !== null) : undefined;
  return known(mark?.[1] ?? 'openai-chat');
};

/** An error as the clients of that path expect it. */
export const errorResponse = (
  error: GatewayError,
  {
    path,
    requestId,
    headers: asked,
  }: Pick<Exchange, 'path' | 'requestId'> & Partial<Pick<Exchange, 'headers'>>,
): Response => {
  const { status, body } = dialectOf(path, asked).error.write(error, requestId);
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-request-id': requestId };
  const { retryAfterMs, allow, status: own } = error.details;
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  if (allow !== undefined) headers.allow = allow.join(', ');
  return new Response(JSON.stringify(body), { status: own ?? status, headers });
};

/** A JSON answer of Pointsman's own. */
export const jsonResponse = (value: unknown, requestId: string, status = 200): Response =>
  new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': requestId },
  });
