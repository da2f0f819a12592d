/** Model cards and Anthropic's listing. May import spec. */

import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { ModelCard } from '../../spec/model-card.ts';
import { rfc3339Of, unixOf } from '../civil-time.ts';
import type { NamedCard } from '../protocol.ts';

/** Listings for `/v1/models`; each entry holds OpenAI's fields too, for clients that read those whatever they asked. */
export const models = {
  read: (body: Json): readonly ModelCard[] => {
    const cards: ModelCard[] = [];
    for (const value of asArray(asObject(body)?.data) ?? []) {
      const entry = asObject(value);
      const name = asString(entry?.id);
      if (entry !== undefined && name !== undefined && name !== '') cards.push(readCard(entry, name));
    }
    return cards;
  },

  /** All of them on one page. */
  list: (entries: readonly NamedCard[]): JsonObject => {
    const data = entries.map(writeEntry);
    return {
      data,
      has_more: false,
      first_id: entries[0]?.name ?? null,
      last_id: entries[entries.length - 1]?.name ?? null,
    };
  },

  one: (entry: NamedCard): JsonObject => writeEntry(entry),

  /** This dialect has no listing of its own for what is in memory. */
  loaded: (entries: readonly NamedCard[]): JsonObject =>
    models.list(entries.filter(({ card }) => card.loaded !== undefined)),
};

const createdOf = ({ createdUnix, modifiedAt }: ModelCard): number => createdUnix ?? unixOf(modifiedAt) ?? 0;

const writeEntry = ({ name, card, simulated }: NamedCard): JsonObject => ({
  type: 'model',
  id: name,
  display_name: asString(card.raw?.display_name) ?? name,
  created_at: rfc3339Of(createdOf(card)),
  object: 'model',
  created: createdOf(card),
  owned_by: card.ownedBy ?? 'pointsman',
  max_input_tokens: card.contextTokens ?? null,
  ...(simulated ? { simulated: true } : {}),
});

const readCard = (entry: JsonObject, name: string): ModelCard => ({
  name,
  createdUnix: unixOf(asString(entry.created_at)),
  contextTokens: asNumber(entry.max_input_tokens),
  ownedBy: 'anthropic',
  raw: entry,
});
