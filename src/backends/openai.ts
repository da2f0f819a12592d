/** OpenAI's own API. Imports spec and this folder. */

import type { Backend, BackendKind } from './backend.ts';
import { createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { knownFacts, openAiModels } from './parts/known-models.ts';
import { spellings } from './parts/model-names.ts';
import { openAiCards } from './parts/openai-listing.ts';
import { listedOrDeclared, providerAlive, providerLookMs, providerSlots } from './parts/provider.ts';
import { requestHeaders } from './parts/request-headers.ts';

/** Its listing holds names alone; what the models can do is in the table of known ones. */
export const openai: BackendKind = {
  kind: 'openai',
  lane: 'cloud',
  slots: providerSlots,
  url: 'https://api.openai.com/v1',
  lookEveryMs: providerLookMs,
  create: (options): Backend => {
    const base = baseUrl(options.url, /\/v1$/);
    const headers = requestHeaders(options, 'application/json, text/event-stream');
    return {
      options,
      headers,
      speaks: [{ protocol: 'openai-chat', prefix: '' }],
      url: (_protocol, path) => `${base}${path}`,
      names: (listed) => spellings(listed, () => []),
      probe: async (fetch, signal) => {
        const ask = createAsk(fetch, base, headers, signal);
        const list = async () =>
          openAiCards(await ask.json('/v1/models')).map((card) => ({
            ...card,
            ...knownFacts(card.name, openAiModels),
          }));
        return { models: await listedOrDeclared(list, options) };
      },
      alive: (fetch, signal) => providerAlive(createAsk(fetch, base, headers, signal), '/v1/models'),
    };
  },
};
