import { describe, expect, test } from 'bun:test';
import {
  answer,
  type Bench,
  bench,
  type Call,
  chat,
  handStream,
  ollamaLines,
  saying,
  servedBy,
  streamOf,
} from './scripted.ts';

const crashed = () => Response.json({ error: 'model runner has unexpectedly stopped' }, { status: 500 });
const odd = () => Response.json({ error: 'something odd' }, { status: 500 });
const never = (): Promise<Response> => new Promise(() => undefined);
const refusing = (): never => {
  throw Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' });
};

const inOrder = { strategy: 'priority' };

const two = (config: Record<string, unknown> = inOrder): Promise<Bench> =>
  bench(
    { a: { kind: 'ollama', slots: 4, priority: 1 }, b: { kind: 'ollama', slots: 4, priority: 2 } },
    config,
  );

const pairOf = ({ app }: Bench, host: string) => {
  const pair = app.gateway.fleet.host(host)?.pairs.get('m:latest');
  if (pair === undefined) throw new Error(`${host} has no such pair`);
  return pair;
};

const lastRounds = ({ app }: Bench) => app.gateway.decisions.get('request-1')?.rounds ?? [];

const candidateOf = (given: Bench, host: string, round = 0) =>
  lastRounds(given)[round]?.snapshot.candidates.find(({ backend }) => backend === host);

/** Opens the breaker of a host's pair, however many hosts stand beside it. */
const openBreaker = async (given: Bench, host: string): Promise<void> => {
  given.script(host).infer = crashed;
  for (let count = 0; count < 2; count += 1) await given.post('/api/chat', chat());
  expect(pairOf(given, host).health.breaker.state).toBe('open');
};

describe('a second attempt', () => {
  test('never goes to the host that failed the first, however well that is liked', async () => {
    const given = await two();
    given.script('a').infer = odd;
    given.script('b').infer = answer;
    expect(await servedBy(given.post('/api/chat', chat()))).toBe('b');
    expect(given.script('a').calls.length).toBe(1);
  });

  test('of a request that stays local stays local', async () => {
    const { post, script } = await bench(
      {
        cloud: { kind: 'ollama', zone: 'cloud', priority: 1 },
        home: { kind: 'ollama', priority: 2 },
        shed: { kind: 'ollama', priority: 3 },
      },
      inOrder,
    );
    for (const id of ['home', 'shed']) script(id).infer = odd;
    script('cloud').infer = answer;
    const response = await post('/api/chat', chat(), saying({ 'x-pointsman-zone': 'local' }));
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect([script('home').calls.length, script('shed').calls.length]).toEqual([1, 1]);
    expect(script('cloud').calls.length).toBe(0);
  });

  test('is earned by first ones', async () => {
    const { post, script } = await two({
      ...inOrder,
      retryBudget: { tokens: 1, perRequest: 0.5, perSecond: 0 },
      breaker: { failures: 1000 },
    });
    for (const id of ['a', 'b']) script(id).infer = odd;
    for (let count = 0; count < 5; count += 1) await post('/api/chat', chat());
    expect(script('b').calls.length).toBe(3);
  });
});

describe('a last resort', () => {
  test('leads no request out of its zone', async () => {
    const given = await bench(
      {
        cloud: { kind: 'ollama', slots: 4, zone: 'cloud', priority: 1 },
        home: { kind: 'ollama', slots: 4, priority: 2 },
      },
      inOrder,
    );
    const { post, script, clock } = given;
    script('home').infer = crashed;
    await openBreaker(given, 'cloud');
    expect(pairOf(given, 'home').health.breaker.state).toBe('open');
    const asked = script('cloud').calls.length;
    await clock.advance(1_100);
    await post('/api/chat', chat(), saying({ 'x-pointsman-zone': 'local' }));
    expect(script('cloud').calls.length).toBe(asked);
    expect(script('home').calls.length).toBeGreaterThan(2);
  });
});

describe('a slot', () => {
  test('is free again after a whole answer', async () => {
    const { post, script, app } = await bench({ a: { kind: 'ollama', slots: 1 } });
    const whole = { model: 'm', message: { role: 'assistant', content: 'x' }, done: true };
    script('a').infer = () => Response.json(whole);
    await (await post('/api/chat', chat('m', { stream: false }))).text();
    expect(app.gateway.fleet.host('a')?.inflight).toBe(0);
  });

  test('is free again after a request that cannot be said to its host, a trial too', async () => {
    const given = await bench({ a: { kind: 'openai-compatible', slots: 4 } });
    const { post, script, app, clock } = given;
    script('a').models = ['m:latest'];
    await openBreaker(given, 'a');
    await clock.advance(7_000);
    const unsayable = { model: 'm:latest', prompt: 'a', raw: true, images: ['aGk='] };
    const response = await post('/api/generate', unsayable);
    expect([response.status, script('a').calls.length]).toEqual([422, 2]);
    expect(app.gateway.fleet.host('a')?.inflight).toBe(0);
    expect(pairOf(given, 'a').health.breaker).not.toMatchObject({ probe: expect.any(Number) });
  });

  test('that was waited for tells how long', async () => {
    const { post, script, clock } = await bench({ a: { kind: 'ollama', slots: 1 } });
    const first = handStream();
    script('a').infer = () => new Response(first.body);
    const running = post('/api/chat', chat());
    await clock.advance(1);
    const waiting = post('/api/chat', chat());
    await clock.advance(3_000);
    script('a').infer = answer;
    first.push(ollamaLines.done);
    first.close();
    await (await running).text();
    expect((await waiting).headers.get('x-pointsman-queue-ms')).toBe('3000');
  });

  test('of a pair on its way back is given one by one, and again after each answer', async () => {
    const given = await two();
    const { post, script, clock } = given;
    script('b').infer = answer;
    await openBreaker(given, 'a');
    await clock.advance(7_000);
    script('a').infer = answer;
    for (let count = 0; count < 2; count += 1) expect(await servedBy(post('/api/chat', chat()))).toBe('a');
    expect(pairOf(given, 'a').health.breaker.state).toBe('ramp');
    expect(await servedBy(post('/api/chat', chat()))).toBe('a');
    script('a').infer = never;
    void post('/api/chat', chat());
    await clock.advance(1);
    expect(await servedBy(post('/api/chat', chat()))).toBe('b');
  });
});

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

test('who waits is asked again after a while, whether anything happened or not', async () => {
  const given = await bench(
    { a: { kind: 'ollama', slots: 1, priority: 2 }, b: { kind: 'ollama', slots: 1, priority: 1 } },
    { ...inOrder, probe: { intervalMs: 60_000 } },
  );
  const { post, script, clock } = given;
  script('b').infer = () => Response.json({ error: 'server busy, please try again' }, { status: 503 });
  script('a').infer = never;
  void post('/api/chat', chat());
  await clock.advance(1);
  script('b').infer = answer;
  const waiting = post('/api/chat', chat());
  await clock.advance(1);
  expect(given.app.gateway.slots.waiting()).toBe(1);
  await clock.advance(3_000);
  expect(given.app.gateway.slots.waiting()).toBe(0);
  expect(await servedBy(waiting)).toBe('b');
});

test('who waits is asked again as soon as the mode is another one', async () => {
  const given = await two();
  const { gateway } = given.app;
  gateway.setMode('single');
  given.script('a').infer = never;
  for (let count = 0; count < 5; count += 1) void given.post('/api/chat', chat());
  await given.clock.advance(1);
  expect(gateway.slots.waiting()).toBe(1);
  gateway.setMode('hybrid');
  expect(gateway.slots.waiting()).toBe(0);
});

test('another Pointsman is told of the session, so that it keeps it too', async () => {
  const { post, script } = await bench({ next: { kind: 'peer' } });
  script('next').infer = answer;
  await servedBy(post('/api/chat', chat(), saying({ 'x-pointsman-session': 'work' })));
  expect(script('next').calls[0]?.headers['x-pointsman-session']).toBe('work');
});

test('dice keep apart what failed together, and the beats of checks', async () => {
  const times = { opened: new Set<number>(), looked: new Set<number>() };
  for (const dice of [0.1, 0.9]) {
    const given = await bench({ a: { kind: 'ollama', slots: 4 } }, {}, () => dice);
    await openBreaker(given, 'a');
    const { breaker } = pairOf(given, 'a').health;
    if (breaker.state === 'open') times.opened.add(breaker.until - given.clock.now());
    const host = given.app.gateway.fleet.host('a');
    const before = host?.lookedAt ?? 0;
    await given.clock.advance(8_000);
    times.looked.add((host?.lookedAt ?? 0) - before);
  }
  expect([times.opened.size, times.looked.size]).toEqual([2, 2]);
});
