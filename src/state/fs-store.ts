/** A store in a folder, for several processes of one machine. */

import { createStorage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs-lite';
import { overStorage } from './over-storage.ts';
import type { StateStore } from './store.ts';

/** Nothing expires there and a text may be read while it is written; its code tells. */
export const createFsStore = (path: string): StateStore =>
  overStorage(createStorage({ driver: fsDriver({ base: path }) }));
