import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import { bench, chat, ollamaLines, streamOf } from '../gateway/scripted.ts';

test('another Hono application can mount it', async () => {
  const { app, script } = await bench({ a: { kind: 'ollama' } });
  script('a').infer = () => new Response(streamOf(ollamaLines.text('hello'), ollamaLines.done));
  const outer = new Hono().get('/', (context) => context.text('outer')).mount('/llm', app.fetch);
  const headers = { host: 'localhost:3000', 'content-type': 'application/json' };
  const answer = await outer.request('/llm/v1/chat/completions', {
    method: 'POST',
    headers,
    body: JSON.stringify(chat()),
  });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('hello');
  expect(await (await outer.request('/', { headers })).text()).toBe('outer');
});
