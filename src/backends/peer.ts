/** Another Pointsman, which speaks every dialect this one does. Imports spec, wire and this folder. */

import { asBoolean, asNumber, asObject, asString, type JsonObject } from '../spec/json.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import type { Backend, BackendKind, ProbeResult } from './backend.ts';
import { createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { spellings } from './parts/model-names.ts';
import { ollamaCards } from './parts/ollama-listing.ts';
import { requestHeaders } from './parts/request-headers.ts';
import { UnexpectedReply } from './parts/unexpected-reply.ts';

/** Its slots are those of its hosts that are up. */
const loadIn = (facts: JsonObject): Pick<ProbeResult, 'load' | 'slots'> => {
  const load = asObject(facts.load);
  const [inflight, waiting, slots] = [load?.inflight, load?.waiting, load?.slots].map(asNumber);
  if (inflight === undefined || waiting === undefined || slots === undefined || slots === 0) return {};
  const [freeBytes, totalBytes] = [asNumber(load?.freeBytes), asNumber(load?.totalBytes)];
  return { slots, load: { inflight, waiting, slots, freeBytes, totalBytes } };
};

/** Many slots, because the peer queues for its own hosts and says when it is full. */
export const peer: BackendKind = {
  kind: 'peer',
  lane: 'peer',
  slots: 32,
  create: (options): Backend => {
    const base = baseUrl(options.url, /\/(?:api|v1)$/);
    const headers = requestHeaders(options, 'application/json, application/x-ndjson, text/event-stream');
    return {
      options,
      headers,
      isPeer: true,
      speaks: [
        { protocol: 'ollama', prefix: '' },
        { protocol: 'openai-chat', prefix: '' },
        { protocol: 'anthropic', prefix: '' },
        { protocol: 'gemini', prefix: '' },
      ],
      url: (_protocol, path) => `${base}${path}`,
      names: (listed) => spellings(listed, () => []),
      probe: async (fetch, signal) => {
        const ask = createAsk(fetch, base, headers, signal);
        const [health, tags, loaded] = await Promise.all([
          ask.reply('/health'),
          ask.json('/api/tags'),
          ask.optional('/api/ps'),
        ]);
        // With a host down its status is 503, and it is still one to route to: the body counts.
        const facts = asObject(tryParseJson(decodeUtf8(health.bytes)));
        if (facts?.service !== 'pointsman') {
          throw new UnexpectedReply(`answered ${health.status}, but not as a Pointsman`);
        }
        return {
          version: asString(facts.version),
          models: ollamaCards(tags, loaded),
          tellsLoaded: loaded !== undefined,
          ...loadIn(facts),
          simulated: asBoolean(facts.simulated),
        };
      },
      alive: async (fetch, signal) => {
        const { status } = await createAsk(fetch, base, headers, signal).reply('/livez');
        if (status !== 200) throw new UnexpectedReply(`answered ${status}`);
      },
    };
  },
};
