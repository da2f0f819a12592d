/** Model cards and Ollama's listings. May import spec. */

import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { ModelCard } from '../../spec/model-card.ts';
import { readCapabilities } from '../capabilities.ts';
import { rfc3339Of } from '../civil-time.ts';
import type { NamedCard } from '../protocol.ts';

/** Go's zero time, which Ollama's own clients show as "Never". */
const unknownTime = '0001-01-01T00:00:00Z';
/** Where Ollama's largest keep-alive ends; clients need some time here. */
const farAway = '2318-01-01T00:00:00Z';

/** Listings for `/api/tags`, `/api/ps` and `/api/show`; fields that clients parse without looking are always there. */
export const models = {
  read: (body: Json): readonly ModelCard[] => {
    const cards: ModelCard[] = [];
    for (const value of asArray(asObject(body)?.models) ?? []) {
      const entry = asObject(value);
      const name = asString(entry?.name) ?? asString(entry?.model);
      if (entry !== undefined && name !== undefined) cards.push(readCard(entry, name));
    }
    return cards;
  },

  list: (entries: readonly NamedCard[]): JsonObject => ({
    models: entries.map(({ name, card, simulated }) => ({
      name,
      model: name,
      modified_at: modifiedAt(card),
      size: card.sizeBytes ?? 0,
      digest: card.digest ?? '',
      details: detailsOf(card),
      ...(card.capabilities === undefined ? {} : { capabilities: card.capabilities }),
      ...mark(simulated),
    })),
  }),

  /** What `/api/show` can say from a card alone: no template, licence or parameters. */
  one: ({ card, simulated }: NamedCard): JsonObject => {
    const family = card.family ?? 'unknown';
    return {
      modelfile: '',
      parameters: '',
      template: '',
      details: detailsOf(card),
      model_info: {
        'general.architecture': family,
        ...(card.contextTokens === undefined ? {} : { [`${family}.context_length`]: card.contextTokens }),
      },
      capabilities: card.capabilities ?? ['completion'],
      modified_at: modifiedAt(card),
      ...mark(simulated),
    };
  },

  loaded: (entries: readonly NamedCard[]): JsonObject => ({
    models: entries.flatMap(({ name, card, simulated }) => {
      const { loaded } = card;
      if (loaded === undefined) return [];
      return [
        {
          name,
          model: name,
          size: loaded.sizeBytes ?? card.sizeBytes ?? 0,
          digest: card.digest ?? '',
          details: detailsOf(card),
          expires_at: trimFraction(loaded.expiresAt ?? farAway),
          size_vram: loaded.sizeVramBytes ?? 0,
          ...(loaded.contextTokens === undefined ? {} : { context_length: loaded.contextTokens }),
          ...mark(simulated),
        },
      ];
    }),
  }),
};

const mark = (simulated: boolean): JsonObject => (simulated ? { simulated: true } : {});

/** Entries of `/api/ps` have an expiry, those of `/api/tags` none; both are read. */
const readCard = (entry: JsonObject, name: string): ModelCard => {
  const details = asObject(entry.details);
  const expiresAt = asString(entry.expires_at);
  const sizeBytes = asNumber(entry.size);
  return {
    name,
    digest: asString(entry.digest),
    sizeBytes,
    modifiedAt: asString(entry.modified_at),
    family: asString(details?.family),
    parameterSize: asString(details?.parameter_size),
    quantization: asString(details?.quantization_level),
    format: asString(details?.format),
    contextTokens: asNumber(details?.context_length),
    capabilities: readCapabilities(entry.capabilities),
    loaded:
      expiresAt === undefined
        ? undefined
        : {
            sizeBytes,
            sizeVramBytes: asNumber(entry.size_vram),
            expiresAt,
            contextTokens: asNumber(entry.context_length),
          },
    raw: entry,
  };
};

const detailsOf = (card: ModelCard): JsonObject => ({
  parent_model: '',
  format: card.format ?? '',
  family: card.family ?? '',
  families: card.family === undefined ? null : [card.family],
  parameter_size: card.parameterSize ?? '',
  quantization_level: card.quantization ?? '',
  ...(card.contextTokens === undefined ? {} : { context_length: card.contextTokens }),
  ...asObject(card.raw?.details),
});

const modifiedAt = (card: ModelCard): string =>
  card.modifiedAt ?? (card.createdUnix === undefined ? unknownTime : rfc3339Of(card.createdUnix));

/** Python's `fromisoformat` takes no more than six digits of a second in its older versions. */
const trimFraction = (time: string): string => time.replace(/(\.\d{6})\d+/, '$1');
