/** A store in a folder, for several processes of one machine. */

import { createStorage, type Storage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs-lite';
import type { Millis } from '../spec/vocabulary.ts';
import { bodyKey, headKey, isDocumentKey, keyOfHead } from './document-keys.ts';
import { overStorage } from './over-storage.ts';
import type { StateStore } from './store.ts';

/** Nothing expires in a folder: what an instance that is long gone left behind is removed by who still runs. */
const leftBehindMs: Millis = 24 * 60 * 60_000;

/** Files are looked through about once an hour, and first when this instance's own are among them. */
const listingsBetween = 1_800;
const firstLooked = 5;

const writtenAt = async (storage: Storage, key: string): Promise<Millis | undefined> =>
  (await storage.getMeta(key, { nativeOnly: true })).mtime?.getTime();

/**
 * Removes heads that were last written a day before the newest of them, their bodies, and bodies without a head of the
 * same age. Stamps of files are compared with each other alone, for any instance that runs writes every second or two,
 * and so no clock says how old a file is. Who is alive after all finds its own head missing and writes both anew.
 */
const clearUp = async (storage: Storage): Promise<void> => {
  const stamps = new Map<string, Millis>();
  for (const key of (await storage.getKeys()).filter(isDocumentKey)) {
    const at = await writtenAt(storage, key);
    if (at !== undefined) stamps.set(key, at);
  }
  const newest = Math.max(...stamps.values());
  const isOld = (key: string): boolean => newest - (stamps.get(key) ?? newest) > leftBehindMs;
  for (const key of stamps.keys()) {
    const of = keyOfHead(key);
    const head = of === undefined ? headKey(key.slice(bodyKey('').length)) : key;
    if (isOld(stamps.has(head) ? head : key)) await storage.removeItem(key);
  }
};

/** A text may be read while it is written; its code tells. */
export const createFsStore = (path: string): StateStore => {
  const storage = createStorage({ driver: fsDriver({ base: path }) });
  const store = overStorage(storage);
  let listings = 0;
  return {
    ...store,
    keys: () => {
      // Beside the listing, which must come in time; what cannot be removed stays.
      if (listings % listingsBetween === firstLooked) void clearUp(storage).catch(() => undefined);
      listings += 1;
      return store.keys();
    },
  };
};
