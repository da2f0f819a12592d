import { describe, expect, test } from 'bun:test';
import { play } from './play.ts';

const models = ['llama3.2', 'qwen3:8b', 'hf.co/someone/Model:Q4', 'own=4GiB'];

describe('what an Ollama host says of itself', () => {
  test('its models have full short names, sizes, digests and abilities, and are marked as simulated', async () => {
    const { json } = play({ kind: 'ollama', models });
    const listed = (await json('/api/tags')).models as Record<string, unknown>[];
    expect(listed.map((model) => model.name)).toEqual([
      'llama3.2:latest',
      'qwen3:8b',
      'hf.co/someone/model:q4',
      'own:latest',
    ]);
    expect(listed[3]).toMatchObject({ size: 4 * 1024 ** 3, simulated: true });
    expect(listed[1]).toMatchObject({ capabilities: ['completion', 'tools', 'thinking'] });
    expect(listed[1]?.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('the older generation does not list abilities', async () => {
    const { json } = play({ kind: 'ollama', models, engine: 'old' });
    const [first] = (await json('/api/tags')).models as object[];
    expect(first).not.toHaveProperty('capabilities');
    expect(await json('/api/version')).toEqual({ version: '0.20.0', simulated: true });
  });

  test('two names of one model are one digest and one runner', async () => {
    const { ask, json, host } = play({ kind: 'ollama', models: ['llama3.2', 'llama3.2:3b'] });
    await ask('/api/generate', { model: 'llama3.2' });
    await ask('/api/generate', { model: 'llama3.2:3b' });
    expect(host.stats().loads).toBe(1);
    expect((await json('/api/ps')).models).toMatchObject([{ name: 'llama3.2:latest' }]);
  });

  test('a model is described under either field that may name it', async () => {
    const { json, ask } = play({ kind: 'ollama', models });
    for (const body of [{ model: 'qwen3:8b' }, { name: 'qwen3:8b' }]) {
      expect(await json('/api/show', body)).toMatchObject({
        capabilities: ['completion', 'tools', 'thinking'],
        model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
      });
    }
    expect(await ask('/api/show', {})).toMatchObject({ status: 400, text: '{"error":"model is required"}' });
    expect(await ask('/api/show', { model: 'x' })).toMatchObject({ status: 404 });
  });

  test('it is alive, has a version and no account', async () => {
    const { ask, json, host } = play({ kind: 'ollama', models, version: '0.31.4' });
    expect(await ask('/')).toMatchObject({ status: 200, text: 'Ollama is running' });
    expect((await host.fetch(new Request('http://host/', { method: 'HEAD' }))).status).toBe(200);
    expect(await json('/api/version')).toEqual({ version: '0.31.4', simulated: true });
    expect(await json('/api/status')).toEqual({ cloud: { disabled: false, source: 'none' } });
    expect(await ask('/api/me', {})).toMatchObject({ status: 401 });
  });

  test('loaded models are listed with the longest stay first', async () => {
    const { ask, json } = play({ kind: 'ollama', models: ['a=1GiB', 'b=1GiB'] });
    await ask('/api/generate', { model: 'a', keep_alive: '1m' });
    await ask('/api/generate', { model: 'b', keep_alive: '1h' });
    expect((await json('/api/ps')).models).toMatchObject([{ name: 'b:latest' }, { name: 'a:latest' }]);
  });

  test('a host may start with models in memory', async () => {
    const { host, ask } = play({ kind: 'ollama', models, preload: ['qwen3:8b'] });
    expect(host.stats().loaded).toEqual(['qwen3:8b']);
    await ask('/api/generate', { model: 'qwen3:8b' });
    expect(host.stats().loads).toBe(0);
  });
});
