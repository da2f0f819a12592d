import { describe, expect, test } from 'bun:test';
import { dockerName } from '../../src/simulator/docker-model-runner-host.ts';
import { chat, parseEvents, play } from './play.ts';

const options = {
  kind: 'docker-model-runner',
  models: ['smollm2', 'ai/Llama3.2:3B', 'nomic-embed-text'],
} as const;

const path = '/engines/v1/chat/completions';

describe('Docker Model Runner', () => {
  test('names are completed the way it does it', () => {
    expect(
      ['smollm2', 'ai/smollm2', ' AI/SmolLM2:360M-Q4 ', 'hf.co/Some/Model', 'someone/m:v1'].map(dockerName),
    ).toEqual([
      'ai/smollm2:latest',
      'ai/smollm2:latest',
      'ai/smollm2:360M-Q4',
      'huggingface.co/some/model:latest',
      'someone/m:v1',
    ]);
  });

  test('answers on its long paths, its short ones, and with the engine named', async () => {
    const { ask } = play(options);
    for (const prefix of ['/engines', '', '/engines/llama.cpp']) {
      const answer = await ask(`${prefix}/v1/chat/completions`, chat('smollm2', 'hi', { stream: true }));
      expect(parseEvents(answer.text).at(-1)).toHaveProperty('timings');
    }
    expect(await ask('/engines/other/v1/chat/completions', chat('smollm2', 'hi'))).toMatchObject({
      status: 404,
      text: 'backend not found\n',
      contentType: 'text/plain; charset=utf-8',
    });
  });

  test('says its own errors in plain text', async () => {
    const { ask, host } = play(options);
    expect(await ask(path, chat('nope', 'hi'))).toMatchObject({ status: 404, text: 'model not found\n' });
    expect(await ask(path, { messages: [] })).toMatchObject({ status: 400, text: 'model is required\n' });
    expect(await ask('/nothing')).toMatchObject({ status: 404, text: 'not found\n' });
    const page = await host.fetch(
      new Request('http://host/models', { headers: { origin: 'http://localhost:3000' } }),
    );
    expect([page.status, await page.text()]).toEqual([403, 'Origin not allowed\n']);
    const large = new Request(`http://host${path}`, {
      method: 'POST',
      body: new Uint8Array(10 * 1024 ** 2 + 1),
    });
    const refused = await host.fetch(large);
    expect([refused.status, await refused.text()]).toEqual([400, 'request too large\n']);
  });

  test('passes the errors of llama.cpp on', async () => {
    const { json } = play(options);
    expect(await json(path, chat('smollm2', 'word '.repeat(5000)))).toMatchObject({
      error: { type: 'exceed_context_size_error', n_prompt_tokens: 5000, n_ctx: 4096 },
    });
  });

  test('tells at length that a model does not fit', async () => {
    const { ask } = play({ ...options, models: ['big=90GiB'] });
    const answer = await ask(path, chat('big', 'hi'));
    expect(answer.status).toBe(500);
    expect(answer.text).toStartWith(
      'unable to load runner: error waiting for runner to be ready: llama.cpp terminated unexpectedly: ' +
        'llama.cpp failed: not enough GPU memory to load the model (CUDA)\n\nVerbose output:\n',
    );
  });

  test('loads a model twice when it chats and embeds with it', async () => {
    const { ask, json } = play(options);
    await ask(path, chat('smollm2', 'hi'));
    await ask('/v1/embeddings', { model: 'smollm2', input: 'hi' });
    expect(await json('/engines/ps')).toMatchObject([
      { backend_name: 'llama.cpp', model_name: 'ai/smollm2:latest', mode: 'completion', keep_alive: '5m0s' },
      { model_name: 'ai/smollm2:latest', mode: 'embedding' },
    ]);
  });

  test('loads a model for a request that only asks for that', async () => {
    const { host, clock } = play(options);
    const request = new Request(`http://host${path}`, {
      method: 'POST',
      headers: { 'x-preload-only': 'true' },
      body: JSON.stringify({ model: 'smollm2' }),
    });
    const response = await clock.until(host.fetch(request));
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(host.stats()).toMatchObject({ loaded: ['ai/smollm2:latest'], finished: 0 });
  });

  test('unloads what is idle on request, and whatever was idle for five minutes', async () => {
    const { ask, json, clock, host } = play(options);
    await ask(path, chat('smollm2', 'hi'));
    expect(await json('/engines/unload', { models: ['smollm2'] })).toEqual({ unloaded_runners: 1 });
    await ask(path, chat('smollm2', 'hi'));
    await clock.advance(300_000);
    expect(host.stats().loaded).toEqual([]);
  });

  test('takes another context for a model that is not in use', async () => {
    const { ask, json, send, clock } = play(options);
    expect((await ask('/engines/_configure', { model: 'smollm2', 'context-size': 100 })).status).toBe(202);
    expect(await json(path, chat('smollm2', 'word '.repeat(200)))).toMatchObject({ error: { n_ctx: 100 } });
    const running = send(path, chat('smollm2', 'hi'));
    await clock.advance(500);
    expect(await ask('/engines/_configure', { model: 'smollm2' })).toMatchObject({
      status: 409,
      text: 'runner already active\n',
    });
    await clock.until(running);
  });

  test('says who it is and what it has', async () => {
    const { ask, json } = play(options);
    expect((await ask('/')).text).toBe('Docker Model Runner is running');
    expect(await json('/version')).toEqual({ version: '1.2.6', simulated: true });
    expect(await json('/api/version')).toEqual({ version: '0.1.0', simulated: true });
    expect(await json('/engines/status')).toMatchObject({ 'llama.cpp': expect.stringMatching(/^Running/) });
    expect((await json('/engines/v1/models')).data).toMatchObject([
      { id: 'ai/smollm2:latest', owned_by: 'docker', dmr: { context_window: 8192 }, simulated: true },
      { id: 'ai/llama3.2:3B' },
      { id: 'ai/nomic-embed-text:latest' },
    ]);
    expect(await json('/models/ai/smollm2')).toMatchObject({ tags: ['ai/smollm2:latest'] });
    expect(JSON.parse((await ask('/models')).text)).toHaveLength(3);
  });
});
