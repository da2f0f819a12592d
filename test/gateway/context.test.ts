import { describe, expect, test } from 'bun:test';
import { answer, bench, chat, servedBy } from './scripted.ts';

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

const oneHost = async (options: Record<string, unknown> = {}, config: Record<string, unknown> = {}) => {
  const given = await bench({ a: { kind: 'ollama', ...options } }, config);
  given.script('a').infer = answer;
  return given;
};

describe('the place of a model in memory', () => {
  test('is asked for in few sizes and without load-time options; every other byte stays', async () => {
    const { post, script } = await oneHost();
    const body =
      '{ "model":"m",  "options":{"num_ctx": 5000, "num_gpu":1, "seed":9007199254740993}, "messages":[{"role":"user","content":"hi"}] }';
    expect(await servedBy(post('/api/chat', body))).toBe('a');
    expect(text(script('a').calls[0]?.bytes)).toBe(
      '{ "model":"m",  "options":{"num_ctx": 8192, "seed":9007199254740993}, "messages":[{"role":"user","content":"hi"}] }',
    );
  });

  test('has the configured size in either dialect', async () => {
    const { post, script } = await oneHost({}, { models: { m: { context: { tokens: 16_384 } } } });
    await servedBy(post('/api/chat', chat('m', { options: { num_ctx: 2048 } })));
    await servedBy(post('/v1/chat/completions', chat('m', { temperature: 0.5 })));
    for (const { body } of script('a').calls) expect(body).toMatchObject({ options: { num_ctx: 16_384 } });
    expect(script('a').calls[1]?.body).toMatchObject({ options: { temperature: 0.5 } });
  });

  test('is kept no longer than the backend allows', async () => {
    const { post, script } = await oneHost({ keepAlive: { maxMs: 600_000 } });
    await servedBy(post('/api/chat', chat('m', { keep_alive: -1 })));
    expect(script('a').calls[0]?.body).toMatchObject({ keep_alive: 600 });
  });

  test('is edited anew where a body cannot be spliced safely', async () => {
    const { post, script } = await oneHost();
    const body =
      '{"model":"m","options":{"num_ctx":1},"options":{"num_ctx":5000},"messages":[{"role":"user","content":"hi"}]}';
    await servedBy(post('/api/chat', body));
    expect(script('a').calls[0]?.body).toMatchObject({ options: { num_ctx: 8192 } });
  });
});
