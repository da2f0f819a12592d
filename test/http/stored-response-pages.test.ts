import { describe, expect, test } from 'bun:test';
import { asArray, asObject, type Json, type JsonObject } from '../../src/spec/json.ts';
import { type Bench, bench, chat, ollamaLines, saying, streamOf } from '../gateway/scripted.ts';

const keys = [
  { name: 'mine', key: 'secret-mine' },
  { name: 'yours', key: 'secret-yours' },
  { name: 'watcher', key: 'secret-watcher', scopes: ['metrics'] },
];

const answerOf = (content: string) => () =>
  Response.json({
    model: 'm',
    created_at: 't',
    message: { role: 'assistant', content },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 3,
    eval_count: 2,
  });

/** A bench whose answers have names of their own. */
const serving = async (config: Record<string, unknown> = {}): Promise<Bench> => {
  let names = 0;
  const ids = (): string => {
    names += 1;
    return `id-${names}`;
  };
  const given = await bench({ a: { kind: 'ollama' } }, { auth: { keys }, ...config }, undefined, ids);
  given.script('a').infer = answerOf('hello');
  return given;
};

const mine = { authorization: 'Bearer secret-mine' };
const yours = { authorization: 'Bearer secret-yours' };

const ask = async ({ post }: Bench, body: JsonObject, headers = mine): Promise<JsonObject & { id: string }> =>
  (await (
    await post('/v1/responses', { model: 'm', input: 'hi', ...body }, saying(headers))
  ).json()) as never;

/** What the engine was asked last. */
const lastMessages = ({ script }: Bench): Json | undefined =>
  asObject(script('a').calls.at(-1)?.body)?.messages;

const page = async ({ app }: Bench, path: string, init: RequestInit = {}): Promise<Response> =>
  await app.fetch(
    new Request(`http://localhost:5010${path}`, {
      ...init,
      headers: { host: 'localhost:5010', ...mine, ...init.headers },
    }),
  );

describe('stored responses over HTTP', () => {
  test('are read as they were told', async () => {
    const given = await serving();
    const answer = await ask(given, { metadata: { a: 'b' } });
    const read = await page(given, `/v1/responses/${answer.id}`);
    expect(read.status).toBe(200);
    expect(await read.json()).toEqual(answer);
  });

  test('are stored when they streamed, too', async () => {
    const given = await serving();
    given.script('a').infer = () => new Response(streamOf(ollamaLines.text('hello'), ollamaLines.done));
    const response = await given.post(
      '/v1/responses',
      { model: 'm', input: 'hi', stream: true },
      saying(mine),
    );
    const id = /"id":"(resp_[^"]+)"/.exec(await response.text())?.[1];
    const read = (await (await page(given, `/v1/responses/${id}`)).json()) as JsonObject;
    expect(read).toMatchObject({ id, status: 'completed', output: [{ content: [{ text: 'hello' }] }] });
  });

  test('are continued with all that was said before, and no instructions of before', async () => {
    const given = await serving();
    const first = await ask(given, { input: 'one', instructions: 'Be brief.' });
    given.script('a').infer = answerOf('world');
    const second = await ask(given, { input: 'two', previous_response_id: first.id });
    expect(second.previous_response_id).toBe(first.id);
    expect(lastMessages(given)).toMatchObject([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'hello' },
      { role: 'user', content: 'two' },
    ]);
  });

  test('hold what they referred to, so that a later one needs no reference', async () => {
    const given = await serving();
    const first = await ask(given, { input: 'one' });
    const said = asObject(asArray(first.output)?.[0])?.id ?? null;
    const named = await ask(given, {
      input: [
        { type: 'item_reference', id: said },
        { role: 'user', content: 'two' },
      ],
    });
    await ask(given, { input: 'three', previous_response_id: named.id });
    expect(lastMessages(given)).toMatchObject([
      { role: 'assistant', content: 'hello' },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: 'hello' },
      { role: 'user', content: 'three' },
    ]);
  });

  test('with an image ask for a model that sees in every later turn', async () => {
    const given = await serving();
    const content = [{ type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' }];
    const first = await ask(given, { input: [{ role: 'user', content }] });
    await ask(given, { input: 'and?', previous_response_id: first.id });
    const needs = given.app.gateway.decisions.newest(2).map(({ rounds }) => rounds[0]?.ask.needs);
    expect(needs).toEqual([['vision'], ['vision']]);
  });

  test('keep a large image for the next turn, byte for byte', async () => {
    const given = await serving({ responses: { maxBytes: '16MiB', maxKeyBytes: '16MiB' } });
    const data = `iVBORw0KGgo${'A'.repeat(400_000)}B`;
    const content = [{ type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${data}` }];
    const first = await ask(given, { input: [{ role: 'user', content }] });
    await ask(given, { input: 'and?', previous_response_id: first.id });
    const images = asArray(asObject(asArray(lastMessages(given))?.[0])?.images);
    expect(images?.[0] === data).toBe(true);
  });

  test('are not there for another key, nor where storing was refused', async () => {
    const given = await serving();
    const answer = await ask(given, {});
    expect((await page(given, `/v1/responses/${answer.id}`, { headers: yours })).status).toBe(404);
    const stolen = await ask(given, { previous_response_id: answer.id }, yours);
    expect(stolen.error).toMatchObject({
      type: 'invalid_request_error',
      param: 'previous_response_id',
      message: expect.stringContaining('not found'),
    });
    expect(given.script('a').calls).toHaveLength(1);
  });

  test('are not kept with store: false', async () => {
    const given = await serving();
    const answer = await ask(given, { store: false });
    expect((await page(given, `/v1/responses/${answer.id}`)).status).toBe(404);
  });

  test('are not kept of streams that broke', async () => {
    const given = await serving();
    given.script('a').infer = () =>
      new Response(streamOf(ollamaLines.text('hel'), ollamaLines.error('gone')));
    const response = await given.post(
      '/v1/responses',
      { model: 'm', input: 'hi', stream: true },
      saying(mine),
    );
    const text = await response.text();
    expect(text).toContain('event: response.failed');
    const id = /"id":"(resp_[^"]+)"/.exec(text)?.[1];
    expect((await page(given, `/v1/responses/${id}`)).status).toBe(404);
  });

  test('list what their requests said, in pages', async () => {
    const given = await serving();
    const input = ['a', 'b', 'c'].map((content) => ({ role: 'user', content }));
    const { id } = await ask(given, { input });
    const path = `/v1/responses/${id}/input_items`;
    const read = async (query: string): Promise<JsonObject> =>
      (await (await page(given, `${path}${query}`)).json()) as JsonObject;
    expect(await read('')).toMatchObject({
      object: 'list',
      data: [{ content: 'c' }, { content: 'b' }, { content: 'a' }],
      has_more: false,
    });
    const first = await read('?order=asc&limit=2');
    expect(first).toMatchObject({ data: [{ content: 'a' }, { content: 'b' }], has_more: true });
    const rest = await read(`?order=asc&limit=2&after=${first.last_id}`);
    expect(rest).toMatchObject({ data: [{ content: 'c' }], has_more: false });
    expect(await read('?limit=0')).toMatchObject({ error: { param: 'limit' } });
    expect(await read('?order=up')).toMatchObject({ error: { param: 'order' } });
  });

  test('are forgotten when they are deleted', async () => {
    const given = await serving();
    const { id } = await ask(given, {});
    const deleted = await page(given, `/v1/responses/${id}`, { method: 'DELETE' });
    expect(await deleted.json()).toEqual({ id, object: 'response', deleted: true });
    expect((await page(given, `/v1/responses/${id}`, { method: 'DELETE' })).status).toBe(404);
    const next = await ask(given, { previous_response_id: id });
    expect(next.error).toMatchObject({ param: 'previous_response_id' });
  });

  test('are shown to keys that may ask models, and to no others', async () => {
    const given = await serving();
    const { id } = await ask(given, {});
    const headers = { authorization: 'Bearer secret-watcher' };
    expect((await page(given, `/v1/responses/${id}`, { headers })).status).toBe(403);
    expect((await page(given, `/v1/responses/${id}`, { headers: { authorization: '' } })).status).toBe(401);
  });

  test('are told whole, not streamed again', async () => {
    const given = await serving();
    const { id } = await ask(given, {});
    expect((await page(given, `/v1/responses/${id}?stream=true`)).status).toBe(400);
  });

  test('have methods of their own', async () => {
    const given = await serving();
    const response = await page(given, '/v1/responses/resp_1', { method: 'PUT' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, DELETE']);
  });
});

describe('a WebSocket to the responses', () => {
  test('is refused as any wrong method is, in the words of the dialect', async () => {
    const given = await serving();
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const response = await page(given, '/v1/responses', { headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});

describe('a request for a response', () => {
  test.each([
    ['input[0].content[0].type', { input: [{ role: 'user', content: [{ type: 'input_video' }] }] }],
    ['input[0].call_id', { input: [{ type: 'function_call_output', call_id: 'x', output: '' }] }],
    ['previous_response_id', { previous_response_id: 'resp_unknown' }],
    ['input[0].id', { input: [{ type: 'item_reference', id: 'unknown' }] }],
  ])('with a wrong %s is refused before any host is asked', async (param, body) => {
    const given = await serving();
    const response = await given.post('/v1/responses', { model: 'm', input: 'hi', ...body }, saying(mine));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
    expect(given.script('a').calls).toHaveLength(0);
  });

  test('is counted before it is asked', async () => {
    const given = await serving();
    const body = { model: 'm', input: 'Why is the sky blue?', instructions: 'Be brief.' };
    const response = await given.post('/v1/responses/input_tokens', body, saying(mine));
    const counted = (await response.json()) as JsonObject;
    expect(counted).toEqual({ object: 'response.input_tokens', input_tokens: expect.any(Number) });
    expect(Number(counted.input_tokens)).toBeGreaterThan(5);
    expect(given.script('a').calls).toHaveLength(0);
    const wrong = await given.post('/v1/responses/input_tokens', { model: 'm' }, saying(mine));
    expect(await wrong.json()).toMatchObject({ error: { param: 'input' } });
  });

  test('leaves the other dialects’ requests alone', async () => {
    const given = await serving();
    await given.post('/api/chat', chat('m', { stream: false }), saying(mine));
    expect(given.app.gateway.stored.sizeBytes()).toBe(0);
  });
});
