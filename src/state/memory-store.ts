/** A store in this process: the default, and what a Pointsman serves to others at `/state`. */

import { createStorage } from 'unstorage';
import memoryDriver from 'unstorage/drivers/memory';
import { overStorage } from './over-storage.ts';
import type { StateStore } from './store.ts';

/** An empty one. */
export const createMemoryStore = (): StateStore => overStorage(createStorage({ driver: memoryDriver() }));
