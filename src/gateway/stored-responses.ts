/** Answers that later requests may build on: in memory, bounded in bytes and time, each key's for itself. Shell. */

import type { Json, JsonObject } from '../spec/json.ts';
import type { Clock } from '../spec/ports.ts';
import type { StoredResponseSettings } from '../spec/settings.ts';
import { parseJson } from '../wire/json.ts';

/** What a request adds to a conversation, with its answer. */
export interface NewResponse {
  /** Who may use it. */
  readonly owner: string;
  readonly id: string;
  /** The answer it continues. */
  readonly previous: string | undefined;
  /** The request's own items, as JSON text. */
  readonly inputText: string;
  readonly outputItems: readonly Json[];
  readonly answer: JsonObject;
}

/** A bounded store of answers; what was not used for the longest time goes first. */
export interface StoredResponses {
  keep(response: NewResponse): void;
  /** The whole answer; undefined where it is not, or no more, here. */
  answer(owner: string, id: string): JsonObject | undefined;
  /** What its request added, without the conversation before it. */
  inputItems(owner: string, id: string): readonly Json[] | undefined;
  /** The conversation up to and with that answer; undefined where a part of it is gone. */
  conversation(owner: string, id: string): readonly Json[] | undefined;
  /** One item of any answer. */
  item(owner: string, id: string): Json | undefined;
  /** Whether there was something to remove. */
  remove(owner: string, id: string): boolean;
  sizeBytes(): number;
}

interface Content {
  readonly inputText: string;
  readonly outputItems: readonly Json[];
  readonly answerText: string;
}

interface Entry {
  readonly key: string;
  readonly owner: string;
  readonly continues: boolean;
  readonly itemKeys: readonly string[];
  readonly sizeBytes: number;
  expiresAt: number;
  /** The object, not its name: an answer never stands before itself. */
  previous: Entry | undefined;
  /** Let go of when it is dropped, for a later turn may still hold the entry. */
  content: Content | undefined;
}

const keyOf = (owner: string, id: string): string => JSON.stringify([owner, id]);

const idOf = (item: Json): string | undefined => {
  const id = typeof item === 'object' && item !== null ? (item as JsonObject).id : undefined;
  return typeof id === 'string' ? id : undefined;
};

const itemsIn = (text: string): readonly Json[] => {
  const items = parseJson(text);
  return Array.isArray(items) ? items : [];
};

/** Makes an empty store; `settings` may change while it is used. */
export const createStoredResponses = (
  clock: Pick<Clock, 'now'>,
  settings: () => StoredResponseSettings,
): StoredResponses => {
  /** In the order of their last use. */
  const entries = new Map<string, Entry>();
  const byItem = new Map<string, Entry>();
  const ownerBytes = new Map<string, number>();
  let totalBytes = 0;

  const drop = (entry: Entry): void => {
    if (entry.content === undefined) return;
    entry.content = undefined;
    entry.previous = undefined;
    entries.delete(entry.key);
    for (const key of entry.itemKeys) if (byItem.get(key) === entry) byItem.delete(key);
    totalBytes -= entry.sizeBytes;
    const left = (ownerBytes.get(entry.owner) ?? 0) - entry.sizeBytes;
    if (left > 0) ownerBytes.set(entry.owner, left);
    else ownerBytes.delete(entry.owner);
  };

  const dropExpired = (): void => {
    const now = clock.now();
    for (const entry of entries.values()) {
      if (entry.expiresAt > now) return;
      drop(entry);
    }
  };

  /** A conversation lives as one: whoever uses its end needs its beginning as well. */
  const touch = (last: Entry): void => {
    const chain: Entry[] = [];
    for (let entry: Entry | undefined = last; entry !== undefined; entry = entry.previous) chain.push(entry);
    const expiresAt = clock.now() + settings().keepMs;
    for (const entry of chain.reverse()) {
      if (entry.content === undefined) continue;
      entry.expiresAt = expiresAt;
      entries.delete(entry.key);
      entries.set(entry.key, entry);
    }
  };

  const find = (owner: string, id: string): Entry | undefined => {
    dropExpired();
    return entries.get(keyOf(owner, id));
  };

  const contentOf = (owner: string, id: string): Content | undefined => find(owner, id)?.content;

  const makeRoom = (owner: string): void => {
    const { maxBytes, maxKeyBytes } = settings();
    for (const entry of entries.values()) {
      const isOver = totalBytes > maxBytes;
      const isOwnerOver = (ownerBytes.get(owner) ?? 0) > maxKeyBytes;
      if (!isOver && !isOwnerOver) return;
      if (isOver || entry.owner === owner) drop(entry);
    }
  };

  return {
    keep: ({ owner, id, previous, inputText, outputItems, answer }) => {
      const earlier = previous === undefined ? undefined : find(owner, previous);
      const key = keyOf(owner, id);
      const known = entries.get(key);
      if (known !== undefined) drop(known);
      const answerText = JSON.stringify(answer);
      const itemIds = outputItems.flatMap((item) => idOf(item) ?? []);
      const entry: Entry = {
        key,
        owner,
        continues: previous !== undefined,
        itemKeys: itemIds.map((item) => keyOf(owner, item)),
        // Text and items of the answer; strings take two bytes for each character at worst.
        sizeBytes: 2 * (inputText.length + 2 * answerText.length) + 512,
        expiresAt: 0,
        previous: earlier,
        content: { inputText, outputItems, answerText },
      };
      entries.set(key, entry);
      for (const item of entry.itemKeys) byItem.set(item, entry);
      totalBytes += entry.sizeBytes;
      ownerBytes.set(owner, (ownerBytes.get(owner) ?? 0) + entry.sizeBytes);
      touch(entry);
      makeRoom(owner);
    },

    answer: (owner, id) => {
      const content = contentOf(owner, id);
      return content === undefined ? undefined : (parseJson(content.answerText) as JsonObject);
    },

    inputItems: (owner, id) => {
      const content = contentOf(owner, id);
      return content === undefined ? undefined : itemsIn(content.inputText);
    },

    conversation: (owner, id) => {
      const last = find(owner, id);
      if (last === undefined) return undefined;
      const turns: (readonly Json[])[] = [];
      for (let entry: Entry | undefined = last; entry !== undefined; entry = entry.previous) {
        const { content, continues, previous } = entry;
        if (content === undefined || (continues && previous === undefined)) return undefined;
        turns.push(content.outputItems, itemsIn(content.inputText));
      }
      touch(last);
      return turns.reverse().flat();
    },

    item: (owner, id) => {
      dropExpired();
      const entry = byItem.get(keyOf(owner, id));
      if (entry === undefined) return undefined;
      touch(entry);
      return entry.content?.outputItems.find((item) => idOf(item) === id);
    },

    remove: (owner, id) => {
      const entry = find(owner, id);
      if (entry === undefined) return false;
      drop(entry);
      return true;
    },

    sizeBytes: () => totalBytes,
  };
};
