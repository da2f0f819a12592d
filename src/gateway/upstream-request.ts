/** What goes to one host for one request: the same bytes with named edits, or the neutral form in another dialect. */

import type { Protocol } from '../protocols/protocol.ts';
import { protocols } from '../protocols/registry.ts';
import type { JsonObject } from '../spec/json.ts';
import type { ProtocolId } from '../spec/vocabulary.ts';
import { forwardRequestHeaders } from '../wire/headers.ts';
import { attachLargeStrings } from '../wire/large-strings.ts';
import { type JsonEdit, spliceJson } from '../wire/splice.ts';
import type { Host } from './host.ts';
import { neutralOf, type Resolved } from './stages.ts';

export interface UpstreamRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The dialect spoken to the host. */
  readonly wire: Protocol;
  /** `pass`: the answer's bytes go to the client as they are. */
  readonly mode: 'pass' | 'translate';
  /** Which decoder reads the answer. */
  readonly operation: 'chat' | 'complete';
  /** Request fields the host's dialect cannot say. */
  readonly dropped: readonly string[];
}

const none: readonly string[] = [];

const byId = new Map<ProtocolId, Protocol>(protocols.map((protocol) => [protocol.id, protocol]));

/** The caller's dialect where the host speaks it, else the host's best one. */
export const wireOf = (host: Host, front: Protocol): Protocol => {
  if (host.speaks.includes(front.id)) return front;
  const [best] = host.speaks;
  return (best && byId.get(best)) ?? front;
};

/** An engine that adds `:latest` by itself echoes the name as asked, which is what its clients expect back. */
const sameName = (asked: string, upstream: string): boolean =>
  asked === upstream || `${asked}:latest` === upstream;

/** Applies edits to a body that cannot be spliced safely: parsed values are set and written anew. */
const rewritten = (resolved: Resolved, edits: readonly JsonEdit[]): Uint8Array => {
  const body: Record<string, JsonObject[string]> = { ...resolved.body };
  for (const { path, value } of edits) {
    const [key] = path;
    if (key !== undefined) body[key] = value;
  }
  return attachLargeStrings(JSON.stringify(body), resolved.large);
};

const passedBody = (resolved: Resolved, upstream: string): Uint8Array => {
  const { body, peek, received } = resolved;
  if (sameName(peek.model, upstream) && body.intent === undefined) return received.bytes;
  const edits: JsonEdit[] = [];
  if (!sameName(peek.model, upstream)) edits.push({ path: ['model'], value: upstream });
  if (body.intent !== undefined) edits.push({ path: ['intent'], value: undefined });
  return spliceJson(received.bytes, edits) ?? rewritten(resolved, edits);
};

const headersFor = (host: Host, { received }: Resolved): Readonly<Record<string, string>> => {
  const headers = forwardRequestHeaders(received.headers);
  const { headers: own } = host.backend;
  for (const name in own) headers[name] = own[name] ?? '';
  headers['x-request-id'] = received.requestId;
  return headers;
};

/** Builds the request for one host; throws a `GatewayError` where its dialect cannot carry what is asked. */
export const upstreamRequest = (resolved: Resolved, host: Host, upstream: string): UpstreamRequest => {
  const { received, peek, large } = resolved;
  const wire = wireOf(host, received.protocol);
  const headers = headersFor(host, resolved);
  const operation = received.operation === 'complete' ? 'complete' : 'chat';
  if (wire.id === received.protocol.id) {
    const body = passedBody(resolved, upstream);
    return {
      url: host.backend.url(wire.id, received.path),
      headers,
      body,
      wire,
      mode: 'pass',
      operation,
      dropped: none,
    };
  }
  if (received.operation === 'embed') {
    const request = received.protocol.embed.parse(resolved.body, received.path);
    const { path, body, dropped } = wire.embed.render({ ...request, model: upstream });
    const bytes = attachLargeStrings(JSON.stringify(body), large);
    return {
      url: host.backend.url(wire.id, path),
      headers,
      body: bytes,
      wire,
      mode: 'translate',
      operation,
      dropped,
    };
  }
  if (peek.residency !== undefined) {
    return { url: '', headers, body: new Uint8Array(0), wire, mode: 'translate', operation, dropped: [] };
  }
  const rendered = wire.render({ ...neutralOf(resolved), model: upstream, includeUsage: peek.stream });
  return {
    url: host.backend.url(wire.id, rendered.path),
    headers,
    body: attachLargeStrings(JSON.stringify(rendered.body), large),
    wire,
    mode: 'translate',
    operation: rendered.operation,
    dropped: rendered.dropped,
  };
};
