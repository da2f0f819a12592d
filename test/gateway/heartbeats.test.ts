import { describe, expect, test } from 'bun:test';
import { good, later, readAll } from './late-answers.ts';
import { bench, chat, openaiEvents, streamOf } from './scripted.ts';

describe('heartbeats', () => {
  test('an SSE client hears comments after 8 s and every 5 s until content comes', async () => {
    const given = await bench({ a: { kind: 'openai-compatible' } });
    given.script('a').models = ['m'];
    const events = [openaiEvents.role, openaiEvents.text('hello'), openaiEvents.finish, openaiEvents.done];
    given.script('a').infer = later(given, 20_000, () => new Response(streamOf(...events)));
    const response = await given.clock.until(given.post('/v1/chat/completions', chat()));
    expect(given.clock.now()).toBe(8000);
    const body = await readAll(given, response);
    expect(body.match(/^: ping\n\n/gm)?.length).toBe(3);
    expect(body).toContain('hello');
    expect(body.indexOf('data: [DONE]')).toBeGreaterThan(0);
    expect(body).toMatch(/\n: pointsman .*backend=a/);
  });

  test('an NDJSON client hears lines of empty content and never a blank one, and the facts on the last line', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = later(given, 10_000, good);
    const response = await given.clock.until(given.post('/api/chat', chat()));
    const body = await readAll(given, response);
    const lines = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ model: 'm', message: { role: 'assistant', content: '' }, done: false });
    expect(lines.at(-1)).toMatchObject({ done: true, pointsman: { backend: 'a', attempts: '1' } });
  });

  test('a load of four minutes is waited for', async () => {
    const given = await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama', priority: 2 } });
    given.script('a').infer = later(given, 240_000, good);
    const response = await given.clock.until(given.post('/api/chat', chat()));
    expect(await readAll(given, response)).toContain('hello');
    expect(given.script('b').calls.length).toBe(0);
  });

  test('failover goes on behind the heartbeat', async () => {
    const given = await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama', priority: 2 } });
    given.script('a').infer = later(given, 12_000, () =>
      Response.json({ error: 'out of memory' }, { status: 500 }),
    );
    given.script('b').infer = good;
    const response = await given.clock.until(given.post('/api/chat', chat()));
    const body = await readAll(given, response);
    expect(body).toContain('hello');
    expect(body).toContain('"backend":"b"');
  });

  test('a failure behind the heartbeat is told in the stream', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = later(given, 12_000, () =>
      Response.json({ error: 'out of memory' }, { status: 500 }),
    );
    const response = await given.clock.until(given.post('/v1/chat/completions', chat()));
    expect(response.status).toBe(200);
    const body = await readAll(given, response);
    expect(body).toContain('data: {"error":');
    expect(body).not.toContain('[DONE]');
  });
});
