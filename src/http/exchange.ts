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
  readonly headers: Headers;
  /** As a browser names it; checked. */
  readonly origin: string | null;
  readonly keys: Keys;
}

/** Who asks; throws when the request may not be served. */
export const principalOf = ({ keys, headers, pathKey }: Exchange): Principal =>
  keys.identify(headers, pathKey);

/** Hono's bindings for this application. */
export interface AppEnvironment {
  Bindings: Exchange;
}

const byId = new Map(protocols.map((protocol) => [protocol.id, protocol]));

const known = (id: 'ollama' | 'openai-chat' | 'anthropic'): Protocol => {
  const protocol = byId.get(id);
  if (protocol === undefined) throw new RangeError(`no protocol ${id}`);
  return protocol;
};

/** The header by which Anthropic's clients are known where two dialects share a path. */
const anthropicMark = 'anthropic-version';

/** Which dialect's clients use a path, so that even an error before routing is one they can read. */
export const dialectOf = (path: string, headers?: { get(name: string): string | null }): Protocol => {
  if (path === '/' || (path.startsWith('/api/') && !path.startsWith('/api/v1/'))) return known('ollama');
  if (path.startsWith('/v1/messages')) return known('anthropic');
  const isShared = path.startsWith('/v1/models') && headers !== undefined;
  return isShared && headers.get(anthropicMark) !== null ? known('anthropic') : known('openai-chat');
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
  const { retryAfterMs, allow } = error.details;
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  if (allow !== undefined) headers.allow = allow.join(', ');
  return new Response(JSON.stringify(body), { status, headers });
};

/** A JSON answer of Pointsman's own. */
export const jsonResponse = (value: unknown, requestId: string, status = 200): Response =>
  new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': requestId },
  });
