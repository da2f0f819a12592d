import { describe, expect, test } from 'bun:test';
import { good, later, never, readAll } from './late-answers.ts';
import { bench, chat, handStream, ollamaLines, streamOf } from './scripted.ts';

describe('the phases have their own timers', () => {
  test('a host that sends no headers and answers nothing else is a black hole and given up', async () => {
    const given = await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama', priority: 2 } });
    given.script('a').infer = (call) => {
      given.script('a').alive = false;
      void call;
      return never();
    };
    given.script('b').infer = good;
    const response = await given.clock.until(given.post('/api/chat', chat()));
    expect(response.headers.get('x-pointsman-backend')).toBe('b');
    expect(given.clock.now()).toBeLessThan(7000);
  });

  test('a first token that never comes moves the request on when another host is left', async () => {
    const given = await bench({ a: { kind: 'ollama' }, b: { kind: 'ollama', priority: 2 } });
    given.script('a').infer = never;
    given.script('b').infer = good;
    const response = await given.clock.until(given.post('/api/chat', chat()));
    expect(await readAll(given, response)).toContain('hello');
    expect(given.clock.now()).toBeGreaterThanOrEqual(300_000);
    expect(given.script('a').calls[0]?.closed).toBe(true);
  });

  test('the last host there is is waited for longer than that', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = later(given, 900_000, good);
    const response = await given.clock.until(given.post('/api/chat', chat()));
    expect(await readAll(given, response)).toContain('hello');
  });

  test('a stream that stalls is ended with an error and its host is freed', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = (call) => {
      const stream = handStream(call);
      stream.push(ollamaLines.text('hel'));
      return new Response(stream.body);
    };
    const response = await given.post('/api/chat', chat());
    const body = await readAll(given, response);
    expect(Object.keys(JSON.parse(body.trimEnd().split('\n').at(-1) ?? ''))).toEqual(['error']);
    expect(given.script('a').calls[0]?.closed).toBe(true);
    expect(given.app.gateway.fleet.host('a')?.inflight).toBe(0);
  });

  test('a client that reads slowly is not a stalled host', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = () =>
      new Response(streamOf(ollamaLines.text('one'), ollamaLines.text('two'), ollamaLines.done));
    const response = await given.post('/api/chat', chat());
    const reader = response.body?.getReader();
    await reader?.read();
    await given.clock.advance(50_000);
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('two');
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('"done":true');
    expect((await reader?.read())?.done).toBe(true);
  });

  test('a client that reads nothing for a minute loses its slot', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = (call) => {
      const stream = handStream(call);
      for (let count = 0; count < 10; count += 1) stream.push(ollamaLines.text('more'));
      return new Response(stream.body);
    };
    const response = await given.post('/api/chat', chat());
    await response.body?.getReader().read();
    await given.clock.advance(120_000);
    expect(given.script('a').calls[0]?.closed).toBe(true);
    expect(given.app.gateway.fleet.host('a')?.inflight).toBe(0);
  });

  test('a host that keeps the connection after its last line does not keep the client', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = (call) => {
      const stream = handStream(call);
      stream.push(ollamaLines.text('hello'));
      stream.push(ollamaLines.done);
      return new Response(stream.body);
    };
    const response = await given.post('/api/chat', chat());
    const body = await readAll(given, response);
    expect(body).toContain('"done":true');
    expect(body).not.toContain('error');
    expect(given.app.gateway.fleet.host('a')?.inflight).toBe(0);
  });

  test('a total time, where set, ends even a lively stream', async () => {
    const given = await bench({ a: { kind: 'ollama' } }, { timeouts: { totalMs: 30_000 } });
    given.script('a').infer = (call) => {
      const stream = handStream(call);
      const more = (): void => {
        stream.push(ollamaLines.text('more'));
        if (!call.closed) given.clock.after(1000, more);
      };
      more();
      return new Response(stream.body);
    };
    const response = await given.post('/api/chat', chat());
    const body = await readAll(given, response);
    expect(given.clock.now()).toBeLessThan(32_000);
    expect(Object.keys(JSON.parse(body.trimEnd().split('\n').at(-1) ?? ''))).toEqual(['error']);
  });
});

describe('the queue', () => {
  test('requests beyond the slots are served in their order, each by the host that gets free', async () => {
    const given = await bench({
      a: { kind: 'ollama', slots: 1 },
      b: { kind: 'ollama', slots: 1, priority: 2 },
    });
    for (const id of ['a', 'b']) given.script(id).infer = later(given, id === 'a' ? 1000 : 3000, good);
    const order: string[] = [];
    const answers = [1, 2, 3, 4].map(async (number) => {
      const response = await given.post('/api/chat', chat('m', { options: { seed: number } }));
      await response.text();
      order.push(`${number}${response.headers.get('x-pointsman-backend')}`);
    });
    await given.clock.until(Promise.all(answers));
    expect(order).toEqual(['1a', '3a', '2b', '4a']);
  });

  test('a full queue answers 503 with a time to come back and the state of each host', async () => {
    const given = await bench({ a: { kind: 'ollama', slots: 1 } }, { queue: { maxRequests: 1 } });
    given.script('a').infer = never;
    void given.post('/api/chat', chat());
    await given.clock.advance(1);
    void given.post('/api/chat', chat());
    await given.clock.advance(1);
    const refused = await given.post('/api/chat', chat());
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(((await refused.json()) as { error: string }).error).toContain('a: 1 of 1 slots in use');
  });

  test('the bodies that wait are bounded in bytes too', async () => {
    const given = await bench({ a: { kind: 'ollama', slots: 1 } }, { queue: { maxBodyBytes: 500 } });
    given.script('a').infer = never;
    void given.post('/api/chat', chat());
    await given.clock.advance(1);
    const refused = await given.post(
      '/api/chat',
      chat('m', { messages: [{ role: 'user', content: 'x'.repeat(1000) }] }),
    );
    expect(refused.status).toBe(503);
  });

  test('who waits too long is told so', async () => {
    const given = await bench({ a: { kind: 'ollama', slots: 1 } }, { queue: { maxWaitMs: 2000 } });
    given.script('a').infer = never;
    void given.post('/api/chat', chat());
    await given.clock.advance(1);
    const refused = await given.clock.until(given.post('/api/chat', chat()));
    expect(refused.status).toBe(503);
    expect(given.app.gateway.slots.waiting()).toBe(0);
  });

  test('who waits takes a host that comes back', async () => {
    const given = await bench({ a: { kind: 'ollama', slots: 1 }, b: { kind: 'ollama', slots: 1 } });
    given.script('b').alive = false;
    await given.clock.advance(13_000);
    expect(given.app.gateway.fleet.host('b')?.health.state).toBe('down');
    given.script('a').infer = never;
    given.script('b').infer = good;
    void given.post('/api/chat', chat());
    await given.clock.advance(1);
    const waiting = given.post('/api/chat', chat());
    await given.clock.advance(1);
    given.script('b').alive = true;
    await given.clock.advance(7000);
    expect((await waiting).headers.get('x-pointsman-backend')).toBe('b');
  });
});

describe('draining', () => {
  test('new work is refused, running work ends by itself', async () => {
    const given = await bench({ a: { kind: 'ollama', slots: 4 } });
    given.script('a').infer = later(given, 2000, good);
    const running = given.post('/api/chat', chat());
    await given.clock.advance(1);
    const drained = given.app.drain(30_000);
    const refused = await given.post('/api/chat', chat());
    expect(refused.status).toBe(503);
    expect(refused.headers.has('retry-after')).toBe(true);
    expect(await readAll(given, await given.clock.until(running))).toContain('hello');
    await given.clock.until(drained);
    expect(given.clock.now()).toBeLessThan(5000);
  });

  test('a stream that outlasts the time ends with an error, never cleanly', async () => {
    const given = await bench({ a: { kind: 'ollama' } });
    given.script('a').infer = (call) => {
      const stream = handStream(call);
      stream.push(ollamaLines.text('hel'));
      return new Response(stream.body);
    };
    const response = await given.post('/v1/chat/completions', chat());
    const body = response.text();
    const drained = given.app.drain(1000);
    await given.clock.until(drained);
    expect(await body).toContain('data: {"error":');
    expect(await body).not.toContain('[DONE]');
    expect(given.script('a').calls[0]?.closed).toBe(true);
  });
});
