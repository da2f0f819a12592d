/** `GET /api/tags` and `GET /api/ps` as model cards. Imports spec and this folder. */

import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { ModelCard, Residency } from '../../spec/model-card.ts';
import { type Capability, engineCapabilityNames } from '../../spec/vocabulary.ts';
import { count } from './count.ts';
import { UnexpectedReply } from './unexpected-reply.ts';

const known: ReadonlySet<string> = new Set(engineCapabilityNames);

const isCapability = (word: Json): word is Capability => typeof word === 'string' && known.has(word);

const entriesOf = (body: Json | undefined): readonly JsonObject[] | undefined =>
  asArray(asObject(body)?.models)
    ?.map((entry) => asObject(entry))
    .filter((entry) => entry !== undefined);

const nameOf = (entry: JsonObject): string | undefined => asString(entry.name) ?? asString(entry.model);

const residencyOf = (entry: JsonObject): Residency => ({
  sizeBytes: count(entry.size),
  sizeVramBytes: count(entry.size_vram),
  expiresAt: asString(entry.expires_at),
  contextTokens: count(entry.context_length),
});

/** Found by name, else by digest: a copy under another name is the same runner, listed once. */
const residencies = (loaded: Json | undefined): ((card: ModelCard) => Residency | undefined) => {
  const byKey = new Map<string, Residency>();
  for (const entry of entriesOf(loaded) ?? []) {
    const residency = residencyOf(entry);
    for (const key of [nameOf(entry), asString(entry.digest)]) if (key) byKey.set(key, residency);
  }
  return ({ name, digest }) => byKey.get(name) ?? (digest ? byKey.get(digest) : undefined);
};

const cardOf = (name: string, entry: JsonObject): ModelCard => {
  const details = asObject(entry.details);
  return {
    name,
    digest: asString(entry.digest),
    sizeBytes: count(entry.size),
    modifiedAt: asString(entry.modified_at),
    family: asString(details?.family),
    parameterSize: asString(details?.parameter_size),
    quantization: asString(details?.quantization_level),
    format: asString(details?.format),
    contextTokens: count(details?.context_length),
    capabilities: asArray(entry.capabilities)?.filter(isCapability),
    raw: entry,
  };
};

/** Cards of the installed models, with what is known of those in memory. Throws `UnexpectedReply` for another shape. */
export const ollamaCards = (tags: Json | undefined, loaded?: Json): readonly ModelCard[] => {
  const entries = entriesOf(tags);
  if (entries === undefined) throw new UnexpectedReply('answered without a model list');
  const residencyOfCard = residencies(loaded);
  return entries.flatMap((entry) => {
    const name = nameOf(entry);
    if (name === undefined || name === '') return [];
    const card = cardOf(name, entry);
    const residency = residencyOfCard(card);
    return [residency === undefined ? card : { ...card, loaded: residency }];
  });
};
