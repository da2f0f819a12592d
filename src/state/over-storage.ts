/** A store over one of unstorage's drivers. */

import type { Storage } from 'unstorage';
import type { StateStore } from './store.ts';

/** Texts only, so that nothing is parsed on the way; keys that a driver repeats count once. */
export const overStorage = (storage: Storage): StateStore => ({
  keys: async () => [...new Set(await storage.getKeys())],
  read: async (keys) => {
    const found = new Map<string, string>();
    for (const { key, value } of await storage.getItems([...keys])) {
      if (typeof value === 'string') found.set(key, value);
    }
    return found;
  },
  write: (key, text, lifeMs) => storage.setItem(key, text, { ttl: Math.ceil(lifeMs / 1000) }),
  remove: (key) => storage.removeItem(key),
  close: () => storage.dispose(),
});
