/** Model cards and OpenAI's listings, with what local engines add to them. May import spec. */

import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { ModelCard } from '../../spec/model-card.ts';
import type { Capability } from '../../spec/vocabulary.ts';
import { readCapabilities } from '../capabilities.ts';
import { unixOf } from '../civil-time.ts';
import type { NamedCard } from '../protocol.ts';

/** Listings for `/v1/models`, with the context length and capabilities that several clients read beside the four fields. */
export const models = {
  /** `data` is null in an empty store of Ollama's. */
  read: (body: Json): readonly ModelCard[] => {
    const cards: ModelCard[] = [];
    for (const value of asArray(asObject(body)?.data) ?? []) {
      const entry = asObject(value);
      const name = asString(entry?.id);
      if (entry !== undefined && name !== undefined) cards.push(readCard(entry, name));
    }
    return cards;
  },

  list: (entries: readonly NamedCard[]): JsonObject => ({ object: 'list', data: entries.map(writeEntry) }),

  one: (entry: NamedCard): JsonObject => writeEntry(entry),

  /** This dialect has no listing of its own for what is in memory. */
  loaded: (entries: readonly NamedCard[]): JsonObject => ({
    object: 'list',
    data: entries.filter(({ card }) => card.loaded !== undefined).map(writeEntry),
  }),
};

const writeEntry = ({ name, card, simulated }: NamedCard): JsonObject => ({
  id: name,
  object: 'model',
  created: card.createdUnix ?? unixOf(card.modifiedAt) ?? 0,
  owned_by: card.ownedBy ?? 'pointsman',
  ...(card.contextTokens === undefined ? {} : { context_length: card.contextTokens }),
  ...(card.capabilities === undefined ? {} : { capabilities: card.capabilities }),
  ...(simulated ? { simulated: true } : {}),
});

/**
 * `dmr` is Docker Model Runner's, `max_model_len` vLLM's, `meta` llama.cpp's,
 * `max_context_length`, `state` and `type` LM Studio's, `context_length` a peer's.
 */
const readCard = (entry: JsonObject, name: string): ModelCard => {
  const dmr = asObject(entry.dmr);
  const meta = asObject(entry.meta);
  return {
    name,
    sizeBytes: asNumber(meta?.size),
    createdUnix: asNumber(entry.created),
    ownedBy: asString(entry.owned_by) ?? asString(entry.publisher),
    family: asString(dmr?.architecture) ?? asString(entry.arch),
    parameterSize: asString(dmr?.parameters),
    quantization: asString(dmr?.quantization) ?? asString(entry.quantization),
    contextTokens:
      asNumber(dmr?.context_window) ??
      asNumber(entry.max_model_len) ??
      asNumber(meta?.n_ctx_train) ??
      asNumber(entry.max_context_length) ??
      asNumber(entry.context_length),
    capabilities: readCapabilities(entry.capabilities) ?? capabilitiesOfType(entry.type),
    loaded: entry.state === 'loaded' ? {} : undefined,
    raw: entry,
  };
};

/** LM Studio's types; a plain `llm` says nothing of tools, so it says nothing here. */
const capabilitiesOfType = (type: Json | undefined): readonly Capability[] | undefined => {
  if (type === 'embeddings') return ['embedding'];
  return type === 'vlm' ? ['completion', 'vision'] : undefined;
};
