/** How many tokens a prompt has: asked of a host that speaks the caller's dialect, else estimated. Shell. */

import { isLocalOnly, staysLocal, zoneHeader } from '../core/local-only.ts';
import { addText, emptyCounts, estimateTokens } from '../core/token-estimate.ts';
import { fillModel } from '../protocols/model-route.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, type JsonObject } from '../spec/json.ts';
import type { Ports } from '../spec/ports.ts';
import type { Principal } from '../spec/principal.ts';
import type { Mode } from '../spec/vocabulary.ts';
import { forwardRequestHeaders } from '../wire/headers.ts';
import { InvalidJson, type ParsedBody, parseBody } from '../wire/json.ts';
import { attachLargeStrings } from '../wire/large-strings.ts';
import { spliceJson } from '../wire/splice.ts';
import { askHost } from './ask-host.ts';
import type { Fleet, Placement } from './fleet.ts';
import type { Received } from './stages.ts';

/** A count is no inference: a host that takes longer is passed over. */
const countTimeoutMs = 10_000;

/** A question as it came. */
export interface Question {
  readonly protocol: Protocol;
  readonly path: string;
  /** What the path says, as in a request for an answer. */
  readonly named?: Received['named'];
  readonly bytes: Uint8Array;
  readonly headers: { get(name: string): string | null };
  readonly maxDepth: number;
  readonly principal: Principal;
  readonly mode: Mode;
}

interface Asked {
  readonly body: JsonObject;
  readonly large: ParsedBody['large'];
}

const read = ({ bytes, maxDepth, named }: Question): Asked => {
  try {
    const { value, large } = parseBody(bytes, { maxDepth });
    const body = asObject(value);
    if (body !== undefined) return { body: named === undefined ? body : { ...body, ...named }, large };
  } catch (error) {
    if (!(error instanceof InvalidJson)) throw error;
    throw new GatewayError('invalid_request', `the body is not usable JSON: ${error.message}`);
  }
  throw new GatewayError('invalid_request', 'the body must be a JSON object');
};

const ask = (
  { host, upstream }: Placement,
  { body, large }: Asked,
  { protocol, path, bytes, headers, named: saidByPath }: Question,
  ports: Ports,
): Promise<JsonObject | undefined> => {
  const named =
    saidByPath === undefined
      ? (spliceJson(bytes, [{ path: ['model'], value: upstream }]) ??
        attachLargeStrings(JSON.stringify({ ...body, model: upstream }), large))
      : bytes;
  const question = {
    url: host.backend.url(protocol.id, fillModel(path, upstream)),
    headers: { ...forwardRequestHeaders(headers, host.speaks), ...host.backend.headers },
    body: named,
    timeoutMs: countTimeoutMs,
  };
  return askHost(question, ports);
};

const estimated = (protocol: Protocol, body: JsonObject): number => {
  const counts = emptyCounts();
  for (const { text, images } of protocol.prompt(body)) {
    addText(text, counts);
    counts.images += images;
  }
  return estimateTokens(counts);
};

/** A prompt that must stay local is not shown to the cloud for a count either. */
const able = (
  model: string,
  { protocol, headers, principal, mode }: Question,
  fleet: Fleet,
): readonly Placement[] => {
  const { placements, rules } = fleet.served(model) ?? { placements: [], rules: [] };
  const localOnly = isLocalOnly({ header: headers.get(zoneHeader), key: principal, models: rules });
  const isBound = staysLocal({ localOnly, mode });
  return placements.filter(
    ({ host }) =>
      host.health.state === 'up' &&
      host.speaks.includes(protocol.id) &&
      (!isBound || host.backend.options.zone === 'local'),
  );
};

/** Checks the question and answers it; throws what is wrong with it, and never what went wrong at a host. */
export const countTokens = async (
  question: Question,
  fleet: Fleet,
  ports: Ports,
): Promise<{ readonly body: JsonObject; readonly isEstimate: boolean }> => {
  const { protocol } = question;
  const { count } = protocol;
  if (count === undefined) throw new GatewayError('not_implemented', 'this dialect counts no tokens');
  const asked = read(question);
  const model = count.peek(asked.body);
  for (const placement of able(model, question, fleet)) {
    const answer = await ask(placement, asked, question, ports);
    if (answer !== undefined) return { body: answer, isEstimate: false };
  }
  return { body: count.encode(estimated(protocol, asked.body)), isEstimate: true };
};
