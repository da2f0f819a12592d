/** Backends that are a provider of OpenAI's dialect and list their models at its path. Imports spec and this folder. */

import type { JsonObject } from '../../spec/json.ts';
import type { ModelCard } from '../../spec/model-card.ts';
import type { Backend, BackendKind } from '../backend.ts';
import { createAsk } from './ask.ts';
import { baseUrl } from './base-url.ts';
import { spellings } from './model-names.ts';
import { openAiCards } from './openai-listing.ts';
import { listedOrDeclared, providerAlive, providerLookMs, providerSlots } from './provider.ts';
import { requestHeaders } from './request-headers.ts';

/** What tells one from another. */
export interface OpenAiProvider {
  readonly kind: string;
  readonly url: string;
  /** What is known of a model from its entry in the listing. */
  readonly facts: (entry: JsonObject) => Partial<ModelCard>;
}

/** One kind; names are as they are listed, and never anything shorter. */
export const openAiProvider = ({ kind, url, facts }: OpenAiProvider): BackendKind => ({
  kind,
  lane: 'cloud',
  slots: providerSlots,
  url,
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
        const list = async () => openAiCards(await ask.json('/v1/models'), facts);
        return { models: await listedOrDeclared(list, options) };
      },
      alive: (fetch, signal) => providerAlive(createAsk(fetch, base, headers, signal), '/v1/models'),
    };
  },
});
