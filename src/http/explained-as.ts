/** In which dialect a body without a path is written, told by the members that only one of the dialects has. */

import type { Protocol } from '../protocols/protocol.ts';
import { asArray, asObject, type Json, type JsonObject } from '../spec/json.ts';
import type { Inference } from '../spec/vocabulary.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import { dialectOf } from './exchange.ts';

/** As what a body is read. */
export interface Explained {
  readonly protocol: Protocol;
  readonly operation: Inference;
  /** The path it would have been sent to. */
  readonly path: string;
}

const ollamaMembers: readonly string[] = [
  'options',
  'keep_alive',
  'think',
  'format',
  'raw',
  'template',
  'system',
];

const hasImages = (message: Json): boolean => asObject(message)?.images !== undefined;

const isOllama = (body: JsonObject): boolean =>
  ollamaMembers.some((name) => body[name] !== undefined) ||
  (asArray(body.messages)?.some(hasImages) ?? body.images !== undefined);

const operationOf = ({ messages, prompt, input }: JsonObject): Inference => {
  if (messages !== undefined) return 'chat';
  if (input !== undefined) return 'embed';
  return prompt === undefined ? 'chat' : 'complete';
};

const paths: Readonly<Record<'ollama' | 'openai', Readonly<Record<Inference, string>>>> = {
  ollama: { chat: '/api/chat', complete: '/api/generate', embed: '/api/embed' },
  openai: { chat: '/v1/chat/completions', complete: '/v1/completions', embed: '/v1/embeddings' },
};

/** What cannot be told apart is read as OpenAI's, whose chat is nearly the same; so is what is no JSON. */
export const explainedAs = (bytes: Uint8Array): Explained => {
  const body = asObject(tryParseJson(decodeUtf8(bytes))) ?? {};
  const operation = operationOf(body);
  const path = paths[isOllama(body) ? 'ollama' : 'openai'][operation];
  return { protocol: dialectOf(path), operation, path };
};
