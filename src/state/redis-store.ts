/** A store in Redis or Valkey: one server, one behind TLS, or a cluster. */

import { createStorage } from 'unstorage';
import redisDriver from 'unstorage/drivers/redis';
import { overStorage } from './over-storage.ts';
import type { StateStore } from './store.ts';

/** In braces, so that a cluster keeps all keys on one node and they can be read by one command. */
const base = '{pointsman}';

/** A call on a server that is away fails at once, where the library's defaults wait ten seconds. */
const impatient = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  connectTimeout: 2_000,
  commandTimeout: 250,
  retryStrategy: (attempt: number): number => Math.min(1_000, 100 * attempt),
} as const;

const clusterUrl = /^redis(s?)\+cluster:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/]+)\/?$/;

interface Node {
  readonly host: string;
  readonly port: number;
}

/** The nodes of `redis+cluster://user:password@one:6379,two:6379`; undefined for the address of one server. */
export const clusterNodes = (url: string): readonly Node[] | undefined => {
  const hosts = clusterUrl.exec(url)?.[4];
  return hosts?.split(',').map((each) => {
    const [, host = each, port] = /^(.*?)(?::(\d+))?$/.exec(each) ?? [];
    return { host, port: Number(port ?? 6379) };
  });
};

const driverFor = (url: string) => {
  const nodes = clusterNodes(url);
  if (nodes === undefined) return redisDriver({ base, url, ...impatient });
  const [, tls, username, password] = clusterUrl.exec(url) ?? [];
  return redisDriver({
    base,
    cluster: [...nodes],
    clusterOptions: {
      enableOfflineQueue: false,
      clusterRetryStrategy: impatient.retryStrategy,
      redisOptions: {
        ...impatient,
        ...(username === undefined || username === '' ? {} : { username: decodeURIComponent(username) }),
        ...(password === undefined ? {} : { password: decodeURIComponent(password) }),
        ...(tls === 's' ? { tls: {} } : {}),
      },
    },
  });
};

/** Connects by itself, and again whenever the connection is lost. */
export const createRedisStore = (url: string): StateStore => {
  const driver = driverFor(url);
  // Without a listener the library writes every lost connection to the console.
  driver.getInstance?.().on('error', () => undefined);
  return overStorage(createStorage({ driver }));
};
