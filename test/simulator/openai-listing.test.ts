import { describe, expect, test } from 'bun:test';
import { chat, play } from './play.ts';

const path = '/v1/chat/completions';

describe('llama.cpp', () => {
  test('says that it is loading until its model is there', async () => {
    const { ask, clock } = play({ kind: 'openai-compatible', models: ['a=2GiB'], cold: true });
    const loading = { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } };
    for (const [where, body] of [['/health'], [path, chat('a', 'hi')], ['/props'], ['/slots']] as const) {
      const answer = await ask(where, body);
      expect([answer.status, JSON.parse(answer.text)]).toEqual([503, loading]);
    }
    await clock.advance(2000);
    expect(await ask('/health')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect((await ask(path, chat('a', 'hi'))).status).toBe(200);
  });

  test('ends when its model does not fit', async () => {
    const { send, clock } = play({ kind: 'openai-compatible', models: ['a=90GiB'], cold: true });
    await clock.advance(60_000);
    await expect(send('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('lists its one model with what it was trained for, and its properties', async () => {
    const { json, ask } = play({ kind: 'openai-compatible', models: ['gemma3:4b', 'ignored'], slots: 3 });
    expect((await json('/v1/models')).data).toMatchObject([
      { id: 'gemma3:4b', owned_by: 'llamacpp', meta: { n_ctx_train: 131_072 }, simulated: true },
    ]);
    expect(await json('/props')).toMatchObject({
      total_slots: 3,
      default_generation_settings: { n_ctx: 4096 },
      modalities: { vision: true },
    });
    expect(await ask('/metrics')).toMatchObject({ status: 501 });
    expect(await ask('/api/version')).toMatchObject({ status: 404 });
  });

  test('shows which slots work and defers what exceeds them without bound', async () => {
    const { send, ask, clock, host } = play({ kind: 'openai-compatible', models: ['a=1GiB'], slots: 2 });
    const all = Array.from({ length: 5 }, (_, index) => send(path, chat('a', `${index} hi`)));
    await clock.advance(0);
    const slots = JSON.parse((await ask('/slots')).text) as { is_processing: boolean }[];
    expect(slots.map((slot) => slot.is_processing)).toEqual([true, true]);
    expect((await ask('/slots?fail_on_no_slot=1')).status).toBe(503);
    expect(host.stats()).toMatchObject({ active: 2, queued: 3 });
    await clock.until(Promise.all(all));
  });
});

describe('vLLM', () => {
  test('has a version, an empty health, its context in the list, and gauges', async () => {
    const { ask, json } = play({
      kind: 'openai-compatible',
      preset: 'vllm',
      models: ['a=1GiB'],
      contextTokens: 9000,
    });
    expect(await json('/version')).toEqual({ version: '0.19.0', simulated: true });
    expect(await ask('/health')).toMatchObject({ status: 200, text: '' });
    expect((await json('/v1/models')).data).toMatchObject([
      { id: 'a', owned_by: 'vllm', max_model_len: 9000, root: 'a', simulated: true },
    ]);
    expect((await ask('/metrics')).text).toContain('vllm:num_requests_running{model_name="a",engine="0"} 0');
    expect(await ask('/')).toMatchObject({ status: 404, text: '{"detail":"Not Found"}' });
  });
});

describe('LM Studio', () => {
  test('loads what is asked for, says so, and lets it go after its time to live', async () => {
    const { ask, json, clock } = play({
      kind: 'openai-compatible',
      preset: 'lm-studio',
      models: ['a=1GiB', 'nomic-embed-text'],
    });
    const states = async (): Promise<unknown> =>
      ((await json('/api/v0/models')).data as { state: string }[]).map((model) => model.state);
    expect(await states()).toEqual(['not-loaded', 'not-loaded']);
    const answer = await ask(path, chat('a', 'hi', { ttl: 60 }));
    expect(answer.headersAtMs).toBeGreaterThan(1000);
    expect(await states()).toEqual(['loaded', 'not-loaded']);
    await clock.advance(60_000);
    expect(await states()).toEqual(['not-loaded', 'not-loaded']);
    expect((await json('/v1/models')).data).toHaveLength(2);
  });

  test('answers paths it does not have with 200 and an error', async () => {
    const { ask } = play({ kind: 'openai-compatible', preset: 'lm-studio', models: ['a=1GiB'] });
    expect(await ask('/api/tags')).toMatchObject({
      status: 200,
      text: '{"error":"Unexpected endpoint or method. (GET /api/tags). Returning 200 anyway"}',
    });
  });

  test('says when a model is too large for the machine', async () => {
    const { json } = play({ kind: 'openai-compatible', preset: 'lm-studio', models: ['a=90GiB'] });
    expect(await json(path, chat('a', 'hi'))).toMatchObject({
      error: { message: expect.stringContaining('Failed to load model "a". Error: ') },
    });
  });
});
