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
  // Later than whoever called has given up, who tells that nothing came in time.
  commandTimeout: 500,
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

export interface RedisStoreOptions {
  /** `redis://`, `rediss://`, `redis+cluster://` or `rediss+cluster://`. */
  readonly url: string;
  /** Who signed the certificate of the server, as PEM; absent: whoever the runtime trusts. */
  readonly ca?: string | undefined;
}

const driverFor = ({ url, ca }: RedisStoreOptions) => {
  const nodes = clusterNodes(url);
  const tls = url.startsWith('rediss') ? { tls: ca === undefined ? {} : { ca } } : {};
  if (nodes === undefined) return redisDriver({ base, url, ...impatient, ...tls });
  const [, , username, password] = clusterUrl.exec(url) ?? [];
  return redisDriver({
    base,
    cluster: [...nodes],
    clusterOptions: {
      enableOfflineQueue: false,
      clusterRetryStrategy: impatient.retryStrategy,
      // What a name stands for may change, and the certificate is for the name.
      dnsLookup: (address, found) => found(null, address),
      redisOptions: {
        ...impatient,
        ...(username === undefined || username === '' ? {} : { username: decodeURIComponent(username) }),
        ...(password === undefined ? {} : { password: decodeURIComponent(password) }),
        ...tls,
      },
    },
  });
};

type Client = NonNullable<ReturnType<NonNullable<ReturnType<typeof driverFor>['getInstance']>>>;

/** Keys of a server that holds other things too are asked for in large steps, or the steps take too long. */
const keysAtOnce = 1_000;

interface Scanned {
  scan(
    cursor: string,
    match: 'MATCH',
    pattern: string,
    count: 'COUNT',
    most: number,
  ): Promise<[cursor: string, keys: string[]]>;
}

const keysAt = async (node: Scanned): Promise<readonly string[]> => {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = await node.scan(cursor, 'MATCH', `${base}:*`, 'COUNT', keysAtOnce);
    found.push(...keys.map((key) => key.slice(base.length + 1)));
    cursor = next;
  } while (cursor !== '0');
  return found;
};

/** A cluster would answer for one node of its choice, and one that is lost need not be the one that has them. */
const keysOf = async (client: Client): Promise<readonly string[]> => {
  if (!('nodes' in client)) return await keysAt(client);
  const nodes: readonly Scanned[] = client.nodes('master');
  const answers = await Promise.allSettled(nodes.map(keysAt));
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  if (found.length === 0) throw new RangeError('no node of the cluster answers');
  return found.flat();
};

/** Connects by itself, and again whenever the connection is lost. */
export const createRedisStore = (options: RedisStoreOptions): StateStore => {
  const driver = driverFor(options);
  const client = driver.getInstance?.();
  const store = overStorage(createStorage({ driver }));
  if (client === undefined) return store;
  let why: Error | undefined;
  // Without a listener the library writes every lost connection to the console.
  client.on('error', (error: Error) => {
    why = error;
  });
  client.on('ready', () => {
    why = undefined;
  });
  // A call on a lost connection fails with that alone, and not with why it was lost.
  const explained = <Answer>(call: Promise<Answer>): Promise<Answer> =>
    call.catch((error: unknown) => {
      throw why ?? error;
    });
  return {
    ...store,
    keys: () => explained(keysOf(client)),
    read: (keys) => explained(store.read(keys)),
    write: (key, text, lifeMs) => explained(store.write(key, text, lifeMs)),
    claim: async (key, lifeMs) => (await client.set(`${base}:${key}`, '1', 'PX', lifeMs, 'NX')) === 'OK',
  };
};
