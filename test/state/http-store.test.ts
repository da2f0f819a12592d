import { describe, expect, test } from 'bun:test';
import { createHttpStore } from '../../src/state/http-store.ts';
import type { StateStore } from '../../src/state/store.ts';

interface Seen {
  readonly url: string;
  readonly method: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

const storeThat = (answer: () => Response, key?: string) => {
  const seen: Seen[] = [];
  const store: StateStore = createHttpStore({
    url: 'http://box:5010/state',
    key,
    fetch: async (url, { method, headers, body }) => {
      const { authorization } = headers;
      const sent = body === undefined ? undefined : JSON.parse(new TextDecoder().decode(body));
      seen.push({ url, method, authorization, body: sent });
      return answer();
    },
  });
  return { store, seen };
};

describe('a store that another Pointsman serves', () => {
  test('is shown the key with each call', async () => {
    const { store, seen } = storeThat(() => Response.json({ keys: [], texts: {} }), 'the-key-of-the-cluster');
    await store.keys();
    await store.read(['a']);
    await store.write('a', 'text', 60_000);
    await store.remove('a');
    const shown = { authorization: 'Bearer the-key-of-the-cluster' };
    expect(seen).toEqual([
      { ...shown, url: 'http://box:5010/state/keys', method: 'GET', body: undefined },
      { ...shown, url: 'http://box:5010/state/read', method: 'POST', body: { keys: ['a'] } },
      {
        ...shown,
        url: 'http://box:5010/state/write',
        method: 'PUT',
        body: { key: 'a', text: 'text', lifeMs: 60_000 },
      },
      { ...shown, url: 'http://box:5010/state/remove', method: 'PUT', body: { key: 'a' } },
    ]);
  });

  test('without a key is shown none', async () => {
    const { store, seen } = storeThat(() => Response.json({ keys: ['a', 7] }));
    expect(await store.keys()).toEqual(['a']);
    expect(seen[0]?.authorization).toBeUndefined();
  });

  test('that refuses has failed, and did not say that there is nothing', async () => {
    for (const status of [401, 403, 404, 500]) {
      const { store } = storeThat(() => Response.json({ error: { message: 'no' } }, { status }));
      await expect(store.keys()).rejects.toThrow();
      await expect(store.read(['a'])).rejects.toThrow();
      await expect(store.write('a', 'text', 1)).rejects.toThrow();
    }
    const { store } = storeThat(() => new Response('a page of somebody else'));
    await expect(store.keys()).rejects.toThrow();
  });

  test('gives the texts it has, and no entry that is none', async () => {
    const { store } = storeThat(() => Response.json({ texts: { a: 'text', b: 7 } }));
    expect(await store.read(['a', 'b', 'c'])).toEqual(new Map([['a', 'text']]));
  });
});
