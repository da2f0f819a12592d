/** What goes to one host for one request: the same bytes with named edits, or the neutral form in another dialect. */

import { contextEdits, contextPolicyOf } from '../core/context-policy.ts';
import { bodyWithQuirks, changesMessages, quirksOf, withQuirks } from '../core/quirks.ts';
import { withSampling } from '../core/sampling-quirks.ts';
import { fillModel } from '../protocols/model-route.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { ChatRequest } from '../spec/chat-request.ts';
import { asObject, type JsonObject } from '../spec/json.ts';
import type { ModelSettings } from '../spec/settings.ts';
import type { Quirk } from '../spec/vocabulary.ts';
import { attachLargeStrings } from '../wire/large-strings.ts';
import { type JsonEdit, spliceJson } from '../wire/splice.ts';
import type { Placement } from './fleet.ts';
import { passedUnderPath } from './passed-under-path.ts';
import { neutralOf, type Resolved } from './stages.ts';
import { headersFor } from './upstream-headers.ts';
import { wireOf } from './wire-of.ts';

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

/** An engine that adds `:latest` by itself echoes the name as asked, which is what its clients expect back. */
export const sameName = (asked: string, upstream: string): boolean =>
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
  const { body, peek, received, large, ownMembers } = resolved;
  const { upstream } = target;
  if (received.named !== undefined) return passedUnderPath(resolved, target.upstream);
  const residency = residencyEdits(body, wire, resolved, target);
  const isOwn = body.intent === undefined && ownMembers.length === 0;
  if (sameName(peek.model, upstream) && isOwn && residency.length === 0) return received.bytes;
  const edits: JsonEdit[] = [...residency];
  if (!sameName(peek.model, upstream)) edits.push({ path: ['model'], value: upstream });
  if (body.intent !== undefined) edits.push({ path: ['intent'], value: undefined });
  for (const name of ownMembers) edits.push({ path: [name], value: undefined });
  return spliceJson(received.bytes, edits) ?? attachLargeStrings(JSON.stringify(edited(body, edits)), large);
};

interface Passed {
  readonly body: Uint8Array;
  readonly dropped: readonly string[];
}

/** The caller's own bytes, but for what another dialect's engine left in the conversation. */
const passed = (resolved: Resolved, wire: Protocol, target: Target): Passed => {
  const { body, peek, large } = resolved;
  if (peek.isMixed !== true || wire.purged === undefined || target.host.backend.isPeer === true) {
    return { body: passedBody(resolved, wire, target), dropped: none };
  }
  const purged = wire.purged(body);
  const edits = [
    { path: ['model'], value: target.upstream },
    { path: ['intent'], value: undefined },
  ];
  return {
    body: attachLargeStrings(JSON.stringify(edited(purged.body, edits)), large),
    dropped: purged.dropped,
  };
};

/** A wish to think is no demand in most dialects: a model that is known not to is asked without it. */
const thinkable = (
  resolved: Resolved,
  { pair }: Target,
): { request: ChatRequest; dropped: readonly string[] } => {
  const request = neutralOf(resolved);
  const { capabilities } = pair.card;
  const isAsked = (request.thinking ?? false) !== false;
  if (!isAsked || capabilities === undefined || capabilities.includes('thinking')) {
    return { request, dropped: none };
  }
  return { request: { ...request, thinking: undefined, thinkingTokens: undefined }, dropped: ['thinking'] };
};

const noRules: readonly ModelSettings[] = [];

const quirksFor = ({ served }: Resolved, { host, upstream, pair }: Target): readonly Quirk[] => {
  const from = served?.rules ?? noRules;
  if (pair.quirks?.from !== from) {
    const { kind, quirks: ofBackend } = host.backend.options;
    const ofModel = from.find(({ quirks }) => quirks !== undefined)?.quirks;
    pair.quirks = { from, list: quirksOf({ upstream, kind, ofModel, ofBackend }) };
  }
  return pair.quirks.list;
};

/** The same dialect, put as the model takes it; undefined where it can be left as it came. */
const requirkedBody = (resolved: Resolved, wire: Protocol, target: Target): Uint8Array | undefined => {
  const quirks = quirksFor(resolved, target);
  if (quirks.length === 0 || resolved.received.operation !== 'chat' || !changesMessages(quirks))
    return undefined;
  const asked = neutralOf(resolved);
  const put = withQuirks(asked, quirks);
  if (put === asked) return undefined;
  const { peek, large } = resolved;
  const { upstream } = target;
  const { body } = wire.render({ ...put, model: sameName(peek.model, upstream) ? peek.model : upstream });
  const native = edited(body, residencyEdits(body, wire, resolved, target));
  return attachLargeStrings(JSON.stringify(native), large);
};

/** Builds the request for one host; throws a `GatewayError` where its dialect cannot carry what is asked. */
export const upstreamRequest = (resolved: Resolved, target: Target): UpstreamRequest => {
  const { host, upstream } = target;
  const { received, peek, large } = resolved;
  const wire = wireOf(host, received.protocol);
  const headers = headersFor(host, resolved);
  const operation = received.operation === 'complete' ? 'complete' : 'chat';
  if (wire.id === received.protocol.id) {
    const requirked = requirkedBody(resolved, wire, target);
    const { body, dropped } =
      requirked === undefined ? passed(resolved, wire, target) : { body: requirked, dropped: none };
    return {
      url: host.backend.url(
        wire.id,
        received.named === undefined ? received.path : fillModel(received.path, upstream),
        upstream,
      ),
      headers,
      body,
      wire,
      mode: 'pass',
      operation,
      dropped,
    };
  }
  if (received.operation === 'embed') {
    const request = received.protocol.embed.parse(resolved.body, received.path);
    const { path, body, dropped } = wire.embed.render({ ...request, model: upstream });
    const native = edited(body, residencyEdits(body, wire, resolved, target));
    const bytes = attachLargeStrings(JSON.stringify(native), large);
    return {
      url: host.backend.url(wire.id, path, upstream),
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
  const { request, dropped } = thinkable(resolved, target);
  const quirks = quirksFor(resolved, target);
  const sampled = withSampling(request, quirks);
  const rendered = wire.render({
    ...withQuirks(sampled.request, quirks),
    model: upstream,
    includeUsage: peek.stream,
  });
  const edits = residencyEdits(rendered.body, wire, resolved, target);
  const put = wire.id === 'openai-chat' ? bodyWithQuirks(rendered.body, quirks) : rendered.body;
  const native = edits.length === 0 ? put : edited(put, edits);
  return {
    url: host.backend.url(wire.id, rendered.path, upstream),
    headers,
    body: attachLargeStrings(JSON.stringify(native), large),
    wire,
    mode: 'translate',
    operation: rendered.operation,
    dropped: [...rendered.dropped, ...sampled.dropped, ...dropped],
  };
};
