import { describe, expect, test } from 'bun:test';
import { bench } from './scripted.ts';

const loaded = () =>
  Response.json({
    model: 'm',
    created_at: 't',
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'load',
  });

describe('an empty request of the Ollama dialect', () => {
  test('loads on an Ollama host and is one object although streams are the default', async () => {
    const { post, script } = await bench({ a: { kind: 'ollama' } });
    script('a').infer = loaded;
    const response = await post('/api/chat', { model: 'm', messages: [] });
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toMatchObject({ done: true, done_reason: 'load' });
  });

  test('with keep_alive 0 unloads on every host that may hold the model', async () => {
    const { post, script } = await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama' } });
    for (const id of ['a', 'b'])
      script(id).infer = () => Response.json({ done: true, done_reason: 'unload' });
    const response = await post('/api/generate', { model: 'm', keep_alive: 0 });
    expect(await response.json()).toMatchObject({
      model: 'm',
      response: '',
      done: true,
      done_reason: 'unload',
    });
    expect([script('a').calls.length, script('b').calls.length]).toEqual([1, 1]);
  });

  test('is answered for an engine that decides by itself what it holds', async () => {
    const { post, app, clock } = await bench({ a: { kind: 'openai-compatible', priority: 1 } });
    await clock.advance(1);
    expect(app.gateway.fleet.placements('m:latest').length).toBe(1);
    const response = await post('/api/generate', { model: 'm:latest', prompt: '' });
    expect(await response.json()).toMatchObject({
      model: 'm:latest',
      response: '',
      done: true,
      done_reason: 'load',
    });
  });

  test('for a model nobody has is told so', async () => {
    const { post } = await bench({ a: { kind: 'ollama' } });
    const response = await post('/api/generate', { model: 'zzz', keep_alive: 0 });
    expect(response.status).toBe(404);
  });
});
