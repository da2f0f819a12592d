import { describe, expect, test } from 'bun:test';
import {
  answer,
  bench,
  type Call,
  chat,
  handStream,
  ollamaLines,
  saying,
  servedBy,
  streamOf,
} from './scripted.ts';
import { candidateOf, inOrder, lastRounds, never, odd, openBreaker, pairOf, refusing, two } from './wired.ts';

describe('what an attempt teaches', () => {
  test('is that a host is down when it refuses connections and says nothing else', async () => {
    const { post, script, app } = await two();
    Object.assign(script('a'), { infer: refusing, alive: false });
    script('b').infer = answer;
    expect(await servedBy(post('/api/chat', chat()))).toBe('b');
    expect(app.gateway.fleet.host('a')?.health.state).toBe('down');
  });

  test('is that a host is up when its content comes, whatever its checks say', async () => {
    const { post, script, app, clock } = await bench({ a: { kind: 'ollama' } });
    const stream = handStream();
    script('a').infer = () => new Response(stream.body);
    const running = post('/api/chat', chat());
    script('a').alive = false;
    await clock.advance(15_000);
    expect(app.gateway.fleet.host('a')?.health.state).toBe('down');
    stream.push(ollamaLines.text('x'));
    await clock.advance(1);
    expect(app.gateway.fleet.host('a')?.health.state).toBe('up');
    stream.close();
    await (await running).text();
  });

  test('is how reliable the pair is', async () => {
    const given = await two();
    given.script('a').infer = odd;
    given.script('b').infer = answer;
    for (let count = 0; count < 2; count += 1) await servedBy(given.post('/api/chat', chat()));
    expect(candidateOf(given, 'a')?.reliability).toBeLessThan(0.9);
    expect(candidateOf(given, 'b')?.reliability).toBe(1);
  });

  test('is forgotten neither way: many that were well outweigh a few that were not', async () => {
    const given = await bench({ a: { kind: 'ollama' } }, { breaker: { failures: 1000 } });
    given.script('a').infer = answer;
    for (let count = 0; count < 20; count += 1) await servedBy(given.post('/api/chat', chat()));
    given.script('a').infer = odd;
    for (let count = 0; count < 12; count += 1) await given.post('/api/chat', chat());
    expect(pairOf(given, 'a').health.breaker.state).toBe('closed');
  });

  test('counts against the pair where its stream broke', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = () => new Response(streamOf(ollamaLines.text('x'), ollamaLines.error('odd')));
    for (let count = 0; count < 3; count += 1) await (await given.post('/api/chat', chat())).text();
    expect(pairOf(given, 'a').health.breaker.state).toBe('open');
  });

  test('ends a trial with the first content, not with the end of a long answer', async () => {
    const given = await two();
    const { post, script, clock } = given;
    script('b').infer = answer;
    await openBreaker(given, 'a');
    await clock.advance(7_000);
    script('a').infer = () => {
      const stream = handStream();
      stream.push(ollamaLines.text('x'));
      return new Response(stream.body);
    };
    const running = await post('/api/chat', chat());
    script('a').infer = answer;
    expect(await servedBy(post('/api/chat', chat()))).toBe('a');
    await running.body?.cancel();
  });

  test('is that a model which is missing is back when the listing changes', async () => {
    const { post, script, clock } = await two();
    script('a').infer = () => Response.json({ error: "model 'm' not found" }, { status: 404 });
    script('b').infer = answer;
    expect(await servedBy(post('/api/chat', chat()))).toBe('b');
    script('a').infer = answer;
    await clock.advance(7_000);
    expect(await servedBy(post('/api/chat', chat()))).toBe('b');
    script('a').models = ['m:latest', 'new:latest'];
    await clock.advance(7_000);
    expect(await servedBy(post('/api/chat', chat()))).toBe('a');
  });

  test('of memory says nothing of a context that is smaller', async () => {
    const { post, script } = await two();
    script('a').infer = ({ body }: Call) =>
      JSON.stringify(body).includes('32768')
        ? Response.json({ error: 'cudaMalloc failed: out of memory' }, { status: 500 })
        : answer();
    script('b').infer = answer;
    const asking = (contextTokens: number) =>
      servedBy(post('/api/chat', chat('m', { options: { num_ctx: contextTokens } })));
    expect(await asking(32_768)).toBe('b');
    expect(await asking(4096)).toBe('a');
    expect(await asking(32_768)).toBe('b');
  });

  test('while it is late already is that the host is slow', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').loaded = ['m:latest'];
    await given.clock.advance(7_000);
    const before = pairOf(given, 'a').rates.firstTokenRatio;
    given.script('a').infer = never;
    void given.post('/api/chat', chat());
    await given.clock.advance(30_000);
    expect(pairOf(given, 'a').rates.firstTokenRatio).toBeGreaterThan(before);
  });
});

describe('the planner sees', () => {
  test('a load that goes on, also when it takes longer than was expected', async () => {
    const given = await bench({ a: { kind: 'ollama', slots: 4 } });
    given.script('a').infer = never;
    given.script('a').load = never;
    void given.post('/api/chat', chat());
    for (const delayMs of [1, 150_000]) {
      await given.clock.advance(delayMs);
      void given.post('/api/chat', chat());
      await given.clock.advance(1);
      const residency = candidateOf(given, 'a')?.residency;
      expect(residency).toMatchObject({ state: 'loading' });
      expect(residency?.state === 'loading' && residency.remainingMs).toBeGreaterThan(0);
    }
  });

  test('a load that an engine starts by itself', async () => {
    const given = await bench({ a: { kind: 'openai-compatible', slots: 4 } });
    const script = given.script('a');
    script.models = ['m:latest', 'n:latest'];
    await given.clock.advance(7_000);
    script.infer = () => Response.json({ error: 'cudaMalloc failed: out of memory' }, { status: 500 });
    await (await given.post('/api/chat', chat('n'))).text();
    script.infer = never;
    const seen = [];
    for (let count = 0; count < 2; count += 1) {
      void given.post('/api/chat', chat());
      await given.clock.advance(1);
      seen.push(candidateOf(given, 'a')?.residency.state);
    }
    expect(seen).toEqual(['cold', 'loading']);
  });

  test('the deadline of a request', async () => {
    const given = await bench({ a: { kind: 'ollama' } }, { timeouts: { totalMs: 9_000 } });
    given.script('a').infer = answer;
    const arrivedAt = given.clock.now();
    await servedBy(given.post('/api/chat', chat()));
    expect(lastRounds(given)[0]?.ask.deadlineAt).toBe(arrivedAt + 9_000);
  });

  test('the sessions of two keys as two, although they have one name', async () => {
    const keys = ['alice', 'bob'].map((name) => ({ name, key: `${name}-has-a-long-key` }));
    const given = await two({ ...inOrder, auth: { keys } });
    given.script('a').infer = answer;
    const sessions = new Set<string | undefined>();
    for (const { key } of keys) {
      const headers = { authorization: `Bearer ${key}`, 'x-pointsman-session': 'work' };
      await servedBy(given.post('/api/chat', chat(), saying(headers)));
      sessions.add(lastRounds(given)[0]?.ask.sessionKey);
    }
    expect([sessions.size, sessions.has(undefined)]).toEqual([2, false]);
  });

  test('no place for a conversation on a host that is down or failed it just now', async () => {
    const options = { kind: 'ollama', slots: 4 };
    const given = await bench({ a: options, b: options, c: options });
    for (const id of ['a', 'b', 'c']) given.script(id).infer = answer;
    const asked = () => given.post('/api/chat', chat(), saying({ 'x-pointsman-session': 'work' }));
    const home = (await servedBy(asked())) ?? '';
    await servedBy(asked());
    expect(candidateOf(given, home)?.affinity).toBeGreaterThan(0);
    given.script(home).infer = odd;
    await servedBy(asked());
    expect(candidateOf(given, home, 1)?.affinity).toBe(0);
    Object.assign(given.script(home), { infer: refusing, alive: false });
    await given.clock.advance(20_000);
    await servedBy(asked());
    expect(candidateOf(given, home)?.host.state).toBe('down');
    expect(candidateOf(given, home)?.affinity).toBe(0);
  });
});
