import { describe, expect, test } from 'bun:test';
import type { PointsmanApp } from '../../src/http/app.ts';
import type { Json, JsonObject } from '../../src/spec/json.ts';
import { claude, type Fleet, jsonOf, message, start } from './anthropic-fleet.ts';

describe('a message for the Anthropic API', () => {
  test('passes as it came, with the caller’s version and betas, and our key', async () => {
    const { post, sent } = await start({ cloud: { kind: 'anthropic' } });
    const body = message(claude, [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }]);
    const answer = await post('/v1/messages?beta=true', body, {
      'anthropic-version': '2023-01-01',
      'anthropic-beta': 'a-2025,b-2026',
      'x-api-key': 'of-the-caller',
    });
    expect(answer.status).toBe(200);
    expect(sent[0]).toMatchObject({
      path: '/v1/messages',
      headers: {
        'anthropic-version': '2023-01-01',
        'anthropic-beta': 'a-2025,b-2026',
        'x-api-key': 'sk-ant-of-ours',
      },
      body: JSON.stringify(body),
    });
    expect(JSON.stringify(sent)).not.toContain('of-the-caller');
  });

  test('finds a dated model by its short name', async () => {
    const { post, sent } = await start({ cloud: { kind: 'anthropic' } });
    expect((await post('/v1/messages', message('claude-haiku-4-5'))).status).toBe(200);
    expect(sent[0]?.body).toContain(claude);
  });

  test('is refused before any host is asked, where it is wrong', async () => {
    const { post, sent } = await start({ cloud: { kind: 'anthropic' } });
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'bm8=' } };
    const answer = await post('/v1/messages', message(claude, [image]));
    expect(answer.status).toBe(400);
    expect(await jsonOf(answer)).toMatchObject({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'messages[0].content[0].source.data is not an image in base64',
      },
      request_id: answer.headers.get('x-request-id') ?? '',
    });
    expect(sent).toEqual([]);
  });

  test('that the API refuses our key for says nothing of keys', async () => {
    const { post } = await start({ cloud: { kind: 'anthropic' } }, {}, { cloud: { apiKey: 'sk-unpaid' } });
    const answer = await post('/v1/messages', message(claude));
    const { error } = await jsonOf(answer);
    expect(answer.status).toBeGreaterThanOrEqual(429);
    expect(JSON.stringify(error)).not.toMatch(/x-api-key|credit|unpaid/);
  });

  test('that it has no room for is told in its own words and status', async () => {
    const { post, hosts } = await start({ cloud: { kind: 'anthropic' } });
    hosts.cloud?.setFault({ fault: 'busy-503' });
    const answer = await post('/v1/messages', message(claude));
    expect(answer.status).toBe(529);
    expect(await jsonOf(answer)).toMatchObject({ error: { type: 'overloaded_error' } });
  });

  test('breaks off with an event that its clients know', async () => {
    for (const kind of ['anthropic', 'ollama'] as const) {
      const model = kind === 'anthropic' ? claude : 'qwen3:8b';
      const { post, hosts } = await start({ one: { kind } });
      hosts.one?.setFault({ fault: 'crash-after', after: 3 });
      const text = await (await post('/v1/messages', message(model, 'Hi', { stream: true }))).text();
      expect(text).toContain('event: content_block_delta');
      expect(text.match(/event: error\n/g)).toHaveLength(1);
      expect(text).toContain('data: {"type":"error","error":{"type":');
      expect(text).not.toContain('message_stop');
    }
  });
});

describe('a conversation that began on another engine', () => {
  const tools = [{ name: 'look', input_schema: { type: 'object' } }];

  test('goes on at the Anthropic API, without the reasoning it did not sign', async () => {
    const { post, sent } = await start({
      local: { kind: 'ollama', models: ['qwen3:8b'] },
      cloud: { kind: 'anthropic' },
    });
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const question = { role: 'user', content: 'use the look tool' };
    const wishes = { max_tokens: 4096, tools, thinking };
    const first = await jsonOf(
      await post('/v1/messages', { model: 'qwen3:8b', messages: [question], ...wishes }),
    );
    const content = first.content as JsonObject[];
    expect(content.map(({ type }) => type)).toEqual(['thinking', 'tool_use']);
    const answer = await post('/v1/messages', {
      model: claude,
      messages: [
        question,
        { role: 'assistant', content },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: content[1]?.id as Json, content: 'a cat' }],
        },
      ],
      ...wishes,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-pointsman-dropped')).toBe('messages[1].content[0], thinking');
    expect(sent.at(-1)?.body).not.toContain('"thinking"');
  });

  /** Twenty turns of calls and results, each answered by the next of the models. */
  const converse = async (models: readonly string[]): Promise<readonly Json[]> => {
    const { post } = await start({
      local: { kind: 'ollama', models: ['qwen3:8b'] },
      cloud: { kind: 'anthropic' },
    });
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    const messages: Json[] = [{ role: 'user', content: 'use the look tool' }];
    const reasons: Json[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const model = models[turn % models.length] ?? '';
      const answer = await post('/v1/messages', { model, max_tokens: 4096, tools, thinking, messages });
      expect(answer.status).toBe(200);
      const { content, stop_reason } = await jsonOf(answer);
      reasons.push(stop_reason ?? null);
      messages.push({ role: 'assistant', content: content as Json });
      const call = (content as JsonObject[]).find(({ type }) => type === 'tool_use');
      messages.push({
        role: 'user',
        content:
          call === undefined
            ? 'use the look tool again'
            : [{ type: 'tool_result', tool_use_id: call.id as Json, content: 'a cat' }],
      });
    }
    return reasons;
  };

  test('goes on for twenty turns with its thoughts signed, or with two engines in turn', async () => {
    const alone = await converse([claude]);
    expect(new Set(alone)).toEqual(new Set(['tool_use', 'end_turn']));
    expect(await converse([claude, 'qwen3:8b'])).toEqual([...alone]);
    expect(await converse(['qwen3:8b', 'qwen3:8b', claude])).toEqual([...alone]);
  });
});

describe('a wish to think', () => {
  test('is no reason to refuse a model that does not', async () => {
    const { post } = await start({ local: { kind: 'ollama', models: ['llama3.2:3b'] } });
    const answer = await post(
      '/v1/messages',
      message('llama3.2:3b', 'Hi', { thinking: { type: 'adaptive' } }),
    );
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-pointsman-dropped')).toBe('thinking');
  });
});

describe('a count of tokens', () => {
  const counted = async (
    fleet: Fleet,
    model: string,
    headers?: Record<string, string>,
  ): Promise<Record<string, unknown>> => {
    const { max_tokens: _, ...question } = message(model, 'one two three');
    const answer = await fleet.post('/v1/messages/count_tokens', question, headers);
    return {
      status: answer.status,
      estimate: answer.headers.get('x-pointsman-estimate'),
      ...(await jsonOf(answer)),
    };
  };

  test('is asked of the API for its models, and estimated for others', async () => {
    const fleet = await start({
      local: { kind: 'ollama', models: ['qwen3:8b'] },
      cloud: { kind: 'anthropic' },
    });
    expect(await counted(fleet, claude)).toEqual({ status: 200, estimate: null, input_tokens: 4 });
    expect(fleet.sent.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens']);
    expect(await counted(fleet, 'qwen3:8b')).toEqual({ status: 200, estimate: 'true', input_tokens: 4 });
  });

  test('shows nothing to the cloud that must stay local', async () => {
    const fleet = await start({ cloud: { kind: 'anthropic' } });
    expect(await counted(fleet, claude, { 'x-pointsman-zone': 'local' })).toMatchObject({ estimate: 'true' });
    fleet.app.gateway.setMode('local_only');
    expect(await counted(fleet, claude)).toMatchObject({ estimate: 'true' });
    expect(fleet.sent).toEqual([]);
  });

  test('is estimated where the API does not answer, and refused where the question is wrong', async () => {
    const fleet = await start({ cloud: { kind: 'anthropic' } });
    expect((await fleet.post('/v1/messages/count_tokens', { model: claude })).status).toBe(400);
    fleet.hosts.cloud?.kill();
    expect(await counted(fleet, claude)).toMatchObject({ status: 200, estimate: 'true' });
  });
});

describe('what Anthropic’s clients ask besides', () => {
  const get = (app: PointsmanApp, path: string, headers: Record<string, string> = {}) =>
    app.fetch(new Request(`http://localhost${path}`, { headers: { host: 'localhost', ...headers } }));
  const theirs = { 'anthropic-version': '2023-06-01' };

  test('is the list of models in their shape where they say who they are', async () => {
    const { app } = await start({ cloud: { kind: 'anthropic' } });
    expect(await jsonOf(await get(app, '/v1/models', theirs))).toMatchObject({
      has_more: false,
      data: [{ type: 'model', display_name: expect.any(String) }, { type: 'model' }],
    });
    expect(await jsonOf(await get(app, '/v1/models'))).toMatchObject({ object: 'list' });
    expect(await jsonOf(await get(app, `/v1/models/${claude}`, theirs))).toMatchObject({
      type: 'model',
      id: claude,
    });
    expect(await jsonOf(await get(app, '/v1/models/none', theirs))).toMatchObject({
      type: 'error',
      error: { type: 'not_found_error' },
    });
    expect(await jsonOf(await get(app, '/v1/models/none'))).toMatchObject({
      error: { code: 'model_not_found' },
    });
  });

  test('is nothing that is told anybody', async () => {
    const { post } = await start({ cloud: { kind: 'anthropic' } });
    const answer = await post('/api/event_logging/batch', { events: [] });
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe('');
  });

  test('finds the id of a request where it looks for it, whether it was answered or not', async () => {
    const { post } = await start({ cloud: { kind: 'anthropic' } });
    for (const body of [message(claude), message(claude, 'Hi', { stream: true }), message('none'), {}]) {
      const { headers } = await post('/v1/messages', body, { 'x-request-id': 'asked-for-1' });
      expect(headers.get('request-id')).toBe('asked-for-1');
      expect(headers.get('x-request-id')).toBe('asked-for-1');
    }
  });

  test('is told of a method or path that is not there, in their shape', async () => {
    const { app } = await start({ cloud: { kind: 'anthropic' } });
    const answer = await get(app, '/v1/messages');
    expect(answer.status).toBe(405);
    expect(await jsonOf(answer)).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });
});
