import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import OpenAI, { RateLimitError } from 'openai';
import type { PointsmanApp } from '../../src/http/app.ts';
import { type FakeHost, startFakeHost, startInstance } from '../state/two-instances.ts';

const key = 'a-key-of-some-length';

let host: FakeHost;
let app: PointsmanApp | undefined;

beforeAll(() => {
  host = startFakeHost();
});
afterEach(() => app?.stop());
afterAll(() => host.stop());

/** An instance with one limited key, one without limits, and one that may look. */
const start = async (limits: string): Promise<PointsmanApp> => {
  const more = [
    'auth:',
    '  keys:',
    `    - { name: laptop, key: ${key}, limits: ${limits} }`,
    '    - { name: free, key: another-long-key }',
    '    - { name: watcher, key: the-watchers-key, scopes: [metrics] }',
  ].join('\n');
  app = await startInstance({ host: host.url }, '{}', { more, backend: 'kind: ollama, slots: 1000' });
  return app;
};

const chats = {
  '/v1/chat/completions': { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  '/v1/responses': { model: 'm', input: 'hi' },
  '/v1/messages': { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
  '/v1beta/models/m:generateContent': { contents: [{ parts: [{ text: 'hi' }] }] },
  '/api/chat': { model: 'm', stream: false, messages: [{ role: 'user', content: 'hi' }] },
} as const;

type Path = keyof typeof chats;

const ask = async (
  to: PointsmanApp,
  path: Path = '/api/chat',
  { as = key, body = chats[path] }: { readonly as?: string; readonly body?: object } = {},
): Promise<Response> => {
  const headers = { host: '127.0.0.1', 'content-type': 'application/json', authorization: `Bearer ${as}` };
  const url = `http://127.0.0.1${path}`;
  const response = await to.fetch(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }));
  return new Response(await response.arrayBuffer(), response);
};

const page = async (to: PointsmanApp, path: string): Promise<string> => {
  const headers = { host: '127.0.0.1', authorization: 'Bearer the-watchers-key' };
  return (await to.fetch(new Request(`http://127.0.0.1${path}`, { headers }))).text();
};

describe('a key with a limit of requests', () => {
  test('is served just so many of a thousand at once, and the rest reach no host', async () => {
    const to = await start('{ requestsPerMinute: 10 }');
    const before = host.calls;
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask(to)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(990);
    expect(host.calls - before).toBe(10);
    expect((await ask(to, '/api/chat', { as: 'another-long-key' })).status).toBe(200);
  }, 20_000);

  test('is told so in the words of each dialect, with the time to wait and without its name', async () => {
    const to = await start('{ requestsPerMinute: 10 }');
    await Promise.all(Array.from({ length: 10 }, () => ask(to)));
    const said = new Map<string, unknown>();
    for (const path of Object.keys(chats) as Path[]) {
      const response = await ask(to, path);
      expect({ path, status: response.status }).toEqual({ path, status: 429 });
      expect(response.headers.get('retry-after')).toMatch(/^[1-6]$/);
      const text = await response.text();
      expect(text).toContain('10 requests per minute');
      expect(text).not.toContain('laptop');
      expect(text).not.toContain(key);
      said.set(path, JSON.parse(text));
    }
    const openAi = { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } };
    expect(said.get('/v1/chat/completions')).toMatchObject(openAi);
    expect(said.get('/v1/responses')).toMatchObject(openAi);
    expect(said.get('/v1/messages')).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
    expect(said.get('/v1beta/models/m:generateContent')).toMatchObject({
      error: { code: 429, status: 'RESOURCE_EXHAUSTED' },
    });
    expect(said.get('/api/chat')).toMatchObject({ error: expect.any(String) });
  }, 20_000);

  test('is told what is left in the headers of the dialects that have such', async () => {
    const to = await start('{ requestsPerMinute: 60, tokensPerMinute: 6000 }');
    const openAi = (await ask(to, '/v1/chat/completions')).headers;
    expect(openAi.get('x-ratelimit-limit-requests')).toBe('60');
    expect(openAi.get('x-ratelimit-remaining-requests')).toBe('59');
    expect(openAi.get('x-ratelimit-reset-requests')).toMatch(/^(1s|\d+ms)$/);
    expect(openAi.get('x-ratelimit-limit-tokens')).toBe('6000');
    const anthropic = (await ask(to, '/v1/messages')).headers;
    expect(anthropic.get('anthropic-ratelimit-requests-remaining')).toBe('58');
    expect(anthropic.get('anthropic-ratelimit-requests-reset')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const free = (await ask(to, '/v1/chat/completions', { as: 'another-long-key' })).headers;
    expect([...free.keys()].filter((name) => name.includes('ratelimit'))).toEqual([]);
  }, 20_000);

  test('pays nothing for lists, counts and pages', async () => {
    const to = await start('{ requestsPerMinute: 2 }');
    const headers = { host: '127.0.0.1', authorization: `Bearer ${key}` };
    for (const path of ['/v1/models', '/api/tags', '/health', '/api/ps', '/v1/models']) {
      const response = await to.fetch(new Request(`http://127.0.0.1${path}`, { headers }));
      await response.arrayBuffer();
      expect({ path, status: response.status }).toEqual({ path, status: 200 });
    }
    expect((await ask(to)).status).toBe(200);
    expect((await ask(to)).status).toBe(200);
    expect((await ask(to)).status).toBe(429);
  }, 20_000);

  test('shows in the metrics and on the page of the cluster', async () => {
    const to = await start('{ requestsPerMinute: 2 }');
    for (let turn = 0; turn < 5; turn += 1) await ask(to);
    expect(await page(to, '/metrics')).toContain(
      'pointsman_quota_refused_total{key="laptop",kind="requests"} 3\n',
    );
    expect(JSON.parse(await page(to, '/api/v1/cluster'))).toMatchObject({
      quotas: [{ key: 'laptop', requests: { used: 2, limit: 2, share: 2 } }],
    });
  }, 20_000);

  test('makes a RateLimitError of the official client', async () => {
    const to = await start('{ requestsPerMinute: 1 }');
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => to.fetch(request) });
    try {
      const client = new OpenAI({ apiKey: key, baseURL: `${server.url}v1`, maxRetries: 0 });
      const messages = [{ role: 'user', content: 'hi' }] as const;
      const call = () => client.chat.completions.create({ model: 'm', messages: [...messages] });
      expect((await call()).choices[0]?.message.content).toBe('hello');
      const refused = await call().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(RateLimitError);
      expect(refused).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    } finally {
      await server.stop(true);
    }
  }, 20_000);
});

describe('a key with a limit of tokens', () => {
  const tokensLeft = async (to: PointsmanApp): Promise<number> =>
    Number((await ask(to, '/v1/chat/completions')).headers.get('x-ratelimit-remaining-tokens'));

  test('pays what an answer cost in place of what was expected', async () => {
    const to = await start('{ tokensPerMinute: 1000 }');
    // The host writes one token each time, where two hundred are expected.
    for (let turn = 0; turn < 12; turn += 1) expect((await ask(to)).status).toBe(200);
    expect(await tokensLeft(to)).toBeGreaterThan(700);
  }, 20_000);

  test('pays nothing for what failed before it was served', async () => {
    const to = await start('{ tokensPerMinute: 1000 }');
    host.how = 'fails';
    for (let turn = 0; turn < 8; turn += 1) expect((await ask(to)).status).toBeGreaterThanOrEqual(500);
    host.how = 'answers';
    const { tokens } = to.gateway.quotas.of('laptop') ?? {};
    expect(tokens?.bucket.level).toBe(0);
  }, 20_000);

  test('may ask for more than a minute gives when it used nothing, and waits until that has run out', async () => {
    const to = await start('{ tokensPerMinute: 100 }');
    const body = {
      model: 'm',
      stream: false,
      messages: [{ role: 'user', content: 'many words '.repeat(300) }],
    };
    expect((await ask(to, '/api/chat', { body })).status).toBe(200);
    const refused = await ask(to, '/v1/chat/completions');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await refused.text()).toContain('100 tokens per minute');
  }, 20_000);
});
