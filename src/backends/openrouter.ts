/** OpenRouter, which lists what each of its models can do. Imports spec and this folder. */

import { asArray, asObject, type Json, type JsonObject } from '../spec/json.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { Capability } from '../spec/vocabulary.ts';
import type { Backend, BackendKind } from './backend.ts';
import { createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { count } from './parts/count.ts';
import { spellings } from './parts/model-names.ts';
import { openAiCards } from './parts/openai-listing.ts';
import { listedOrDeclared, providerAlive, providerLookMs, providerSlots } from './parts/provider.ts';
import { requestHeaders } from './parts/request-headers.ts';

const holds = (list: Json | undefined, word: string): boolean => asArray(list)?.includes(word) === true;

const capabilitiesOf = (entry: JsonObject): readonly Capability[] | undefined => {
  const architecture = asObject(entry.architecture);
  if (architecture === undefined) return undefined;
  const { input_modalities: takes, output_modalities: gives } = architecture;
  const able: Capability[] = [];
  if (holds(gives, 'text')) able.push('completion');
  if (holds(entry.supported_parameters, 'tools')) able.push('tools');
  if (holds(takes, 'image')) able.push('vision');
  if (holds(takes, 'audio')) able.push('audio');
  if (holds(entry.supported_parameters, 'reasoning')) able.push('thinking');
  if (holds(gives, 'embeddings')) able.push('embedding');
  return able;
};

const facts = (entry: JsonObject): Partial<ModelCard> => {
  const capabilities = capabilitiesOf(entry);
  const contextTokens = count(entry.context_length);
  return {
    ...(capabilities === undefined ? {} : { capabilities }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
  };
};

/** Models are `maker/name`, and never anything shorter: the same name may be another maker's too. */
export const openrouter: BackendKind = {
  kind: 'openrouter',
  lane: 'cloud',
  slots: providerSlots,
  url: 'https://openrouter.ai/api/v1',
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
};
