/** A store that another Pointsman serves at `/state`: one call reads all that is asked for. */

import { asArray, asObject, asString } from '../spec/json.ts';
import type { Fetch, FetchReply } from '../spec/ports.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8, encodeUtf8 } from '../wire/utf8.ts';
import type { StateStore } from './store.ts';
import { StoreProblem } from './store-problem.ts';

export interface HttpStoreOptions {
  /** `http://host:port/state`, without a slash at the end. */
  readonly url: string;
  /** Of scope `cluster` there. */
  readonly key: string | undefined;
  readonly fetch: Fetch;
}

/** A call is given up with the caller's patience, and a little later ends for good. */
const callTimeoutMs = 1_000;

/** What all documents of a cluster may take together. */
const maxAnswerBytes = 16 * 1024 * 1024;

const refusals: ReadonlyMap<number, string> = new Map([
  [401, 'the store refuses the key'],
  [403, 'the key has no cluster scope there'],
  [404, 'no Pointsman keeps its state at that address'],
]);

/** Makes calls to the one that serves it. */
export const createHttpStore = ({ url, key, fetch }: HttpStoreOptions): StateStore => {
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };

  const call = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => {
    const reply: FetchReply = await fetch(`${url}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : encodeUtf8(JSON.stringify(body)),
      signal: AbortSignal.timeout(callTimeoutMs),
    });
    const bytes = reply.wholeBytes ?? new Uint8Array(await reply.arrayBuffer());
    if (reply.status !== 200) {
      throw new StoreProblem(refusals.get(reply.status) ?? `the store answers with status ${reply.status}`);
    }
    const json = bytes.length > maxAnswerBytes ? undefined : asObject(tryParseJson(decodeUtf8(bytes)));
    if (json === undefined) throw new StoreProblem('what answers there is no store');
    return json;
  };

  return {
    keys: async () => (asArray((await call('GET', '/keys')).keys) ?? []).flatMap((at) => asString(at) ?? []),
    read: async (keys) => {
      const { texts } = await call('POST', '/read', { keys });
      const found = new Map<string, string>();
      for (const [at, value] of Object.entries(asObject(texts) ?? {})) {
        const text = asString(value);
        if (text !== undefined) found.set(at, text);
      }
      return found;
    },
    write: async (at, text, lifeMs) => {
      await call('PUT', '/write', { key: at, text, lifeMs });
    },
    remove: async (at) => {
      await call('PUT', '/remove', { key: at });
    },
    close: async () => undefined,
  };
};
