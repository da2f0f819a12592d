/** Servers with OpenAI's paths; what they add beside them is a preset each. Imports spec, wire and this folder. */

import { asBoolean, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { BackendOptions } from '../spec/settings.ts';
import type { Backend, BackendKind, ProbeResult } from './backend.ts';
import { type Ask, createAsk } from './parts/ask.ts';
import { baseUrl } from './parts/base-url.ts';
import { count } from './parts/count.ts';
import { spellings } from './parts/model-names.ts';
import { listingEntries, openAiCards } from './parts/openai-listing.ts';
import { listedOrDeclared } from './parts/provider.ts';
import type { Reply } from './parts/request.ts';
import { requestHeaders } from './parts/request-headers.ts';
import { UnexpectedReply } from './parts/unexpected-reply.ts';
import { jsonOf } from './request-json.ts';
import { upstreamMessage } from './upstream-message.ts';

interface Preset {
  /** Where the server does not say. */
  readonly slots: number;
  probe(ask: Ask, options: BackendOptions): Promise<ProbeResult>;
  alive(ask: Ask): Promise<void>;
}

const isLoading = ({ status, bytes }: Reply): boolean =>
  status === 503 && upstreamMessage(bytes).toLowerCase().includes('loading model');

const expectStatus = ({ status }: Reply, allowed: readonly number[]): void => {
  if (!allowed.includes(status)) throw new UnexpectedReply(`answered ${status}`, status);
};

const isSimulated = (listing: Json): boolean | undefined => asBoolean(asObject(listing)?.simulated);

const generic: Preset = {
  // A number that keeps a GPU's batch busy and a rate-limited cloud friendly; nothing better is known of it.
  slots: 8,
  probe: async (ask, options) => {
    let simulated: boolean | undefined;
    const list = async () => {
      const listing = await ask.json('/v1/models');
      simulated = isSimulated(listing);
      return openAiCards(listing);
    };
    const models = await listedOrDeclared(list, options);
    return { models, simulated };
  },
  // A server that refuses the key is alive; the refusal shows where a request is refused.
  alive: async (ask) => expectStatus(await ask.reply('/v1/models'), [200, 401]),
};

/** Only its router mode lists several models, each with a status; else the one model is in memory. */
const llamaCppCard = (entry: JsonObject, contextTokens: number | undefined): Partial<ModelCard> => {
  const meta = asObject(entry.meta);
  const state = asString(asObject(entry.status)?.value);
  const sizeBytes = count(meta?.size);
  const running = state === undefined || state === 'loaded';
  return {
    sizeBytes,
    contextTokens: contextTokens ?? count(meta?.n_ctx_train),
    format: 'gguf',
    ...(running ? { loaded: { sizeBytes, contextTokens } } : {}),
  };
};

const llamaCpp: Preset = {
  // Its own choice when it is told nothing.
  slots: 4,
  probe: async (ask) => {
    const [reply, props] = await Promise.all([ask.reply('/v1/models'), ask.optional('/props')]);
    if (isLoading(reply)) return { models: [] };
    const listing = jsonOf(reply);
    const facts = asObject(props);
    const alone = listingEntries(listing)?.length === 1;
    const contextTokens = alone ? count(asObject(facts?.default_generation_settings)?.n_ctx) : undefined;
    return {
      version: asString(facts?.build_info),
      models: openAiCards(listing, (entry) => llamaCppCard(entry, contextTokens)),
      slots: count(facts?.total_slots) || undefined,
      simulated: isSimulated(listing),
    };
  },
  alive: async (ask) => {
    const reply = await ask.reply('/health');
    if (!isLoading(reply)) expectStatus(reply, [200]);
  },
};

const vllm: Preset = {
  // It batches whatever comes and queues without limit; far more only lengthens everybody's first token.
  slots: 64,
  probe: async (ask) => {
    const [listing, version] = await Promise.all([ask.json('/v1/models'), ask.optional('/version')]);
    return {
      version: asString(asObject(version)?.version),
      // What it lists was loaded when it started.
      models: openAiCards(listing, (entry) => {
        const contextTokens = count(entry.max_model_len);
        return { contextTokens, loaded: { contextTokens } };
      }),
      simulated: isSimulated(listing),
    };
  },
  alive: async (ask) => expectStatus(await ask.reply('/health'), [200]),
};

const lmStudioCard = (entry: JsonObject): Partial<ModelCard> => ({
  ownedBy: asString(entry.publisher),
  family: asString(entry.arch),
  format: asString(entry.compatibility_type),
  quantization: asString(entry.quantization),
  contextTokens: count(entry.max_context_length),
  ...(entry.type === 'embeddings' ? { capabilities: ['embedding'] } : {}),
  ...(entry.state === 'loaded' ? { loaded: { contextTokens: count(entry.loaded_context_length) } } : {}),
});

const lmStudio: Preset = {
  // It runs llama.cpp, whose choice this is.
  slots: 4,
  probe: async (ask, options) => {
    const rich = await ask.optional('/api/v0/models');
    // An unknown path is answered with 200 and an error: the shape tells, not the status.
    if (listingEntries(rich) === undefined) return generic.probe(ask, options);
    return { models: openAiCards(rich, lmStudioCard), simulated: isSimulated(rich ?? null) };
  },
  alive: async (ask) => {
    const reply = await ask.reply('/v1/models');
    if (reply.status !== 401 && listingEntries(jsonOf(reply)) === undefined) {
      throw new UnexpectedReply('answered without a model list');
    }
  },
};

const presets: ReadonlyMap<string, Preset> = new Map([
  ['generic', generic],
  ['llama.cpp', llamaCpp],
  ['vllm', vllm],
  ['lm-studio', lmStudio],
]);

/** A server started on a file lists its path, which no client should have to know. */
const fileName = (name: string): readonly string[] => {
  if (!/^(?:\/|[a-z]:[\\/]|\.{1,2}[\\/])/.test(name)) return [];
  const last = name.split(/[\\/]/).filter(Boolean).at(-1);
  return last === undefined
    ? []
    : [last.replace(/\.(?:gguf|bin|safetensors)$/, '').replace(/-\d{5}-of-\d{5}$/, '')];
};

/** One kind for all of them, because requests and answers are one dialect. */
export const openaiCompatible: BackendKind = {
  kind: 'openai-compatible',
  lane: 'gpu',
  slots: generic.slots,
  presets: [...presets.keys()],
  create: (options): Backend => {
    const preset = presets.get(options.preset ?? 'generic') ?? generic;
    const base = baseUrl(options.url, /\/v1$/);
    const headers = requestHeaders(options, 'application/json, text/event-stream');
    return {
      options,
      headers,
      speaks: [{ protocol: 'openai-chat', prefix: '' }],
      url: (_protocol, path) => `${base}${path}`,
      names: (listed) => spellings(listed, fileName),
      probe: async (fetch, signal) => {
        const found = await preset.probe(createAsk(fetch, base, headers, signal), options);
        return { ...found, slots: found.slots ?? preset.slots };
      },
      alive: (fetch, signal) => preset.alive(createAsk(fetch, base, headers, signal)),
    };
  },
};
