import { describe, expect, test } from 'bun:test';
import { type Bench, bench } from '../gateway/scripted.ts';

const call = async (
  { app }: Bench,
  path: string,
  { body = {}, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
) => {
  const response = await app.fetch(
    new Request(`http://localhost:5010${path}`, {
      method: 'POST',
      headers: { host: 'localhost:5010', 'content-type': 'application/json', ...headers },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const page = (await response.json()) as {
    model?: string;
    backends?: readonly { backend: string; state: string; reason?: string }[];
    error?: { message: string };
  };
  return { status: response.status, page };
};

const two = async (more: object = {}): Promise<Bench> =>
  await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama', lane: 'cpu' } }, more as Record<string, unknown>);

describe('loading a model', () => {
  test('is done where a request would go', async () => {
    const given = await two();
    const { status, page } = await call(given, '/api/v1/models/m/load');
    expect([status, page]).toEqual([
      200,
      { model: 'm', backends: [{ backend: 'a', state: 'loaded', tookMs: 0 }] },
    ] as never);
    expect(given.script('a').loads.map(({ body }) => body)).toEqual([{ model: 'm:latest', stream: false }]);
    expect(given.script('b').loads).toEqual([]);
  });

  test('is done on the backend that is named, and a body is not needed', async () => {
    const given = await two();
    await call(given, '/api/v1/models/m/load', { body: { backend: 'b' } });
    expect([given.script('a').loads.length, given.script('b').loads.length]).toEqual([0, 1]);
    expect((await call(given, '/api/v1/models/m/load', { body: null })).status).toBe(200);
  });

  test.each(['hf.co%2Fa%2Fb%3Aq4', 'hf.co/a/b:q4', 'hf.co/a/b%3aq4'])(
    'finds a name with slashes and colons as %s',
    async (name) => {
      const given = await bench({ a: { kind: 'ollama' } });
      given.script('a').models = ['hf.co/a/b:q4'];
      const host = given.app.gateway.fleet.host('a');
      if (host !== undefined) await given.app.gateway.discovery.look(host);
      const { page } = await call(given, `/api/v1/models/${name}/load`);
      expect(page).toMatchObject({ model: 'hf.co/a/b:q4', backends: [{ state: 'loaded' }] });
    },
  );

  test('tells why it failed, without an address, and keeps the model away when it did not fit', async () => {
    const given = await two();
    given.script('a').load = () =>
      Response.json({ error: 'cudaMalloc failed: out of memory at http://a.internal:1' }, { status: 500 });
    const { status, page } = await call(given, '/api/v1/models/m/load', { body: { backend: 'a' } });
    expect(status).toBe(200);
    expect(page.backends).toMatchObject([{ backend: 'a', state: 'failed' }]);
    expect(page.backends?.[0]?.reason).toContain('out of memory');
    expect(page.backends?.[0]?.reason).not.toContain('a.internal');
    expect(given.app.gateway.fleet.host('a')?.pairs.get('m:latest')?.health.pin).toBeDefined();
    expect((await call(given, '/api/v1/models/m/load')).page.backends).toMatchObject([{ backend: 'b' }]);
    // Said by hand, it is tried again.
    given.script('a').load = () => Response.json({ done: true });
    const again = await call(given, '/api/v1/models/m/load', { body: { backend: 'a' } });
    expect(again.page.backends).toMatchObject([{ state: 'loaded' }]);
  });

  test('says so where the engine takes no such wish', async () => {
    const given = await bench({ box: { kind: 'openai-compatible' } });
    for (const what of ['load', 'unload']) {
      const { page } = await call(given, `/api/v1/models/m:latest/${what}`);
      expect(page.backends).toMatchObject([
        { backend: 'box', state: 'failed', reason: 'this engine decides by itself what it holds' },
      ]);
    }
  });
});

describe('unloading a model', () => {
  test('is done wherever it is, or where it is named', async () => {
    const given = await two();
    const { page } = await call(given, '/api/v1/models/m/unload');
    expect(page.backends?.map(({ backend, state }) => [backend, state])).toEqual([
      ['a', 'unloaded'],
      ['b', 'unloaded'],
    ]);
    expect(given.script('a').calls.map(({ path, body }) => [path, body])).toEqual([
      ['/api/generate', { model: 'm:latest', stream: false, keep_alive: 0 }],
    ]);
    await call(given, '/api/v1/models/m/unload', { body: { backend: 'b' } });
    expect([given.script('a').calls.length, given.script('b').calls.length]).toEqual([1, 2]);
  });

  test('tells which backend did not', async () => {
    const given = await two();
    given.script('a').infer = () => {
      throw Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' });
    };
    const { page } = await call(given, '/api/v1/models/m/unload');
    expect(page.backends?.map(({ state }) => state)).toEqual(['failed', 'unloaded']);
  });
});

describe('both', () => {
  test('refuse what is not there with a sentence', async () => {
    const given = await two();
    given.script('b').models = ['n:latest'];
    const host = given.app.gateway.fleet.host('b');
    if (host !== undefined) await given.app.gateway.discovery.look(host);
    for (const what of ['load', 'unload']) {
      const refused = async (model: string, body: object) => {
        const { status, page } = await call(given, `/api/v1/models/${model}/${what}`, { body });
        return [status, page.error?.message ?? ''] as const;
      };
      expect(await refused('zzz', {})).toEqual([404, "model 'zzz' not found"]);
      expect(await refused('m', { backend: 'c' })).toEqual([
        400,
        'backend must be one of a, b (did you mean "a"?)',
      ]);
      expect(await refused('m', { backend: 'b' })).toEqual([404, "backend 'b' has no model 'm'"]);
      expect(await refused('m', { backend: 1 })).toEqual([400, 'backend must be a string']);
    }
    given.script('a').alive = false;
    const gone = given.app.gateway.fleet.host('a');
    for (let times = 0; times < 2; times += 1)
      if (gone !== undefined) await given.app.gateway.discovery.look(gone);
    expect((await call(given, '/api/v1/models/m/unload')).status).toBe(503);
    expect((await call(given, '/api/v1/models/m/load')).status).toBe(503);
  });

  test('are for administrators', async () => {
    const keys = [{ name: 'plain', key: 'plain-key-0123456789', scopes: ['inference', 'metrics'] }];
    const given = await two({ auth: { keys } });
    const headers = { authorization: 'Bearer plain-key-0123456789' };
    for (const what of ['load', 'unload']) {
      expect((await call(given, `/api/v1/models/m/${what}`, { headers })).status).toBe(403);
      expect((await call(given, `/api/v1/models/m/${what}`)).status).toBe(401);
    }
    const response = await two().then(({ app }) =>
      app.fetch(
        new Request('http://localhost:5010/api/v1/models/m/load', { headers: { host: 'localhost:5010' } }),
      ),
    );
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
