import { describe, expect, test } from 'bun:test';
import { checkConfig } from '../../src/config/check-config.ts';
import type { Config } from '../../src/config/schema.ts';
import { createApp } from '../../src/http/app.ts';
import { answer, type Bench, bench } from '../gateway/scripted.ts';

const headers = { host: 'localhost:5010', 'content-type': 'application/json' };

const page = async ({ app }: Pick<Bench, 'app'>, path: string, body?: unknown) => {
  const response = await app.fetch(
    new Request(`http://localhost:5010${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};

const fleet = async (): Promise<Bench> => {
  const given = await bench({ box: { kind: 'ollama' } });
  const script = given.script('box');
  script.models = ['llama3.2:3b', 'qwen3:14b', 'gpt-oss:20b', 'nomic-embed-text'];
  script.loaded = script.models;
  script.infer = answer;
  for (const host of given.app.gateway.fleet.hosts()) await given.app.gateway.discovery.look(host);
  return given;
};

describe('what a request wants', () => {
  test('is told with the words that moved it, the choice and the runner-up', async () => {
    const given = await fleet();
    const messages = [{ role: 'user', content: 'Write a Python function that is not wrong in any case' }];
    const { status, json } = await page(given, '/api/v1/analyze', { messages });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      analysis: { task: { value: 'code' }, language: { value: 'en' } },
      choice: { group: 'auto', chosen: { backend: 'box' }, runnerUp: { backend: 'box' } },
    });
    const words = json.words as { word: string; moves: number }[];
    expect(words.length).toBeGreaterThan(0);
    for (const { word, moves } of words) {
      expect(messages[0]?.content).toContain(word);
      expect(moves).not.toBe(0);
    }
    expect(given.script('box').calls).toHaveLength(0);
  });

  test('is told of a plain prompt and of texts for vectors', async () => {
    const given = await fleet();
    const plain = await page(given, '/api/v1/analyze', { prompt: 'Solve 3x + 7 = 22' });
    expect(plain.json).toMatchObject({ analysis: { task: { value: 'mathematics' } } });
    const vectors = await page(given, '/api/v1/analyze', { input: 'a text' });
    expect(vectors.json).toMatchObject({
      analysis: { task: { value: 'embedding' } },
      choice: { chosen: { model: 'nomic-embed-text' } },
    });
  });

  test('is told of a model that is named, with where it would go', async () => {
    const given = await fleet();
    const { json } = await page(given, '/api/v1/analyze', { model: 'qwen3:14b', prompt: 'hello' });
    expect(json).toMatchObject({ choice: { chosen: { model: 'qwen3:14b', backend: 'box' } } });
  });

  test('is told where nobody can serve it, too', async () => {
    const config = checkConfig({});
    if ('problems' in config) throw new Error('no configuration');
    const app = createApp(config.config as Config);
    const { status, json } = await page({ app }, '/api/v1/analyze', { prompt: 'hello' });
    app.stop();
    expect(status).toBe(200);
    expect(json.choice).toBeUndefined();
    expect(json).toMatchObject({ analysis: { task: { value: 'chat' } } });
  });

  test('is refused for what is no request', async () => {
    const given = await fleet();
    expect((await page(given, '/api/v1/analyze', { prompt: 5 })).status).toBe(400);
    expect((await page(given, '/api/v1/analyze', { model: 'auto:nothing', prompt: 'x' })).status).toBe(400);
  });
});

describe('the groups', () => {
  test('are told with tiers made from what is installed', async () => {
    const { json } = await page(await fleet(), '/api/v1/groups');
    expect(json).toMatchObject({
      groups: [
        {
          name: 'auto',
          thresholds: [0.4, 0.7],
          tiers: [
            { name: 'small', models: ['llama3.2:3b', 'nomic-embed-text'] },
            { name: 'medium', models: ['qwen3:14b'] },
            { name: 'large', models: ['gpt-oss:20b'] },
          ],
        },
      ],
    });
  });
});

describe('feedback', () => {
  const withLog = async (feedback: Record<string, unknown>) => {
    const lines: string[] = [];
    const given = await bench({ box: { kind: 'ollama' } }, { auto: { feedback } }, undefined, undefined, {
      writeFeedback: (_path, line) => lines.push(line),
    });
    const script = given.script('box');
    script.models = ['llama3.2:3b', 'gpt-oss:20b'];
    script.infer = answer;
    for (const host of given.app.gateway.fleet.hosts()) await given.app.gateway.discovery.look(host);
    const ask = async (content: string): Promise<void> => {
      const body = { model: 'auto', stream: true, messages: [{ role: 'user', content }] };
      await (await given.post('/api/chat', body)).text();
    };
    return {
      given,
      lines,
      ask,
      entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    };
  };

  test('is kept with what was decided, and without the prompt', async () => {
    const { given, lines, ask, entries } = await withLog({ path: 'log.jsonl' });
    await ask('Who wrote the Iliad?');
    const { status, json } = await page(given, '/v1/feedback', { request_id: 'request-1', score: 0.9 });
    expect(status).toBe(200);
    expect(json).toMatchObject({ request_id: 'request-1', score: 0.9, model: 'llama3.2:3b', tier: 0 });
    expect(entries()).toMatchObject([
      { kind: 'feedback', score: 0.9, requestId: 'request-1', group: 'auto', model: 'llama3.2:3b', tiers: 2 },
    ]);
    expect(lines.join()).not.toContain('Iliad');
    expect(lines.join()).not.toContain('anonymous');
  });

  test('keeps the prompt where that is allowed', async () => {
    const { given, entries, ask } = await withLog({ path: 'log.jsonl', prompts: true });
    await ask('Who wrote the Iliad?');
    await page(given, '/v1/feedback', { request_id: 'request-1', score: 1 });
    expect(entries()[0]?.prompt).toBe('Who wrote the Iliad?');
  });

  test('is taken from asking the same again', async () => {
    const { entries, ask } = await withLog({ path: 'log.jsonl' });
    await ask('Who wrote the Iliad?');
    await ask('Who wrote the Odyssey?');
    expect(entries()).toEqual([]);
    await ask('Who wrote the Iliad?');
    expect(entries()).toMatchObject([{ kind: 'retry', score: 0.2 }]);
  });

  test('is refused where none is kept, for an unknown request, and for a score that is none', async () => {
    const { given: without } = await withLog({});
    expect((await page(without, '/v1/feedback', { request_id: 'request-1', score: 1 })).status).toBe(404);
    const { given } = await withLog({ path: 'log.jsonl' });
    expect((await page(given, '/v1/feedback', { request_id: 'nobody', score: 1 })).status).toBe(404);
    for (const score of [-1, 2, 'good', undefined])
      expect((await page(given, '/v1/feedback', { request_id: 'request-1', score })).status).toBe(400);
    expect((await page(given, '/v1/feedback', { score: 1 })).status).toBe(400);
  });
});
