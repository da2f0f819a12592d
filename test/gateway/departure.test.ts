import { describe, expect, test } from 'bun:test';
import { type Bench, bench, chat, handStream, ollamaLines } from './scripted.ts';

const oneHost = (): Promise<Bench> => bench({ a: { kind: 'ollama', slots: 1 } });

const never = (): Promise<Response> => new Promise(() => undefined);

describe('a client that leaves frees the host at once', () => {
  test('before headers', async () => {
    const { post, script, app, clock } = await oneHost();
    script('a').infer = never;
    const leaving = new AbortController();
    const answer = post('/api/chat', chat(), { signal: leaving.signal });
    await clock.advance(100);
    expect(script('a').calls[0]?.closed).toBe(false);
    leaving.abort();
    await clock.advance(0);
    expect(script('a').calls[0]?.closed).toBe(true);
    expect((await answer).status).toBe(499);
    expect(app.gateway.active.running()).toBe(0);
    expect(app.gateway.fleet.host('a')?.inflight).toBe(0);
  });

  test('after headers and before content', async () => {
    const { post, script, app, clock } = await oneHost();
    script('a').infer = (call) => new Response(handStream(call).body);
    const leaving = new AbortController();
    const answer = post('/api/chat', chat(), { signal: leaving.signal });
    await clock.advance(100);
    leaving.abort();
    await clock.advance(0);
    expect(script('a').calls[0]?.closed).toBe(true);
    await answer;
    expect(app.gateway.fleet.host('a')?.inflight).toBe(0);
  });

  test('in the middle of a stream, by canceling it', async () => {
    const { post, script, app, clock } = await oneHost();
    script('a').infer = (call) => {
      const stream = handStream(call);
      stream.push(ollamaLines.text('hel'));
      return new Response(stream.body);
    };
    const response = await post('/api/chat', chat());
    const reader = response.body?.getReader();
    await reader?.read();
    expect(app.gateway.fleet.host('a')?.inflight).toBe(1);
    await reader?.cancel();
    await clock.advance(0);
    expect(script('a').calls[0]?.closed).toBe(true);
    expect(script('a').calls[0]?.signal.aborted).toBe(true);
    expect(app.gateway.fleet.host('a')?.inflight).toBe(0);
  });

  test('while it waits for a slot', async () => {
    const { post, script, app, clock } = await oneHost();
    script('a').infer = never;
    void post('/api/chat', chat());
    await clock.advance(1);
    const leaving = new AbortController();
    const waiting = post('/api/chat', chat(), { signal: leaving.signal });
    await clock.advance(1);
    expect(app.gateway.slots.waiting()).toBe(1);
    leaving.abort();
    // Who leaves in the first moment is noticed at the end of it.
    await clock.advance(25);
    expect(app.gateway.slots.waiting()).toBe(0);
    expect((await waiting).status).toBe(499);
    expect(script('a').calls.length).toBe(1);
  });

  test('behind a heartbeat, by canceling the stream', async () => {
    const { post, script, app, clock } = await oneHost();
    script('a').infer = never;
    const response = await clock.until(post('/api/chat', chat()));
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await clock.advance(0);
    expect(script('a').calls[0]?.closed).toBe(true);
    expect(app.gateway.fleet.host('a')?.inflight).toBe(0);
    expect(app.gateway.active.running()).toBe(0);
  });

  test('and counts for nothing against the host', async () => {
    const { post, script, app, clock } = await oneHost();
    script('a').infer = never;
    for (let count = 0; count < 5; count += 1) {
      const leaving = new AbortController();
      const answer = post('/api/chat', chat(), { signal: leaving.signal });
      await clock.advance(10);
      leaving.abort();
      await clock.until(answer);
    }
    expect(app.gateway.fleet.host('a')?.health.state).toBe('up');
    expect(script('a').calls.length).toBe(5);
  });
});
