/** Which driver makes the store: a map of literal imports, since a binary holds only what it can see. */

import type { Fetch } from '../spec/ports.ts';
import type { StateStore, StateStoreOptions } from './store.ts';

type Opening = (options: StateStoreOptions, fetch: Fetch) => Promise<StateStore>;

/** Loaded when it is asked for: a router by itself is spared a database client. */
const openings: Readonly<Record<StateStoreOptions['driver'], Opening>> = {
  memory: async () => (await import('./memory-store.ts')).createMemoryStore(),
  fs: async ({ path = '' }) => (await import('./fs-store.ts')).createFsStore(path),
  redis: async ({ url = '', ca }) => (await import('./redis-store.ts')).createRedisStore({ url, ca }),
  http: async ({ url = '', key }, fetch) =>
    (await import('./http-store.ts')).createHttpStore({ url: url.replace(/\/+$/, ''), key, fetch }),
};

/** Opens it; whether it can be reached shows at its first call. */
export const openStore = (options: StateStoreOptions, fetch: Fetch): Promise<StateStore> =>
  openings[options.driver](options, fetch);
