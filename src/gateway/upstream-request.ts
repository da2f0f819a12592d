/** What goes to one host for one request: the same bytes with named edits, or the neutral form in another dialect. */

import { contextEdits, contextPolicyOf } from '../core/context-policy.ts';
import { staysLocal, zoneHeader } from '../core/local-only.ts';
import { sessionHeaders } from '../core/session-key.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { protocols } from '../protocols/registry.ts';
import { asObject, type JsonObject } from '../spec/json.ts';
import type { ProtocolId } from '../spec/vocabulary.ts';
import { forwardRequestHeaders } from '../wire/headers.ts';
import { attachLargeStrings } from '../wire/large-strings.ts';
import { type JsonEdit, spliceJson } from '../wire/splice.ts';
import type { Placement } from './fleet.ts';
import type { Host } from './host.ts';
import { intentHeader } from './resolve.ts';
import { neutralOf, type Resolved } from './stages.ts';

/** The number of an attempt in a chain of Pointsmen: who receives one leaves retries to whoever sent it. */
export const attemptHeader = 'x-pointsman-attempt';

/** Where it goes. */
export type Target = Placement;

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

/** Sets or deletes members of parsed values, one or two names deep; nothing that is shared is changed. */
export const edited = (given: JsonObject, edits: readonly JsonEdit[]): JsonObject => {
  const body: Record<string, JsonObject[string]> = { ...given };
  for (const { path, value } of edits) {
    const [name, inner] = path;
    if (name === undefined) continue;
    if (inner === undefined) body[name] = value;
    else body[name] = { ...asObject(body[name]), [inner]: value };
  }
  return body;
};

const noEdits: readonly JsonEdit[] = [];

/** What has to change for the model's place in memory, in a body of the dialect that can say it. */
export const residencyEdits = (
  body: JsonObject,
  wire: Protocol,
  { context, peek }: Resolved,
  { host, pair }: Target,
): readonly JsonEdit[] => {
  if (wire.id !== 'ollama') return noEdits;
  if (pair.context?.from !== context) {
    const policy = contextPolicyOf(context, host.backend.options.keepAlive ?? {});
    pair.context = { from: context, policy };
  }
  const { card } = pair;
  const facts = {
    body,
    modelContextTokens: card.contextTokens,
    loadedContextTokens: card.loaded?.contextTokens,
    defaultContextTokens: undefined,
    residency: peek.residency,
  };
  return contextEdits(facts, pair.context.policy);
};

const passedBody = (resolved: Resolved, wire: Protocol, target: Target): Uint8Array => {
  const { body, peek, received, large } = resolved;
  const { upstream } = target;
  const residency = residencyEdits(body, wire, resolved, target);
  const { own } = resolved;
  if (
    sameName(peek.model, upstream) &&
    body.intent === undefined &&
    residency.length === 0 &&
    own.length === 0
  )
    return received.bytes;
  const edits: JsonEdit[] = [...residency];
  if (!sameName(peek.model, upstream)) edits.push({ path: ['model'], value: upstream });
  if (body.intent !== undefined) edits.push({ path: ['intent'], value: undefined });
  for (const member of own) edits.push({ path: [member], value: undefined });
  return spliceJson(received.bytes, edits) ?? attachLargeStrings(JSON.stringify(edited(body, edits)), large);
};

/** What binds a request binds it behind the next Pointsman too; the first of a chain does the retries. */
const toldPeers = ({ received, ask }: Resolved): Readonly<Record<string, string>> => {
  const told: Record<string, string> = { [attemptHeader]: '1', [intentHeader]: ask.intent };
  if (staysLocal(ask)) told[zoneHeader] = 'local';
  for (const name of sessionHeaders) {
    const value = received.headers.get(name);
    if (value !== null) told[name] = value;
  }
  return told;
};

const headersFor = (host: Host, resolved: Resolved): Readonly<Record<string, string>> => {
  const { received } = resolved;
  const headers = forwardRequestHeaders(received.headers);
  if (host.backend.isPeer === true) Object.assign(headers, toldPeers(resolved));
  const { headers: own } = host.backend;
  for (const name in own) headers[name] = own[name] ?? '';
  headers['x-request-id'] = received.requestId;
  return headers;
};

/** Builds the request for one host; throws a `GatewayError` where its dialect cannot carry what is asked. */
export const upstreamRequest = (resolved: Resolved, target: Target): UpstreamRequest => {
  const { host, upstream } = target;
  const { received, peek, large } = resolved;
  const wire = wireOf(host, received.protocol);
  const headers = headersFor(host, resolved);
  const operation = received.operation === 'complete' ? 'complete' : 'chat';
  if (wire.id === received.protocol.id) {
    const body = passedBody(resolved, wire, target);
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
    const native = edited(body, residencyEdits(body, wire, resolved, target));
    const bytes = attachLargeStrings(JSON.stringify(native), large);
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
  const edits = residencyEdits(rendered.body, wire, resolved, target);
  const native = edits.length === 0 ? rendered.body : edited(rendered.body, edits);
  return {
    url: host.backend.url(wire.id, rendered.path),
    headers,
    body: attachLargeStrings(JSON.stringify(native), large),
    wire,
    mode: 'translate',
    operation: rendered.operation,
    dropped: rendered.dropped,
  };
};
