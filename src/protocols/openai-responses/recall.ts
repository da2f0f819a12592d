/** How a request builds on earlier answers, and what of it is kept for the next one. May import spec. */

import { GatewayError } from '../../spec/gateway-error.ts';
import { asArray, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { Recall } from '../protocol.ts';
import { itemsOf, typeOfItem } from './items.ts';
import { checkResults } from './peek-input.ts';

const referenceIn = (item: JsonObject): string | undefined =>
  typeOfItem(item) === 'item_reference' ? asString(item.id) : undefined;

/** `previous_response_id`, and items named instead of sent. */
export const recall: Recall = {
  references: (body) => {
    const previous = asString(body.previous_response_id);
    const items = itemsOf(body.input).flatMap((item) => referenceIn(item) ?? []);
    if (previous === undefined && items.length === 0) return undefined;
    return { previous: previous === '' ? undefined : previous, items };
  },

  resolved: (body, { previous, item }) => {
    const own = itemsOf(body.input).map((given, index): Json => {
      const id = referenceIn(given);
      if (id === undefined) return given;
      const kept = item(id);
      if (kept !== undefined) return kept;
      throw new GatewayError('invalid_request', `item with id ${JSON.stringify(id)} not found`, {
        param: `input[${index}].id`,
      });
    });
    const input = [...previous, ...own];
    checkResults(input);
    return { ...body, input };
  },

  wanted: (body) => (body.store === false ? undefined : itemsOf(body.input)),

  answered: (answer) => ({ id: asString(answer.id) ?? '', items: asArray(answer.output) ?? [] }),
};
