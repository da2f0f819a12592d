import { describe, expect, test } from 'bun:test';
import { checkConfig } from '../../src/config/check-config.ts';
import { createApp, type PointsmanApp } from '../../src/http/app.ts';
import type { Json, JsonObject } from '../../src/spec/json.ts';

interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Bench {
  readonly app: PointsmanApp;
  readonly sent: readonly Sent[];
  readonly logs: readonly string[];
  post(path: string, body: Json, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

const listing = {
  models: [
    {
      name: 'models/gemini-2.5-flash',
      supportedGenerationMethods: ['generateContent'],
      inputTokenLimit: 9999,
    },
    { name: 'models/gemini-embedding-001', supportedGenerationMethods: ['embedContent'] },
  ],
};

const chunk = (text: string, more: object = {}): string =>
  `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...more }] })}\r\n\r\n`;

const wholeText = `{
  "candidates": [{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":"STOP","later":12345678901234567890}]
}`;

const events = (): Response =>
  new Response(chunk('He') + chunk('llo', { finishReason: 'STOP' }), {
    headers: { 'content-type': 'text/event-stream' },
  });

const backendKey = 'AIza-canary-of-the-backend';
const ownKey = 'pk-own-key-0123456789';

/** Pointsman before one backend of Google's, whose answers a test writes. */
const bench = async (
  answer: (sent: Sent) => Response | Promise<Response>,
  config: JsonObject = {},
): Promise<Bench> => {
  const sent: Sent[] = [];
  const logs: string[] = [];
  const checked = checkConfig({
    backends: { google: { kind: 'gemini', apiKey: backendKey } },
    models: {
      fast: { names: { google: 'gemini-2.5-flash' } },
      vectors: { names: { google: 'gemini-embedding-001' } },
    },
    log: { level: 'debug' },
    ...config,
  });
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  const app = createApp(checked.config, {
    writeLog: (line) => logs.push(line),
    ports: {
      fetch: async (url, init) => {
        if (init.method === 'GET') return Response.json(listing);
        const body = init.body === undefined ? '' : new TextDecoder().decode(init.body as Uint8Array);
        sent.push({ url, headers: init.headers, body });
        return answer({ url, headers: init.headers, body });
      },
    },
  });
  await app.gateway.discovery.settled();
  const ask = async (path: string, init: RequestInit): Promise<Response> =>
    app.fetch(new Request(`http://localhost:4100${path}`, init));
  return {
    app,
    sent,
    logs,
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { host: 'localhost:4100', 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    get: (path, headers = {}) => ask(path, { headers: { host: 'localhost:4100', ...headers } }),
  };
};

const asked = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] };
const whole = (): Response =>
  new Response(wholeText, { headers: { 'content-type': 'application/json; charset=UTF-8' } });

describe('a Gemini request before Google’s own API', () => {
  test('passes to the byte, both ways', async () => {
    const { post, sent } = await bench(whole);
    const body = { ...asked, safetySettings: [{ category: 'c', threshold: 't' }], later: { a: 1 } };
    const answer = await post('/v1beta/models/gemini-2.5-flash:generateContent', body);
    expect(await answer.text()).toBe(wholeText);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe(
      'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent',
    );
    expect(sent[0]?.body).toBe(JSON.stringify(body));
    expect(sent[0]?.headers['x-goog-api-key']).toBe(backendKey);
  });

  test('of a model by another name changes its path and nothing else', async () => {
    const { post, sent } = await bench(whole);
    await post('/v1/models/fast:generateContent', asked);
    expect(sent[0]?.url).toEndWith('/v1/models/gemini-2.5-flash:generateContent');
    expect(sent[0]?.body).toBe(JSON.stringify(asked));
  });

  test('for a stream asks for events, and passes them as they are', async () => {
    const { post, sent } = await bench(events);
    const answer = await post('/v1beta/models/fast:streamGenerateContent?alt=sse&later=1', asked);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toBe(await events().text());
    expect(sent[0]?.url).toEndWith('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse');
  });

  test('for a stream without events gets one array', async () => {
    const { post, sent } = await bench(events);
    const answer = await post('/v1beta/models/fast:streamGenerateContent', asked);
    expect(answer.headers.get('content-type')).toStartWith('application/json');
    expect(answer.headers.get('x-pointsman-backend')).toBe('google');
    expect(await answer.json()).toMatchObject([
      { candidates: [{ content: { parts: [{ text: 'He' }] } }] },
      { candidates: [{ finishReason: 'STOP' }] },
    ]);
    expect(sent[0]?.url).toEndWith('?alt=sse');
    const failed = await post('/v1beta/models/nobody:streamGenerateContent', asked);
    expect([failed.status, await failed.json()]).toMatchObject([404, [{ error: { status: 'NOT_FOUND' } }]]);
  });

  test('that leaves an array ends the call', async () => {
    let left = false;
    const { post } = await bench(
      () =>
        new Response(
          new ReadableStream({
            start: (out) => out.enqueue(new TextEncoder().encode(chunk('Hi'))),
            cancel: () => {
              left = true;
            },
          }),
        ),
    );
    const answer = await post('/v1beta/models/fast:streamGenerateContent', asked);
    const reader = answer.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await reader?.cancel();
    expect(left).toBe(true);
  });

  test('for vectors under another name names the model in each of its requests', async () => {
    const { post, sent } = await bench(() =>
      Response.json({ embeddings: [{ values: [1] }, { values: [2] }] }),
    );
    const request = (text: string) => ({
      model: 'models/vectors',
      content: { parts: [{ text }] },
      taskType: 'x',
    });
    const answer = await post('/v1beta/models/vectors:batchEmbedContents', {
      requests: [request('a'), request('b')],
    });
    expect(await answer.json()).toEqual({ embeddings: [{ values: [1] }, { values: [2] }] });
    expect(sent[0]?.url).toEndWith('/v1beta/models/gemini-embedding-001:batchEmbedContents');
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      requests: [
        { ...request('a'), model: 'models/gemini-embedding-001' },
        { ...request('b'), model: 'models/gemini-embedding-001' },
      ],
    });
  });

  test('for one vector is read as an answer', async () => {
    const { post } = await bench(() => Response.json({ embedding: { values: [1, 2] } }));
    const answer = await post('/v1beta/models/vectors:embedContent', { content: { parts: [{ text: 'a' }] } });
    expect([answer.status, await answer.json()]).toEqual([200, { embedding: { values: [1, 2] } }]);
  });

  test('is told how long to wait as Google’s body says', async () => {
    const { post } = await bench(() =>
      Response.json(
        {
          error: {
            code: 429,
            message: 'Resource has been exhausted',
            status: 'RESOURCE_EXHAUSTED',
            details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' }],
          },
        },
        { status: 429 },
      ),
    );
    const answer = await post('/v1beta/models/fast:generateContent', asked);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(30);
    expect(JSON.stringify(await answer.json())).toContain('RESOURCE_EXHAUSTED');
  });

  test('that breaks off says why in safe words, once, wherever Google’s own were cut', async () => {
    const words = JSON.stringify(
      { error: { code: 503, message: 'busy at http://10.1.2.3:9', status: 'UNAVAILABLE' } },
      null,
      2,
    );
    const bytes = new TextEncoder().encode(chunk('Hi') + words);
    for (let cut = chunk('Hi').length; cut < bytes.length; cut += 3) {
      const { post } = await bench(
        () =>
          new Response(
            new ReadableStream({
              start: (out) => {
                out.enqueue(bytes.slice(0, cut));
                out.enqueue(bytes.slice(cut));
                out.close();
              },
            }),
          ),
      );
      const text = await (await post('/v1beta/models/fast:streamGenerateContent?alt=sse', asked)).text();
      expect(text).toStartWith(chunk('Hi'));
      expect(text).not.toContain('10.1.2.3');
      expect(text.match(/the answer is incomplete/g)).toHaveLength(1);
      expect(text.slice(text.lastIndexOf('\n', text.length - 2) + 1)).toStartWith('{"error":');
    }
  });

  test('never shows that the backend’s key is wrong', async () => {
    const { post } = await bench(() =>
      Response.json(
        {
          error: {
            code: 400,
            message: 'API key not valid. Please pass a valid API key.',
            status: 'INVALID_ARGUMENT',
          },
        },
        { status: 400 },
      ),
    );
    const answer = await post('/v1beta/models/fast:generateContent', asked);
    expect(answer.status).toBe(502);
    expect(await answer.text()).not.toContain(backendKey);
  });
});

describe('the size of a prompt', () => {
  const path = '/v1beta/models/fast:countTokens';

  test('is asked of Google', async () => {
    const { post, sent } = await bench(() => Response.json({ totalTokens: 42 }));
    const answer = await post(path, asked);
    expect(await answer.json()).toEqual({ totalTokens: 42 });
    expect(answer.headers.get('x-pointsman-estimate')).toBeNull();
    expect(sent[0]?.url).toEndWith('/v1beta/models/gemini-2.5-flash:countTokens');
    expect(sent[0]?.body).toBe(JSON.stringify(asked));
  });

  test('is estimated where Google does not answer, and says so', async () => {
    const { post } = await bench(() => new Response('', { status: 503 }));
    const answer = await post(path, asked);
    expect(((await answer.json()) as JsonObject).totalTokens).toBe(1);
    expect(answer.headers.get('x-pointsman-estimate')).toBe('true');
  });

  test('of what is no prompt is refused by its field', async () => {
    const { post, sent } = await bench(whole);
    const answer = await post(path, { contents: [{ parts: [{ text: 1 }] }] });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('contents[0].parts[0].text');
    expect(sent).toEqual([]);
  });
});

describe('keys of Google’s clients', () => {
  const config = {
    auth: {
      keys: [
        { name: 'app', key: ownKey },
        { name: 'other', key: 'pk-other-key-01234567' },
      ],
    },
  };
  const path = '/v1beta/models/fast:generateContent';

  test('are taken from their header and from the query, and go no further', async () => {
    const { post, get, sent, logs } = await bench(whole, config);
    const byHeader = await post(path, asked, { 'x-goog-api-key': ownKey });
    const byQuery = await post(`${path}?key=${ownKey}`, asked);
    const both = await post(`${path}?key=${ownKey}`, asked, { 'x-goog-api-key': ownKey });
    expect([byHeader.status, byQuery.status, both.status]).toEqual([200, 200, 200]);
    expect((await get(`/v1beta/models?key=${ownKey}`)).status).toBe(200);
    const counted = await post(`/v1beta/models/fast:countTokens?key=${ownKey}`, asked);
    expect(counted.status).toBe(200);
    const streamed = await post(`/v1beta/models/fast:streamGenerateContent?alt=sse&key=${ownKey}`, asked);
    await streamed.text();
    for (const { url, headers, body } of sent) {
      expect(url).not.toContain(ownKey);
      expect(JSON.stringify(headers)).not.toContain(ownKey);
      expect(body).not.toContain(ownKey);
      expect(headers['x-goog-api-key']).toBe(backendKey);
    }
    expect(sent).toHaveLength(5);
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.join('\n')).not.toContain(ownKey);
  });

  test('that are missing or wrong are told so as Google would', async () => {
    const { post, sent } = await bench(whole, config);
    for (const answer of [await post(path, asked), await post(`${path}?key=pk-wrong-key-0123456`, asked)]) {
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
    }
    expect(sent).toEqual([]);
  });

  test('must not differ within one request', async () => {
    const { post } = await bench(whole, config);
    const answer = await post(`${path}?key=pk-other-key-01234567`, asked, { 'x-goog-api-key': ownKey });
    expect(answer.status).toBe(400);
  });

  test('in a query are no keys for other dialects', async () => {
    const { post, get } = await bench(whole, config);
    const chat = { model: 'fast', messages: [{ role: 'user', content: 'Hi' }] };
    expect((await post(`/v1/chat/completions?key=${ownKey}`, chat)).status).toBe(401);
    expect((await get(`/stats?key=${ownKey}`)).status).toBe(401);
    expect((await get(`/v1/models?key=${ownKey}`)).status).toBe(401);
  });
});

describe('what is wrong with a Gemini request', () => {
  test.each<readonly [string, Json, string]>([
    ['a part of no kind', { contents: [{ parts: [{ video: 1 }] }] }, 'contents[0].parts[0]'],
    [
      'an image that is none',
      { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: 'bm8=' } }] }] },
      'contents[0].parts[0].inlineData.data',
    ],
    [
      'a result without its call',
      { contents: [{ parts: [{ functionResponse: { name: 'f', response: {} } }] }] },
      'contents[0].parts[0].functionResponse',
    ],
  ])('%s is said before anybody is asked', async (_what, body, field) => {
    const { post, sent } = await bench(whole);
    const answer = await post('/v1beta/models/fast:generateContent', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { status: 'INVALID_ARGUMENT', details: [{ fieldViolations: [{ field }] }] },
    });
    expect(sent).toEqual([]);
  });

  test('paths that do not exist, and methods they do not take, are told in Google’s shape', async () => {
    const { post, get } = await bench(whole);
    const nowhere = await get('/v1beta/later');
    expect([nowhere.status, await nowhere.json()]).toMatchObject([404, { error: { status: 'NOT_FOUND' } }]);
    const wrong = await post('/v1beta/models', asked);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const later = await post('/v1beta/models/fast:later', asked);
    expect(later.status).toBe(405);
  });

  test('models are listed to Google’s clients in their shape on the path they share with others', async () => {
    const { get } = await bench(whole);
    expect(await (await get('/v1/models', { 'x-goog-api-key': 'k' })).json()).toHaveProperty('models');
    expect(await (await get('/v1/models')).json()).toHaveProperty('data');
    expect(await (await get('/v1beta/models/fast')).json()).toMatchObject({
      name: 'models/fast',
      inputTokenLimit: 9999,
    });
  });
});
