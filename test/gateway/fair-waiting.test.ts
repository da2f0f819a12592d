import { describe, expect, test } from 'bun:test';
import { answer, type Bench, bench, chat, saying } from './scripted.ts';

const keys = ['alice', 'bob', 'night'].map((name) => ({
  name,
  key: `${name}-has-a-long-key`,
  ...(name === 'night' ? { class: 'batch' } : {}),
}));

const as = (name: string): RequestInit => saying({ authorization: `Bearer ${name}-has-a-long-key` });

const later =
  ({ clock }: Bench, delayMs: number): (() => Promise<Response>) =>
  () =>
    new Promise((resolve) => void clock.after(delayMs, () => resolve(answer())));

const busy = async (config: Record<string, unknown> = {}): Promise<Bench> => {
  const given = await bench({ a: { kind: 'ollama', slots: 1 } }, { auth: { keys }, ...config });
  given.script('a').infer = later(given, 1_000);
  return given;
};

/** The names in the order in which they were served. */
const orderOf = async (given: Bench, names: readonly string[]): Promise<readonly string[]> => {
  const order: string[] = [];
  const all = names.map(async (name) => {
    const response = await given.post('/api/chat', chat(), as(name));
    await response.text();
    if (response.status === 200) order.push(name);
  });
  await given.clock.until(Promise.all(all));
  return order;
};

describe('who waits for a slot', () => {
  test('is served in turn between keys, however many requests one of them has', async () => {
    const given = await busy();
    const order = await orderOf(given, [...new Array(24).fill('alice'), 'bob', 'bob']);
    expect(order.length).toBe(26);
    expect(order.indexOf('bob')).toBeLessThan(20);
    expect(order.lastIndexOf('bob')).toBeLessThan(25);
  });

  test('in person goes before a job', async () => {
    const given = await busy();
    const order = await orderOf(given, ['night', 'night', 'night', 'alice', 'alice']);
    expect(order.slice(0, 3)).toEqual(['night', 'alice', 'alice']);
  });

  test('gives way where its key holds more than a share and others want in', async () => {
    const given = await busy({ queue: { maxRequests: 4, keyShare: 0.5 } });
    given.script('a').infer = later(given, 20_000);
    const alice = Array.from({ length: 5 }, () => given.post('/api/chat', chat(), as('alice')));
    await given.clock.advance(1);
    expect(given.app.gateway.slots.waiting()).toBe(4);
    const bob = given.post('/api/chat', chat(), as('bob'));
    await given.clock.advance(1);
    expect(given.app.gateway.slots.waiting()).toBe(4);
    const displaced = await Promise.race(alice);
    expect(displaced.status).toBe(503);
    expect(Number(displaced.headers.get('retry-after'))).toBeGreaterThan(0);
    void bob;
  });

  test('is told at once when the wait would be too long, with the time it would be', async () => {
    const given = await busy({ queue: { maxWaitMs: 12_000 } });
    const slow = JSON.stringify({
      model: 'm',
      message: { role: 'assistant', content: 'x' },
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 20,
      eval_count: 80,
      eval_duration: 8e9,
    });
    given.script('a').infer = () =>
      new Promise((resolve) => void given.clock.after(8_000, () => resolve(new Response(slow))));
    for (let count = 0; count < 3; count += 1) {
      await (
        await given.clock.until(given.post('/api/chat', chat('m', { stream: false }), as('alice')))
      ).text();
    }
    const answers = Array.from({ length: 5 }, () =>
      given.post('/api/chat', chat('m', { stream: false }), as('bob')),
    );
    await given.clock.advance(1);
    const refused = await Promise.race(answers);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('the wait would be too long');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(5);
    expect(given.app.gateway.slots.waiting()).toBeGreaterThan(0);
  });
});

test('a request whose time is over is told so and counts against no host', async () => {
  const given = await bench(
    { a: { kind: 'ollama' }, b: { kind: 'ollama' } },
    { timeouts: { totalMs: 3_000 } },
  );
  for (const id of ['a', 'b']) given.script(id).infer = () => new Promise(() => undefined);
  const response = await given.clock.until(given.post('/api/chat', chat()));
  expect(response.status).toBe(504);
  expect(given.script('a').calls.length + given.script('b').calls.length).toBe(1);
  for (const id of ['a', 'b']) {
    expect(given.app.gateway.fleet.host(id)?.pairs.get('m:latest')?.health.breaker).toMatchObject({
      consecutive: 0,
    });
  }
});
