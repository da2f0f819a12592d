/** Azure OpenAI: the deployment stands in the path, the version of the API behind it. Imports spec and this folder. */

import type { Backend, BackendKind } from './backend.ts';
import { createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { inHeader } from './parts/key-carrier.ts';
import { knownFacts, openAiModels } from './parts/known-models.ts';
import { spellings } from './parts/model-names.ts';
import { listingEntries } from './parts/openai-listing.ts';
import { providerAlive, providerLookMs, providerSlots } from './parts/provider.ts';
import { requestHeaders } from './parts/request-headers.ts';
import { UnexpectedReply } from './parts/unexpected-reply.ts';

/** The latest that is generally available. */
const defaultVersion = '2024-10-21';

/**
 * Its models are the deployments that configuration declares: what the resource lists are models that could be deployed,
 * under names nobody has to have used. A deployment named as its model is taken to be that model.
 */
export const azureOpenai: BackendKind = {
  kind: 'azure-openai',
  lane: 'cloud',
  slots: providerSlots,
  lookEveryMs: providerLookMs,
  create: (options): Backend => {
    const { apiVersion = defaultVersion, models = [] } = options;
    const base = baseUrl(options.url, /\/openai(?:\/v1)?$/);
    const query = `?api-version=${encodeURIComponent(apiVersion)}`;
    const headers = requestHeaders(options, 'application/json, text/event-stream', inHeader('api-key'));
    const listing = `/openai/models${query}`;
    return {
      options,
      headers,
      speaks: [{ protocol: 'openai-chat', prefix: '/openai' }],
      url: (_protocol, path, model) => {
        const deployment = model === undefined ? '' : `/deployments/${encodeURIComponent(model)}`;
        return `${base}/openai${deployment}${path.replace(/^\/v1\//, '/')}${query}`;
      },
      names: (listed) => spellings(listed, () => []),
      probe: async (fetch, signal) => {
        const answer = await createAsk(fetch, base, headers, signal).json(listing);
        if (listingEntries(answer) === undefined) throw new UnexpectedReply('answered without a model list');
        return { models: models.map(({ name }) => ({ name, ...knownFacts(name, openAiModels) })) };
      },
      alive: (fetch, signal) => providerAlive(createAsk(fetch, base, headers, signal), listing),
    };
  },
};
