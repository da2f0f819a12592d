/** `GET /v1/models`, which every OpenAI-compatible server answers and each extends. Imports spec and this folder. */

import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { ModelCard } from '../../spec/model-card.ts';
import { count } from './count.ts';
import { UnexpectedReply } from './unexpected-reply.ts';

/** The entries of a listing, or undefined where the value is none: some servers answer 200 to any path. */
export const listingEntries = (body: Json | undefined): readonly JsonObject[] | undefined =>
  asArray(asObject(body)?.data)
    ?.map((entry) => asObject(entry))
    .filter((entry) => entry !== undefined);

/** Reads a listing; `more` gives what one server adds to an entry. Throws `UnexpectedReply` for another shape. */
export const openAiCards = (
  body: Json | undefined,
  more: (entry: JsonObject) => Partial<ModelCard> = () => ({}),
): readonly ModelCard[] => {
  const entries = listingEntries(body);
  if (entries === undefined) throw new UnexpectedReply('answered without a model list');
  return entries.flatMap((entry) => {
    const name = asString(entry.id);
    if (name === undefined || name === '') return [];
    return [
      {
        name,
        createdUnix: count(entry.created),
        ownedBy: asString(entry.owned_by),
        raw: entry,
        ...more(entry),
      },
    ];
  });
};
