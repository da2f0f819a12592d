/**
 * The store one instance keeps for others: in memory, for those who show a key of scope `cluster`. What is not written
 * again is forgotten, and there is no more of it than a cluster needs, whoever writes.
 */

import { maxDocumentLength } from '../core/cluster/document.ts';
import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { isDocumentKey } from './document-keys.ts';
import type { StateStore } from './store.ts';

/** A head and a body for each of 256 instances. */
const mostKeys = 512;
const longestLifeMs: Millis = 10 * 60_000;

/** How every document begins. */
const beginning = /^pointsman\/\d+ /;

/** Puts the bounds around a store that has none. */
export const createServedStore = (store: StateStore, clock: Clock): StateStore => {
  const endsAt = new Map<string, Millis>();

  const clearUp = async (now: Millis): Promise<void> => {
    for (const [key, at] of endsAt) {
      if (at > now) continue;
      endsAt.delete(key);
      await store.remove(key);
    }
  };

  return {
    keys: async () => {
      await clearUp(clock.now());
      return [...endsAt.keys()];
    },
    read: async (keys) => {
      await clearUp(clock.now());
      return store.read(keys.filter((key) => endsAt.has(key)));
    },
    write: async (key, text, lifeMs) => {
      const now = clock.now();
      await clearUp(now);
      const isRoom = endsAt.has(key) || endsAt.size < mostKeys;
      if (!isDocumentKey(key) || !beginning.test(text) || text.length > maxDocumentLength || !isRoom)
        throw new RangeError('the store does not take this');
      endsAt.set(key, now + Math.min(longestLifeMs, Math.max(0, lifeMs)));
      await store.write(key, text, lifeMs);
    },
    remove: async (key) => {
      endsAt.delete(key);
      await store.remove(key);
    },
    close: () => store.close(),
  };
};
