/** The calls that put a model in or out of a host's memory, as its engine takes them; none where it takes none. */

import type { ResidencyCall } from '../backends/backend.ts';
import type { JsonObject } from '../spec/json.ts';
import type { Inference } from '../spec/vocabulary.ts';
import type { Host } from './host.ts';
import { neutralOf, type Resolved } from './stages.ts';
import { edited, residencyEdits, type Target } from './upstream-request.ts';
import { wireOf } from './wire-of.ts';

const speaksOllama = ({ speaks }: Host): boolean => speaks.includes('ollama');

const ollamaCall = ({ backend }: Host, path: string, body: JsonObject): ResidencyCall => ({
  url: backend.url('ollama', path),
  headers: backend.headers,
  body,
});

/** What of a request decides how its model is loaded; how long it stays, it says itself, and 0 here would be an unload. */
const loadMembers: readonly string[] = ['options', 'shift'];

const renderedBody = (resolved: Resolved, { host }: Target): JsonObject => {
  const { received, body } = resolved;
  const wire = wireOf(host, received.protocol);
  if (wire.id === received.protocol.id) return body;
  if (received.operation === 'embed')
    return wire.embed.render(received.protocol.embed.parse(body, received.path)).body;
  return wire.render(neutralOf(resolved)).body;
};

/** The load that a request needs, with its options: with others the engine would load the model anew for it. */
export const loadCallFor = (resolved: Resolved, target: Target): ResidencyCall | undefined => {
  const { host, upstream } = target;
  const { operation, protocol } = resolved.received;
  if (!speaksOllama(host))
    return operation === 'embed' ? undefined : host.backend.residency?.('load', upstream);
  const given = renderedBody(resolved, target);
  const settled = edited(given, residencyEdits(given, wireOf(host, protocol), resolved, target));
  const members = loadMembers.flatMap((name) => {
    const value = settled[name];
    return value === undefined || value === null ? [] : [[name, value] as const];
  });
  return emptyCall(host, upstream, operation, Object.fromEntries(members));
};

/** A request without a word in it, which an engine that speaks Ollama's dialect takes for a load. */
const emptyCall = (host: Host, model: string, operation: Inference, more: JsonObject): ResidencyCall =>
  operation === 'embed'
    ? ollamaCall(host, '/api/embed', { model, input: [], ...more })
    : ollamaCall(host, '/api/generate', { model, stream: false, ...more });

/** Which of an engine's ways to be asked a model has. */
const operationOf = ({ pair }: Target): Inference => {
  const { capabilities } = pair.card;
  return capabilities?.includes('embedding') === true && !capabilities.includes('completion')
    ? 'embed'
    : 'complete';
};

/** A load nobody's request stands behind; `keepAlive` as the engine takes it, absent: its own default. */
export const plainLoadCall = (target: Target, keepAlive?: number): ResidencyCall | undefined => {
  const { host, upstream } = target;
  const more = keepAlive === undefined ? {} : { keep_alive: keepAlive };
  return speaksOllama(host)
    ? emptyCall(host, upstream, operationOf(target), more)
    : host.backend.residency?.('load', upstream);
};

/** Puts a model out of memory. */
export const unloadCall = (target: Target): ResidencyCall | undefined => {
  const { host, upstream } = target;
  return speaksOllama(host)
    ? emptyCall(host, upstream, operationOf(target), { keep_alive: 0 })
    : host.backend.residency?.('unload', upstream);
};

/** Whether a request should have its model loaded first: the engine says what it holds, and takes loads. */
export const takesLoads = ({ backend, speaks, tellsLoaded }: Host): boolean =>
  backend.isPeer !== true && tellsLoaded && (speaks.includes('ollama') || backend.residency !== undefined);
