import { describe, expect, test } from 'bun:test';
import { answer, bench, chat, handStream, ollamaLines, saying, servedBy } from './scripted.ts';
import { crashed, inOrder, never, odd, openBreaker, pairOf, two } from './wired.ts';

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
    const unsayable = { model: 'm:latest', prompt: 'a', raw: true, images: ['iVBORw0KGgo='] };
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

describe('what runs of a model that its host stopped listing', () => {
  test('still holds its slot when the host lists it again', async () => {
    const { app, post, script } = await bench({ a: { kind: 'ollama' } });
    const stream = handStream();
    script('a').infer = () => new Response(stream.body);
    const host = app.gateway.fleet.host('a');
    if (host === undefined) throw new Error('no host');
    const served = post('/api/chat', chat());
    stream.push(ollamaLines.text('hello'));
    const response = await served;
    for (const models of [['n:latest'], ['m:latest', 'n:latest']]) {
      script('a').models = models;
      await app.gateway.discovery.look(host);
      expect(host.pairs.get('m:latest')?.inflight).toBe(1);
    }
    stream.push(ollamaLines.done);
    stream.close();
    await response.text();
    expect(host.pairs.get('m:latest')?.inflight).toBe(0);
    script('a').models = ['n:latest'];
    await app.gateway.discovery.look(host);
    expect([...host.pairs.keys()]).toEqual(['n:latest']);
  });
});
