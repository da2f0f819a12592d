/** What requests of known clients are made of. */

import type { JsonObject } from '../../../src/spec/json.ts';

/** One request of a client, and what it needs in the answer in order to go on. */
export interface Step {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** 200 where it is left out. */
  readonly status?: number;
  /** Texts of the answer, in any order. */
  readonly holds?: readonly (string | RegExp)[];
}

/** What a tool takes. */
export const object = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
export const weather = { name: 'get_weather', description: 'The weather of a city', parameters: object };
/** The same tool as OpenAI's and Ollama's dialects declare it. */
export const functions = [{ type: 'function', function: weather }];
export const errand = 'use get_weather for Paris';

/** The end of a stream as each dialect's readers need it. */
export const ends = {
  ollama: /"done":true[^\n]*\n$/,
  chat: 'data: [DONE]',
  messages: 'event: message_stop',
  responses: 'event: response.completed',
};
