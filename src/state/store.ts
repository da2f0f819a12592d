/** The port to what instances share: texts under keys, nothing atomic, and every call may fail or hang. */

import type { Millis } from '../spec/vocabulary.ts';

export interface StateStore {
  /** All keys of this cluster; may repeat some and miss others. */
  keys(): Promise<readonly string[]>;
  /** What is there of these keys. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** `lifeMs` lets a store clear up what is not written again; one that cannot keeps it. */
  write(key: string, text: string, lifeMs: Millis): Promise<void>;
  remove(key: string): Promise<void>;
  /** Whether nobody else asked so within that time; only of a store that can tell, and nothing may rest on it. */
  readonly claim?: (key: string, lifeMs: Millis) => Promise<boolean>;
  close(): Promise<void>;
}

/** Which driver keeps the state, and where. */
export interface StateStoreOptions {
  readonly driver: 'memory' | 'fs' | 'redis' | 'http';
  /** `redis://`, `rediss://` or `http(s)://…/state`; for `fs` none. */
  readonly url?: string;
  /** Who signed the certificate of a Redis behind TLS, as PEM. */
  readonly ca?: string;
  /** The folder of `fs`. */
  readonly path?: string;
  /** Sent to the Pointsman that serves the state. */
  readonly key?: string;
}
