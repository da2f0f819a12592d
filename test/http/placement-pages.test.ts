import { describe, expect, test } from 'bun:test';
import type { Decision } from '../../src/spec/decision.ts';
import type { Inference, ProtocolId } from '../../src/spec/vocabulary.ts';
import {
  answer,
  type Bench,
  bench,
  chat,
  handStream,
  ollamaLines,
  saying,
  servedBy,
} from '../gateway/scripted.ts';

const call = async (
  { app }: Bench,
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Response> =>
  await app.fetch(
    new Request(`http://localhost:5010${path}`, {
      method,
      headers: { host: 'localhost:5010', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  );

const message = async (response: Response | Promise<Response>): Promise<string> => {
  const { error } = (await (await response).json()) as { error: { message: string } | string };
  return typeof error === 'string' ? error : error.message;
};

const keys = {
  auth: {
    keys: [
      { name: 'plain', key: 'plain-key-0123456789', scopes: ['inference'] },
      { name: 'other', key: 'other-key-0123456789', scopes: ['inference'] },
      { name: 'watcher', key: 'watch-key-0123456789', scopes: ['metrics'] },
      { name: 'chief', key: 'chief-key-0123456789', scopes: ['admin'] },
    ],
  },
};
const as = (name: string) => ({ authorization: `Bearer ${name}-key-0123456789` });

describe('the mode', () => {
  test('is told with all there are, and switched', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    const before = await (await call(given, 'GET', '/api/v1/mode')).json();
    expect(before).toMatchObject({ mode: 'hybrid', modes: [{ name: 'hybrid' }, {}, {}, {}] });
    const switched = await call(given, 'PUT', '/api/v1/mode', { body: { mode: 'local-only' } });
    expect(switched.status).toBe(200);
    expect(await switched.json()).toEqual({ ...(before as object), mode: 'local_only' });
    expect(given.app.gateway.mode()).toBe('local_only');
  });

  test('that does not exist is refused with those that do', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    for (const body of [{ mode: 'hybird' }, { mode: 1 }, {}]) {
      const response = await call(given, 'PUT', '/api/v1/mode', { body });
      expect(response.status).toBe(400);
      expect(await message(response)).toContain('hybrid, single, fallback_only, local_only');
    }
    expect((await call(given, 'PUT', '/api/v1/mode', { body: '{' })).status).toBe(400);
    expect((await call(given, 'POST', '/api/v1/mode', { body: {} })).headers.get('allow')).toBe(
      'GET, PUT, HEAD',
    );
  });

  test('is switched by an administrator alone, and read by every key', async () => {
    const given = await bench({ a: { kind: 'ollama' } }, keys);
    const body = { mode: 'single' };
    expect((await call(given, 'PUT', '/api/v1/mode', { body, headers: as('plain') })).status).toBe(403);
    expect((await call(given, 'PUT', '/api/v1/mode', { body })).status).toBe(401);
    expect((await call(given, 'GET', '/api/v1/mode', { headers: as('plain') })).status).toBe(200);
    expect((await call(given, 'PUT', '/api/v1/mode', { body, headers: as('chief') })).status).toBe(200);
  });

  test('is switched under a stream without dropping it', async () => {
    const given = await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama', lane: 'cpu' } });
    const { body, push, close } = handStream();
    given.script('a').infer = () => new Response(body);
    given.script('a').loaded = ['m:latest'];
    const opening = given.post('/api/chat', chat());
    await given.clock.advance(1);
    push(ollamaLines.text('one '));
    const response = await opening;
    await call(given, 'PUT', '/api/v1/mode', { body: { mode: 'fallback_only' } });
    push(ollamaLines.text('two'));
    push(ollamaLines.done);
    close();
    const text = await response.text();
    expect(text).toContain('two');
    expect(text).toContain('"done":true');
    given.script('b').infer = answer;
    expect(await servedBy(given.post('/api/chat', chat()))).toBe('b');
  });
});

describe('the last decisions', () => {
  test('are listed newest first, and each is told as a whole', async () => {
    const given = await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama' } });
    for (const id of ['a', 'b']) given.script(id).infer = answer;
    for (const id of ['one', 'two', 'three'])
      await servedBy(given.post('/api/chat', chat(), saying({ 'x-request-id': id })));
    const list = async (query: string) => {
      const response = await call(given, 'GET', `/api/v1/decisions${query}`);
      return ((await response.json()) as { decisions: { requestId: string }[] }).decisions;
    };
    expect((await list('')).map(({ requestId }) => requestId)).toEqual(['three', 'two', 'one']);
    expect((await list('?limit=1'))[0]).toMatchObject({
      requestId: 'three',
      principal: 'anonymous',
      model: 'm',
      backend: 'a',
      attempts: 1,
      end: { outcome: 'done', code: '200' },
    });
    const whole = (await (await call(given, 'GET', '/api/v1/decisions/two')).json()) as Decision;
    expect(whole).toMatchObject({ version: 1, requestId: 'two', attempts: [{ outcome: 'served' }] });
    expect(whole.rounds[0]?.candidates.length).toBe(2);
  });

  test('say that one is not kept, and what a limit is', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    const missing = await call(given, 'GET', '/api/v1/decisions/none');
    expect(missing.status).toBe(404);
    expect(await message(missing)).toContain('no decision is kept for a request of that id');
    for (const limit of ['0', '-1', 'x', '1.5', ''])
      expect((await call(given, 'GET', `/api/v1/decisions?limit=${limit}`)).status).toBe(400);
  });

  test('are for whoever observes, but everyone may ask for his own', async () => {
    const given = await bench({ a: { kind: 'ollama' } }, keys);
    given.script('a').infer = answer;
    const init = saying({ ...as('plain'), 'x-request-id': 'mine' });
    await servedBy(given.post('/api/chat', chat(), init));
    const status = async (path: string, name: string) =>
      (await call(given, 'GET', path, { headers: as(name) })).status;
    expect(await status('/api/v1/decisions', 'plain')).toBe(403);
    expect(await status('/api/v1/decisions', 'watch')).toBe(200);
    expect(await status('/api/v1/decisions/mine', 'plain')).toBe(200);
    expect(await status('/api/v1/decisions/mine', 'other')).toBe(404);
    expect(await status('/api/v1/decisions/mine', 'chief')).toBe(200);
  });
});

describe('where a request would go', () => {
  const bodies: readonly (readonly [string, object, ProtocolId, Inference])[] = [
    ['a chat', chat(), 'openai-chat', 'chat'],
    ['a chat of Ollama', chat('m', { options: { num_ctx: 8192 } }), 'ollama', 'chat'],
    ['a completion', { model: 'm', prompt: 'hi' }, 'openai-chat', 'complete'],
    ['a completion of Ollama', { model: 'm', prompt: 'hi', keep_alive: '5m' }, 'ollama', 'complete'],
    ['an embedding', { model: 'm', input: 'hi' }, 'openai-chat', 'embed'],
  ];

  test.each(bodies)('is told of %s, and nothing is sent', async (_name, body, protocol, operation) => {
    const given = await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama' } });
    const response = await call(given, 'POST', '/api/v1/route', { body });
    expect(response.status).toBe(200);
    const decision = (await response.json()) as Decision;
    expect(decision).toMatchObject({ attempts: [], end: { outcome: 'planned' } });
    expect(decision.rounds.map(({ ask }) => [ask.protocol, ask.operation])).toEqual([[protocol, operation]]);
    expect(decision.rounds[0]?.ranked.length).toBe(2);
    expect([...given.script('a').calls, ...given.script('b').calls]).toEqual([]);
    expect(given.app.gateway.decisions.size).toBe(0);
  });

  test('is refused as the request would be', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    const refused = async (body: unknown, headers?: Record<string, string>) => {
      const response = await call(given, 'POST', '/api/v1/route', { body, ...(headers && { headers }) });
      return [response.status, await message(response)] as const;
    };
    expect(await refused(chat('n'))).toEqual([404, "model 'n' not found"]);
    expect((await refused('{'))[0]).toBe(400);
    expect((await refused('[]'))[0]).toBe(400);
    expect((await refused({}))[0]).toBe(400);
    expect((await refused(chat(), { 'x-pointsman-intent': 'slow' }))[1]).toContain('fast, heavy');
  });
});

describe('a name that does not exist', () => {
  const fronts: readonly (readonly [string, object])[] = [
    ['/api/chat', chat()],
    ['/api/generate', { model: 'm', prompt: 'hi' }],
    ['/api/embed', { model: 'm', input: 'hi' }],
    ['/api/embeddings', { model: 'm', prompt: 'hi' }],
    ['/v1/chat/completions', chat()],
    ['/v1/completions', { model: 'm', prompt: 'hi', stream: false }],
    ['/v1/embeddings', { model: 'm', input: 'hi' }],
  ];

  test.each(fronts)('is refused with those that do on %s, in its dialect', async (path, body) => {
    const given = await bench({ a: { kind: 'ollama' } }, { requests: { policy: true } });
    const wrong: readonly (readonly [object, Record<string, string>, string])[] = [
      [body, { 'x-pointsman-policy': 'fastest' }, 'x-pointsman-policy must be one of expected_finish, '],
      [body, { 'x-pointsman-intent': 'slow' }, 'x-pointsman-intent must be one of fast, heavy'],
      [{ ...body, intent: 'slow' }, {}, 'intent must be one of fast, heavy'],
    ];
    for (const [sent, headers, told] of wrong) {
      const response = await given.post(path, sent, saying(headers));
      expect(response.status).toBe(400);
      const { error } = (await response.json()) as { error: unknown };
      const isOllama = path.startsWith('/api/');
      expect(typeof error).toBe(isOllama ? 'string' : 'object');
      expect(isOllama ? error : (error as { message: string }).message).toContain(told);
    }
    expect(given.script('a').calls).toEqual([]);
  });
});
