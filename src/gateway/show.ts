/** What a host says of one of its models, asked of the first that can; the card speaks where none does. Shell. */

import type { JsonObject } from '../spec/json.ts';
import type { Ports } from '../spec/ports.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { askHost } from './ask-host.ts';
import type { Fleet, Placement } from './fleet.ts';

/** A model page is no inference: a host that takes longer is passed over. */
const showTimeoutMs = 3_000;

const ask = (
  { host, upstream }: Placement,
  body: JsonObject,
  ports: Ports,
): Promise<JsonObject | undefined> => {
  const question = {
    url: host.backend.url('ollama', '/api/show'),
    headers: host.backend.headers,
    body: encodeUtf8(JSON.stringify({ ...body, name: undefined, model: upstream })),
    timeoutMs: showTimeoutMs,
  };
  return askHost(question, ports);
};

/** The model page of a host that speaks Ollama; undefined where none answers. */
export const showFromHost = async (
  model: string,
  body: JsonObject,
  fleet: Fleet,
  ports: Ports,
): Promise<JsonObject | undefined> => {
  const able = fleet
    .placements(model)
    .filter(
      ({ host }) =>
        host.health.state === 'up' && host.backend.speaks.some(({ protocol }) => protocol === 'ollama'),
    )
    .sort((left, right) => left.host.backend.options.priority - right.host.backend.options.priority);
  for (const placement of able) {
    const page = await ask(placement, body, ports);
    if (page !== undefined) return page;
  }
  return undefined;
};
