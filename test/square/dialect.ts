/**
 * The square of dialects: what a conversation and an answer are, and what a dialect must be able to write and read of
 * them. The dialects here are written by hand from what their servers and clients send, and share nothing with the codecs.
 */

import type { Json, JsonObject } from '../../src/spec/json.ts';
import type { ProtocolId } from '../../src/spec/vocabulary.ts';

export interface Picture {
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

/** One turn; on role `tool`, `answers` is the number of the call before it whose result this is. */
export interface Turn {
  readonly role: 'user' | 'assistant' | 'tool';
  readonly text: string;
  readonly pictures?: readonly Picture[];
  readonly calls?: readonly Call[];
  readonly answers?: number;
  /** An answer in its dialect's own form, which a client sends back as it came. */
  readonly said?: Json;
  /** What a server finds signed in it. */
  readonly signatures?: readonly string[];
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}

/** What is asked; absent parts are not asked for. */
export interface Ask {
  readonly stream: boolean;
  readonly system?: string;
  readonly turns: readonly Turn[];
  readonly tools?: readonly Tool[];
  readonly schema?: JsonObject;
  readonly thinks?: boolean;
  readonly stop?: readonly string[];
  readonly maxTokens?: number;
}

/** What an engine answers. */
export interface Answer {
  readonly text: string;
  readonly reasoning?: string;
  readonly calls?: readonly Call[];
  readonly finish: 'stop' | 'length' | 'tool-calls';
  /** What the server signs its reasoning or its first call with, where its dialect has a place for that. */
  readonly signature?: string;
  /** Reasoning that only the server itself can read, where its dialect has such. */
  readonly redacted?: string;
  readonly usage?: { readonly input: number; readonly output: number };
}

/** What a client makes of the bytes it gets. */
export interface Heard {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly Call[];
  readonly finish: Answer['finish'] | undefined;
  readonly usage: { readonly input: number; readonly output: number } | undefined;
  readonly error: string | undefined;
  /** How many pieces of text or reasoning came. */
  readonly pieces: number;
  /** The answer in its dialect's own form, for the next turn. */
  readonly said: Json;
}

/** A client of a dialect. */
export interface Front {
  write(ask: Ask, model: string): { readonly path: string; readonly body: JsonObject };
  hear(bytes: string, stream: boolean): Heard;
}

/** A server of a dialect. */
export interface Wire {
  /** The backend as configured, but for its address. */
  readonly backend: JsonObject;
  /** A name its provider would give to a model that can do everything. */
  readonly model: string;
  /** The answer to a question that is none for a model; undefined where there is no such page. */
  page(path: string): JsonObject | undefined;
  /** What arrived, as far as the dialect says it. */
  read(path: string, body: JsonObject): Ask;
  /** What of an answer must be in the conversation when it comes back. */
  signed(answer: Answer): readonly string[];
  whole(answer: Answer): JsonObject;
  /** The parts of a stream, in the order they are sent. */
  parts(answer: Answer): readonly string[];
  /** The event or line of an error inside a stream. */
  error(message: string): string;
}

/** A dialect, on either side or on both. */
export interface Dialect {
  readonly id: ProtocolId;
  readonly front: Front;
  /** Absent where no backend speaks it. */
  readonly wire?: Wire;
}

/** A text in three pieces, as an engine would send it. */
export const inPieces = (text: string): readonly string[] => {
  const characters = [...text];
  const third = Math.ceil(characters.length / 3);
  return [0, third, 2 * third]
    .map((start) => characters.slice(start, start + third).join(''))
    .filter((piece) => piece !== '');
};

/** The data of each event of a stream, JSON alone. */
export const eventsIn = (bytes: string): readonly JsonObject[] =>
  bytes
    .split('\n')
    .filter((line) => line.startsWith('data:') && !line.includes('[DONE]'))
    .map((line) => JSON.parse(line.slice('data:'.length)));

/** Which of the calls so far a result belongs to: by its id, else the first of its name that waits. */
export const answeredCall = (
  calls: readonly { readonly id: string; readonly name: string; waiting: boolean }[],
  { id, name }: { readonly id?: string | undefined; readonly name?: string | undefined },
): number => {
  const found = calls.findIndex((call) =>
    id === undefined || id === '' ? call.waiting && call.name === name : call.id === id,
  );
  const call = calls[found];
  if (call !== undefined) call.waiting = false;
  return found;
};
