import { describe, expect, test } from 'bun:test';
import { answer, type Bench, bench, chat, ollamaLines, saying, servedBy, streamOf } from './scripted.ts';

const outOfMemory = () => Response.json({ error: 'cudaMalloc failed: out of memory' }, { status: 500 });
const crashed = () => Response.json({ error: 'model runner has unexpectedly stopped' }, { status: 500 });

const twins = async (
  config: Record<string, unknown> = {},
  options: Record<string, unknown> = {},
): Promise<Bench> => {
  const given = await bench(
    { a: { kind: 'ollama', slots: 4, ...options }, b: { kind: 'ollama', slots: 4, ...options } },
    config,
  );
  for (const id of ['a', 'b']) {
    given.script(id).infer = answer;
    given.script(id).loaded = ['m:latest'];
  }
  await given.clock.advance(7_000);
  return given;
};

const turnOf = (first: string, turns: number) =>
  chat('m', {
    messages: Array.from({ length: 2 * turns - 1 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: `${first} turn ${index} ${'words and more words '.repeat(40)}`,
    })),
  });

describe('a conversation', () => {
  test('stays on its host by its beginning, while others go elsewhere', async () => {
    const { post } = await twins();
    const hosts = new Set<string | null>();
    for (let conversation = 0; conversation < 12; conversation += 1) {
      const served = new Set<string | null>();
      for (let turn = 1; turn <= 4; turn += 1) {
        served.add(await servedBy(post('/api/chat', turnOf(`conversation ${conversation}`, turn))));
      }
      expect(served.size).toBe(1);
      for (const host of served) hosts.add(host);
    }
    expect(hosts.size).toBe(2);
  });

  test('stays on its host by its session, whatever it says', async () => {
    const { post } = await twins({ affinity: { prefixes: false } });
    for (const session of ['one', 'two', 'three', 'four']) {
      const served = new Set<string | null>();
      for (let turn = 0; turn < 4; turn += 1) {
        served.add(await servedBy(post('/api/chat', chat(), saying({ 'x-pointsman-session': session }))));
      }
      expect(served.size).toBe(1);
    }
  });

  test('goes elsewhere when its host is gone, and on from there', async () => {
    const { post, script } = await twins();
    const home = await servedBy(post('/api/chat', turnOf('moving', 1)));
    const other = home === 'a' ? 'b' : 'a';
    script(home ?? '').infer = crashed;
    expect(await servedBy(post('/api/chat', turnOf('moving', 2)))).toBe(other);
    script(home ?? '').infer = answer;
    expect(await servedBy(post('/api/chat', turnOf('moving', 3)))).toBe(other);
  });

  test('that is heavy work belongs to no host', async () => {
    const { post, app } = await twins();
    await servedBy(post('/api/chat', { ...turnOf('heavy', 3), intent: 'heavy' }));
    const record = app.gateway.decisions.get('request-1');
    expect(record?.rounds[0]?.snapshot.candidates.map(({ affinity }) => affinity)).toEqual([0, 0]);
  });
});

describe('a model that does not fit', () => {
  test('is pinned away from its host and served elsewhere, without a breaker', async () => {
    const { post, script, app, clock } = await bench({
      a: { kind: 'ollama', priority: 1 },
      b: { kind: 'ollama', priority: 2 },
    });
    script('a').infer = outOfMemory;
    script('b').infer = answer;
    expect(await servedBy(post('/api/chat', chat()))).toBe('b');
    await clock.advance(300_000);
    expect(await servedBy(post('/api/chat', chat()))).toBe('b');
    expect(script('a').calls.length).toBe(1);
    const pair = app.gateway.fleet.host('a')?.pairs.get('m:latest')?.health;
    expect(pair?.pin?.times).toBe(1);
    expect(pair?.breaker.state).toBe('closed');
    await clock.advance(400_000);
    script('a').infer = answer;
    expect(await servedBy(post('/api/chat', chat()))).toBe('a');
  });

  test('leaves the other models of the host cold in the eyes of the planner at once', async () => {
    const given = await bench({ a: { kind: 'ollama', priority: 1 }, b: { kind: 'ollama', priority: 2 } });
    const { script, app, clock, post } = given;
    script('a').models = ['m:latest', 'other:latest'];
    script('a').loaded = ['other:latest'];
    script('b').infer = answer;
    await clock.advance(7_000);
    const other = () => {
      const found = app.gateway.decisions.get('request-1');
      return found?.rounds[0]?.snapshot.candidates[0]?.residency.state;
    };
    script('a').infer = answer;
    await servedBy(post('/api/chat', chat('other')));
    expect(other()).toBe('hot');
    script('a').infer = outOfMemory;
    await servedBy(post('/api/chat', chat('m')));
    script('a').infer = answer;
    await servedBy(post('/api/chat', chat('other')));
    expect(other()).toBe('cold');
  });
});

describe('a pair that was set aside', () => {
  test('is tried by one real request while the others go elsewhere', async () => {
    const given = await bench(
      { a: { kind: 'ollama', slots: 4, priority: 1 }, b: { kind: 'ollama', slots: 4, priority: 2 } },
      { strategy: 'priority' },
    );
    const { post, script, clock } = given;
    script('a').infer = crashed;
    script('b').infer = answer;
    for (let count = 0; count < 3; count += 1) await servedBy(post('/api/chat', chat()));
    const failed = script('a').calls.length;
    await clock.advance(7_000);
    script('a').infer = () => new Promise(() => undefined);
    void post('/api/chat', chat());
    await clock.advance(1);
    const others = [post('/api/chat', chat()), post('/api/chat', chat())];
    for (const other of others) expect(await servedBy(other)).toBe('b');
    expect(script('a').calls.length).toBe(failed + 1);
  });

  test('gives its place as the one that is tried back when its client leaves', async () => {
    const { post, script, clock, app } = await bench({ a: { kind: 'ollama', slots: 4 } });
    script('a').infer = crashed;
    for (let count = 0; count < 3; count += 1) await post('/api/chat', chat());
    await clock.advance(7_000);
    script('a').infer = () => new Promise(() => undefined);
    const leaving = new AbortController();
    const left = post('/api/chat', chat(), { signal: leaving.signal });
    await clock.advance(30);
    leaving.abort();
    await clock.advance(0);
    await left;
    expect(app.gateway.fleet.host('a')?.pairs.get('m:latest')?.health.breaker).toMatchObject({
      probe: undefined,
    });
    script('a').infer = answer;
    expect(await servedBy(post('/api/chat', chat()))).toBe('a');
  });

  test('is asked as a last resort at most once a second where it is the only one', async () => {
    const { post, script, clock } = await bench({ a: { kind: 'ollama', slots: 4 } });
    script('a').infer = crashed;
    for (let count = 0; count < 3; count += 1) await post('/api/chat', chat());
    const failed = script('a').calls.length;
    const refused = await post('/api/chat', chat());
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(script('a').calls.length).toBeLessThanOrEqual(failed + 1);
    await clock.advance(1_100);
    script('a').infer = answer;
    expect(await servedBy(post('/api/chat', chat()))).toBe('a');
  });
});

test('what a limit asks for is kept, and told to those who would come back sooner', async () => {
  const { post, script, clock } = await bench({ a: { kind: 'ollama' } });
  script('a').infer = () =>
    Response.json({ error: 'slow down' }, { status: 429, headers: { 'retry-after': '20' } });
  const limited = await post('/api/chat', chat());
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '20']);
  await clock.advance(15_000);
  script('a').infer = answer;
  expect((await post('/api/chat', chat())).status).toBe(503);
  await clock.advance(6_000);
  expect(await servedBy(post('/api/chat', chat()))).toBe('a');
});

test('second attempts are paid from a budget, so that a fleet in trouble is not asked twice for everything', async () => {
  const { post, script } = await bench(
    { a: { kind: 'ollama', priority: 1 }, b: { kind: 'ollama', priority: 2 } },
    { retryBudget: { tokens: 2, perRequest: 0, perSecond: 0 }, breaker: { failures: 1000 } },
  );
  for (const id of ['a', 'b']) script(id).infer = () => new Response(streamOf());
  for (let count = 0; count < 4; count += 1) await post('/api/chat', chat());
  expect(script('a').calls.length + script('b').calls.length).toBe(6);
});

test('traffic moves away from a host that is measured to be slow', async () => {
  const given = await bench({ a: { kind: 'ollama', slots: 4 }, b: { kind: 'ollama', slots: 4 } });
  const { script, post, clock } = given;
  for (const id of ['a', 'b']) script(id).loaded = ['m:latest'];
  await clock.advance(7_000);
  const done = (tokensPerSecond: number) =>
    `${JSON.stringify({ model: 'm', created_at: 't', message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 200, prompt_eval_duration: (200 / tokensPerSecond / 10) * 1e9, eval_count: 200, eval_duration: (200 / tokensPerSecond) * 1e9 })}\n`;
  const speeds: Record<string, number> = { a: 100, b: 100 };
  for (const id of ['a', 'b']) {
    script(id).infer = () =>
      new Promise((resolve) => {
        const speed = speeds[id] ?? 1;
        clock.after((200 / speed) * 1100, () =>
          resolve(new Response(streamOf(ollamaLines.text('hello'), done(speed)))),
        );
      });
  }
  const burst = async (): Promise<number> => {
    const before = script('a').calls.length;
    for (let count = 0; count < 10; count += 1) {
      await given.clock.until(
        servedBy(
          post('/api/chat', chat('m', { messages: [{ role: 'user', content: `question ${count}` }] })),
        ),
      );
    }
    return script('a').calls.length - before;
  };
  const fair = await burst();
  expect(fair).toBeGreaterThan(1);
  speeds.a = 5;
  await burst();
  expect(await burst()).toBeLessThanOrEqual(2);
});
