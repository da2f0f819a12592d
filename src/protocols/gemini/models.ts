/** Model cards and Gemini's listings. May import spec. */

import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { ModelCard } from '../../spec/model-card.ts';
import type { Capability } from '../../spec/vocabulary.ts';
import type { NamedCard } from '../protocol.ts';

const prefix = 'models/';

/** Listings for `/v1beta/models`, with the limits and actions Google's clients read. */
export const models = {
  read: (body: Json): readonly ModelCard[] => {
    const cards: ModelCard[] = [];
    for (const value of asArray(asObject(body)?.models) ?? []) {
      const entry = asObject(value);
      const name = asString(entry?.name);
      if (entry !== undefined && name !== undefined) cards.push(readCard(entry, name));
    }
    return cards;
  },

  list: (entries: readonly NamedCard[]): JsonObject => ({ models: entries.map(writeEntry) }),

  one: (entry: NamedCard): JsonObject => writeEntry(entry),

  /** This dialect has no listing of its own for what is in memory. */
  loaded: (entries: readonly NamedCard[]): JsonObject => ({
    models: entries.filter(({ card }) => card.loaded !== undefined).map(writeEntry),
  }),
};

/** What a model is good for decides which actions it has; of one that says nothing all are offered. */
const actionsOf = (capabilities: readonly Capability[] | undefined): readonly string[] => {
  const generates = capabilities === undefined || capabilities.includes('completion');
  const embeds = capabilities === undefined || capabilities.includes('embedding');
  return [
    ...(generates ? ['generateContent', 'countTokens'] : []),
    ...(embeds ? ['embedContent', 'batchEmbedContents'] : []),
  ];
};

const writeEntry = ({ name, card, simulated }: NamedCard): JsonObject => ({
  name: `${prefix}${name}`,
  displayName: name,
  ...(card.contextTokens === undefined ? {} : { inputTokenLimit: card.contextTokens }),
  supportedGenerationMethods: actionsOf(card.capabilities),
  ...(card.capabilities?.includes('thinking') ? { thinking: true } : {}),
  ...(simulated ? { simulated: true } : {}),
});

const capabilitiesOf = (entry: JsonObject): readonly Capability[] | undefined => {
  const actions = asArray(entry.supportedGenerationMethods);
  if (actions === undefined) return undefined;
  return [
    ...(actions.includes('generateContent') ? (['completion'] as const) : []),
    ...(actions.some((action) => action === 'embedContent' || action === 'batchEmbedContents')
      ? (['embedding'] as const)
      : []),
    ...(entry.thinking === true ? (['thinking'] as const) : []),
  ];
};

const readCard = (entry: JsonObject, name: string): ModelCard => ({
  name: name.startsWith(prefix) ? name.slice(prefix.length) : name,
  contextTokens: asNumber(entry.inputTokenLimit),
  capabilities: capabilitiesOf(entry),
  raw: entry,
});
