/** The question for the size of a prompt. May import spec. */

import { asObject, type JsonObject } from '../../spec/json.ts';
import { member } from './schema.ts';

/** The prompt stands in the body itself, or in a whole request within it, with system and tools. */
export const countTokens = {
  request: (body: JsonObject): JsonObject => {
    const inner = asObject(member(body, 'generateContentRequest', 'generate_content_request'));
    return inner === undefined ? body : { ...inner, model: body.model, stream: false };
  },

  answer: (tokens: number): JsonObject => ({ totalTokens: tokens }),
};
