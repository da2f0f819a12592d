import { describe, expect, test } from 'bun:test';
import { headKey, instanceKey } from '../../src/state/document-keys.ts';
import { type Bench, bench } from '../gateway/scripted.ts';

const auth = {
  keys: [
    { name: 'a', key: 'key-of-a-client', scopes: ['inference'] },
    { name: 'b', key: 'key-of-an-admin', scopes: ['admin', 'metrics', 'inference'] },
    { name: 'c', key: 'key-of-the-cluster', scopes: ['cluster'] },
  ],
};
const host = { a: { kind: 'ollama' } };

const call = async (
  { app }: Bench,
  method: string,
  path: string,
  { key, body, headers = {} }: { key?: string; body?: unknown; headers?: Record<string, string> } = {},
) => {
  const response = await app.fetch(
    new Request(`http://localhost:5010${path}`, {
      method,
      headers: {
        host: 'localhost:5010',
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  return { status: response.status, page: await response.json() };
};

const pages = [
  ['GET', '/state/keys', undefined],
  ['POST', '/state/read', { keys: [] }],
  ['PUT', '/state/write', { key: headKey(instanceKey('one')), text: 'pointsman/1 a', lifeMs: 1_000 }],
  ['PUT', '/state/remove', { key: headKey(instanceKey('one')) }],
] as const;

describe('the state that is served', () => {
  for (const [method, path, body] of pages) {
    test(`at ${path} is for keys of scope cluster alone`, async () => {
      const given = await bench(host, { auth });
      const statusWith = async (key?: string): Promise<number> =>
        (await call(given, method, path, { body, ...(key === undefined ? {} : { key }) })).status;
      expect(await statusWith()).toBe(401);
      expect(await statusWith('another-key-altogether')).toBe(401);
      expect(await statusWith('key-of-a-client')).toBe(403);
      expect(await statusWith('key-of-an-admin')).toBe(403);
      expect(await statusWith('key-of-the-cluster')).toBe(200);
    });
  }

  test('gives what was written, lists it and removes it', async () => {
    const given = await bench(host);
    const key = headKey(instanceKey('one'));
    const text = 'pointsman/1 of one';
    expect((await call(given, 'PUT', '/state/write', { body: { key, text, lifeMs: 9_000 } })).status).toBe(
      200,
    );
    expect((await call(given, 'GET', '/state/keys')).page.keys).toContain(key);
    const read = await call(given, 'POST', '/state/read', { body: { keys: [key, 'v1:head:another', 7] } });
    expect(read.page).toEqual({ texts: { [key]: text } });
    await call(given, 'PUT', '/state/remove', { body: { key } });
    expect((await call(given, 'GET', '/state/keys')).page.keys).not.toContain(key);
  });

  test('takes nothing that is no document', async () => {
    const given = await bench(host);
    const key = headKey(instanceKey('one'));
    for (const body of [{ key, text: 'hello' }, { key: '../../a', text: 'pointsman/1 a' }, { key }, {}])
      expect((await call(given, 'PUT', '/state/write', { body })).status).toBe(400);
  });

  test('is not there where the state is kept elsewhere', async () => {
    const given = await bench(host, { state: { driver: 'http', url: 'http://other.internal:5010/state' } });
    expect((await call(given, 'GET', '/state/keys')).status).toBe(404);
  });
});

test('what an instance makes of the others is for those who watch or rule, not for clients', async () => {
  const given = await bench(host, { auth });
  const statusWith = async (key: string): Promise<number> =>
    (await call(given, 'GET', '/api/v1/cluster', { key })).status;
  expect(await statusWith('key-of-an-admin')).toBe(200);
  expect(await statusWith('key-of-a-client')).toBe(403);
  expect(await statusWith('key-of-the-cluster')).toBe(403);
});
