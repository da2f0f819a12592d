/** What other dialects would lose of a request, found by rendering it: done only where that can decide something. Shell. */

import type { Protocol } from '../protocols/protocol.ts';
import type { Loss } from '../spec/decision.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asArray, asObject, type JsonObject } from '../spec/json.ts';
import type { ProtocolId } from '../spec/vocabulary.ts';
import type { Placement } from './fleet.ts';
import { neutralOf, type Resolved } from './stages.ts';
import { wireOf } from './wire-of.ts';

/** What every dialect has a word for; whoever sends nothing else loses nothing. */
const plainFields: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'contents', 'prompt', 'input', 'system', 'instructions', 'systemInstruction'],
  ...['stream', 'stream_options', 'temperature', 'top_p', 'max_tokens', 'max_completion_tokens'],
  ...['max_output_tokens', 'stop', 'stop_sequences', 'tools', 'intent', 'strict', 'keep_alive'],
]);

const isPlainPart = (part: JsonObject): boolean => {
  for (const field in part) if (field !== 'type' && field !== 'text') return false;
  return true;
};

/** Whether a body holds anything that some dialect may have no word for; a glance, since most do not. */
export const hasRareFields = (body: JsonObject): boolean => {
  for (const field in body) if (!plainFields.has(field)) return true;
  for (const message of asArray(body.messages) ?? asArray(body.contents) ?? asArray(body.input) ?? []) {
    const { content, parts, output } = asObject(message) ?? {};
    for (const part of asArray(content) ?? asArray(parts) ?? asArray(output) ?? [])
      if (!isPlainPart(asObject(part) ?? {})) return true;
  }
  return false;
};

const droppedBy = (resolved: Resolved, wire: Protocol): readonly string[] => {
  const { received, body } = resolved;
  return received.operation === 'embed'
    ? wire.embed.render(received.protocol.embed.parse(body, received.path)).dropped
    : wire.render(neutralOf(resolved)).dropped;
};

type Losses = Partial<Record<ProtocolId, Loss>>;

/**
 * By dialect; undefined where the hosts do not differ in it or nothing rare was sent. Throws what the request would be
 * refused with where no host's dialect can carry it.
 */
export const lossesOf = (
  resolved: Resolved,
  placements: readonly Placement[],
): Readonly<Losses> | undefined => {
  const { received, body, ask, peek } = resolved;
  if (received.raw !== undefined || peek.residency !== undefined) return undefined;
  let foreign = 0;
  for (const { host } of placements) if (!host.speaks.includes(received.protocol.id)) foreign += 1;
  if (foreign === 0 || (ask.strict !== true && (placements.length < 2 || !hasRareFields(body))))
    return undefined;
  return lossesAmong(resolved, placements);
};

const lossesAmong = (resolved: Resolved, placements: readonly Placement[]): Readonly<Losses> | undefined => {
  const { received, ask } = resolved;
  const wires = new Set(placements.map(({ host }) => wireOf(host, received.protocol)));
  const translated = [...wires].filter((wire) => wire !== received.protocol);
  if (ask.strict !== true && wires.size < 2) return undefined;
  const losses: Losses = {};
  let refusal: unknown;
  let refusals = 0;
  for (const wire of translated) {
    try {
      losses[wire.id] = { dropped: droppedBy(resolved, wire) };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      refusal = error;
      refusals += 1;
      losses[wire.id] = { dropped: [], refusal: error.message };
    }
  }
  if (refusals === wires.size) throw refusal;
  return losses;
};
