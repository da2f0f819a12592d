/** What every reader of input items needs to know of them. May import spec. */

import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';

/** An item's type; a message may leave it out, and so may a reference to an item that is kept. */
export const typeOfItem = (item: JsonObject): string | undefined => {
  if (item.type !== undefined && item.type !== null) return asString(item.type);
  if (item.role !== undefined) return 'message';
  return item.id === undefined ? undefined : 'item_reference';
};

/** The input as items; plain text is what a user said. */
export const itemsOf = (input: Json | undefined): readonly JsonObject[] => {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return (asArray(input) ?? []).map((item) => asObject(item) ?? {});
};
