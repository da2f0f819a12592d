/**
 * Reads an answer as a client does, in either dialect, without the codecs it is to be a witness of:
 * when the first content came, what was said, and whether the answer ended as a whole one does.
 */

import { asArray, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import { tryParseJson } from '../wire/json.ts';
import { createNdjsonFramer } from '../wire/ndjson.ts';
import { decodeUtf8 } from '../wire/utf8.ts';

/** The dialects simulated callers speak. */
export type Dialect = 'ollama' | 'openai-chat';

export interface ReadAnswer {
  readonly text: string;
  /** Deltas of text or reasoning. */
  readonly deltas: number;
  /** The dialect's mark of a whole answer came. */
  readonly complete: boolean;
  /** The message of an error, in the stream or instead of it. */
  readonly error: string | undefined;
}

export interface AnswerReader {
  /** Whether these bytes brought content. */
  push(chunk: Uint8Array): 'content' | 'nothing';
  end(): ReadAnswer;
}

/** What one object of a stream adds. */
interface Heard {
  readonly text: string;
  readonly last: boolean;
  readonly error: string | undefined;
}

const errorOf = (object: JsonObject): string | undefined =>
  object.error === undefined
    ? undefined
    : (asString(object.error) ?? asString(asObject(object.error)?.message) ?? 'error');

const wordsIn = (message: JsonObject | undefined): string =>
  (asString(message?.thinking) ?? asString(message?.reasoning_content) ?? '') +
  (asString(message?.content) ?? '');

const hearOllama = (object: JsonObject): Heard => ({
  text: wordsIn(asObject(object.message)),
  last: object.done === true,
  error: errorOf(object),
});

const hearOpenAi = (object: JsonObject): Heard => {
  const choice = asObject(asArray(object.choices)?.[0]);
  return {
    text: wordsIn(asObject(choice?.delta) ?? asObject(choice?.message)),
    last: asString(choice?.finish_reason) !== undefined,
    error: errorOf(object),
  };
};

const hear = (dialect: Dialect, json: Json | undefined): Heard | undefined => {
  const object = asObject(json);
  if (object === undefined) return undefined;
  return dialect === 'ollama' ? hearOllama(object) : hearOpenAi(object);
};

/** A reader of one stream. */
export const createAnswerReader = (dialect: Dialect): AnswerReader => {
  const lines = createNdjsonFramer();
  let text = '';
  let deltas = 0;
  let finished = false;
  let closed = false;
  let error: string | undefined;

  const take = (line: string): void => {
    const data = dialect === 'ollama' ? line : line.startsWith('data: ') ? line.slice(6) : '';
    if (data === '[DONE]') closed = true;
    if (data === '' || data === '[DONE]') return;
    const heard = hear(dialect, tryParseJson(data));
    if (heard === undefined) return;
    if (heard.text !== '') deltas += 1;
    text += heard.text;
    finished ||= heard.last;
    error ??= heard.error;
  };

  return {
    push: (chunk) => {
      const before = deltas;
      for (const line of lines.push(chunk)) take(line);
      return deltas > before ? 'content' : 'nothing';
    },
    end: () => {
      for (const line of lines.end()) take(line);
      const complete = finished && (closed || dialect === 'ollama') && error === undefined;
      return { text, deltas, complete, error };
    },
  };
};

/** Reads a whole answer, or the body of a refusal. */
export const readWhole = (status: number, bytes: Uint8Array): ReadAnswer => {
  const object = asObject(tryParseJson(decodeUtf8(bytes)));
  const heard = hear(object?.choices === undefined ? 'ollama' : 'openai-chat', object);
  const error = heard?.error ?? (status === 200 ? undefined : `status ${status}`);
  const complete = status === 200 && heard?.last === true && error === undefined;
  return { text: heard?.text ?? '', deltas: heard?.text ? 1 : 0, complete, error };
};
