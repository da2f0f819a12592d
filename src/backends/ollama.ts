/** Ollama: always its native paths, whatever the client speaks. Imports spec, wire and this folder. */

import { asBoolean, asObject, asString } from '../spec/json.ts';
import type { Backend, BackendKind } from './backend.ts';
import { createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { spellings, without } from './parts/model-names.ts';
import { ollamaCards } from './parts/ollama-listing.ts';
import { requestHeaders } from './parts/request-headers.ts';
import { UnexpectedReply } from './parts/unexpected-reply.ts';

/** What Ollama's own registry puts before a name, and never shows. */
const registry = ['registry.ollama.ai/library/', 'registry.ollama.ai/'];

/**
 * Its `/v1` is not spoken: it hides errors inside a stream and cannot carry `num_ctx`.
 * The slots are the default of `OLLAMA_NUM_PARALLEL`: more would only wait in a queue that nobody can see into.
 */
export const ollama: BackendKind = {
  kind: 'ollama',
  lane: 'gpu',
  slots: 1,
  create: (options): Backend => {
    const base = baseUrl(options.url, /\/(?:api|v1)$/);
    const headers = requestHeaders(options, 'application/x-ndjson, application/json');
    return {
      options,
      headers,
      speaks: [{ protocol: 'ollama', prefix: '' }],
      url: (_protocol, path) => `${base}${path}`,
      names: (listed) => spellings(listed, (name) => [without(name, registry) ?? name]),
      probe: async (fetch, signal) => {
        const ask = createAsk(fetch, base, headers, signal);
        const [tags, loaded, version] = await Promise.all([
          ask.json('/api/tags'),
          // It waits for the lock a loading model holds; a host that loads is not down.
          ask.optional('/api/ps'),
          ask.json('/api/version'),
        ]);
        const facts = asObject(version);
        return {
          version: asString(facts?.version),
          models: ollamaCards(tags, loaded),
          tellsLoaded: loaded !== undefined,
          simulated: asBoolean(facts?.simulated),
        };
      },
      alive: async (fetch, signal) => {
        const facts = asObject(await createAsk(fetch, base, headers, signal).json('/api/version'));
        if (asString(facts?.version) === undefined) throw new UnexpectedReply('answered without a version');
      },
    };
  },
};
