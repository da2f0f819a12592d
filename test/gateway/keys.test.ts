import { describe, expect, test } from 'bun:test';
import { type Bench, bench, type Call, chat, openaiEvents, saying, streamOf } from './scripted.ts';

const secrets = ['first-secret-key', 'second-secret-key', 'third-secret-key'];

const provider = (count: number, more: Record<string, unknown> = {}): Promise<Bench> =>
  bench({ cloud: { kind: 'openai', apiKeys: secrets.slice(0, count), priority: 1, ...more } });

const good = (headers: Record<string, string> = {}): Response =>
  new Response(streamOf(openaiEvents.text('hello'), openaiEvents.finish, openaiEvents.done), { headers });

const refusal = (status: number, message: string, headers: Record<string, string> = {}): Response =>
  Response.json({ error: { message, type: 'x', code: null } }, { status, headers });

/** Which keys were used, by position. */
const used = (calls: readonly Call[]): readonly number[] =>
  calls.map(({ headers }) => secrets.indexOf((headers.authorization ?? '').replace('Bearer ', '')) + 1);

const ask = async ({ post }: Bench): Promise<Response> => {
  const response = await post('/v1/chat/completions', chat());
  return new Response(await response.text(), response);
};

const page = async ({ app }: Bench, path: string): Promise<string> =>
  await (await app.fetch(new Request(`http://localhost:5010${path}`, saying({})))).text();

/** Answers by key: those named refuse, the others serve. */
const refusing =
  (refusals: Readonly<Record<number, () => Response>>) =>
  (call: Call): Response =>
    refusals[used([call])[0] ?? 0]?.() ?? good();

describe('several keys of one backend', () => {
  test('are used in turn', async () => {
    const fleet = await provider(3);
    fleet.script('cloud').infer = () => good();
    for (let count = 0; count < 6; count += 1) expect((await ask(fleet)).status).toBe(200);
    expect([...used(fleet.script('cloud').calls)].sort()).toEqual([1, 1, 2, 2, 3, 3]);
  });

  test('stand in for each other at a limit before another backend does', async () => {
    const fleet = await bench(
      {
        cloud: { kind: 'openai', apiKeys: secrets.slice(0, 2), priority: 1 },
        other: { kind: 'openai-compatible', priority: 2 },
      },
      { strategy: 'priority' },
    );
    const { calls } = fleet.script('cloud');
    fleet.script('cloud').infer = refusing({
      1: () => refusal(429, 'Rate limit reached', { 'retry-after': '20' }),
    });
    for (let count = 0; count < 3; count += 1) {
      const response = await ask(fleet);
      expect(response.status).toBe(200);
      expect(response.headers.get('x-pointsman-backend')).toBe('cloud');
      expect(response.headers.get('x-pointsman-attempts')).toBe('1');
    }
    // Once the limit is known, the key is left alone until the provider's own time.
    expect(used(calls).filter((key) => key === 1)).toHaveLength(1);
    await fleet.clock.advance(20_001);
    await ask(fleet);
    await ask(fleet);
    expect(used(calls).filter((key) => key === 1)).toHaveLength(2);
  });

  test('rest when an answer says that nothing is left of a limit', async () => {
    const fleet = await provider(2);
    const { calls } = fleet.script('cloud');
    fleet.script('cloud').infer = () =>
      good({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '30s' });
    await ask(fleet);
    await ask(fleet);
    expect([...used(calls)].sort()).toEqual([1, 2]);
    const refused = await ask(fleet);
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('cloud: no usable key (rate limited) for 30 s');
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(calls).toHaveLength(2);
    await fleet.clock.advance(30_001);
    expect((await ask(fleet)).status).toBe(200);
  });
});

describe('a key the provider does not take', () => {
  for (const [status, message, fault] of [
    [401, 'Incorrect API key provided: first-secret-key', 'unauthorized'],
    [402, 'Insufficient credits', 'payment'],
    [403, 'Country, region, or territory not supported', 'forbidden'],
    [429, 'You exceeded your current quota, please check your plan and billing details.', 'payment'],
    [400, 'Your credit balance is too low to access the API.', 'payment'],
  ] as const) {
    test(`is taken out for ${status} ${fault}, and everybody but the caller is told of it by its position`, async () => {
      const fleet = await provider(2);
      const { calls } = fleet.script('cloud');
      fleet.script('cloud').infer = refusing({ 1: () => refusal(status, message) });
      for (let count = 0; count < 4; count += 1) expect((await ask(fleet)).status).toBe(200);
      expect(used(calls).filter((key) => key === 1)).toHaveLength(1);
      const alarm = fleet.logs.map((line) => JSON.parse(line)).find(({ type }) => type === 'key');
      expect(alarm).toMatchObject({ level: 'error', backend: 'cloud', key: 1, state: 'out', fault });
      const health = JSON.parse(await page(fleet, '/health'));
      expect(health.status).toBe('degraded');
      expect(health.backends[0].keys).toMatchObject([
        { key: 1, state: 'out', fault },
        { key: 2, state: 'usable' },
      ]);
      const metrics = await page(fleet, '/metrics');
      expect(metrics).toContain('pointsman_key_usable{backend="cloud",key="1"} 0');
      expect(metrics).toContain('pointsman_key_usable{backend="cloud",key="2"} 1');
      expect(metrics).toContain('pointsman_key_changes_total{backend="cloud",key="1",state="out"} 1');
      for (const secret of secrets) {
        expect(`${fleet.logs.join('')}${metrics}${JSON.stringify(health)}`).not.toContain(secret);
      }
    });
  }

  test('is no fault that a caller is shown: 502, without the words of the provider', async () => {
    const fleet = await provider(2);
    fleet.script('cloud').infer = () => refusal(401, 'Incorrect API key provided: first-secret-key');
    const response = await ask(fleet);
    const text = await response.text();
    expect(response.status).toBe(502);
    expect(JSON.parse(text).error.code).toBe('upstream_error');
    expect(text).not.toContain('secret');
    expect(text).not.toContain('Incorrect');
    expect(used(fleet.script('cloud').calls)).toHaveLength(2);
  });

  test('leaves the backend out while there is no other, and comes back after its time', async () => {
    const fleet = await bench(
      {
        cloud: { kind: 'openai', apiKey: secrets[0], priority: 1 },
        other: { kind: 'openai-compatible', priority: 2 },
      },
      { strategy: 'priority' },
    );
    fleet.script('cloud').infer = () => refusal(403, 'Not allowed');
    fleet.script('other').infer = () => good();
    for (let count = 0; count < 3; count += 1)
      expect((await ask(fleet)).headers.get('x-pointsman-backend')).toBe('other');
    expect(fleet.script('cloud').calls).toHaveLength(1);
    fleet.script('cloud').infer = () => good();
    await fleet.clock.advance(60_001);
    expect((await ask(fleet)).headers.get('x-pointsman-backend')).toBe('cloud');
  });

  test('is not at fault for what was asked', async () => {
    for (const message of [
      'Project `p` does not have access to model `m`',
      'Request too large for m in organization o on tokens per min (TPM): Limit 30000, Requested 50000.',
      'Your chosen model requires moderation and your input was flagged for "violence"',
    ]) {
      const fleet = await provider(1);
      const status = message.startsWith('Request too large') ? 429 : 403;
      fleet.script('cloud').infer = () => refusal(status, message);
      await ask(fleet);
      expect(JSON.parse(await page(fleet, '/health')).backends[0].keys).toEqual([
        { key: 1, state: 'usable' },
      ]);
    }
  });
});

test("a provider's overload is backed off from for longer each time", async () => {
  const fleet = await provider(2);
  const { calls } = fleet.script('cloud');
  fleet.script('cloud').infer = () => refusal(529, 'Overloaded');
  expect((await ask(fleet)).status).toBe(503);
  expect(calls).toHaveLength(1);
  await fleet.clock.advance(1001);
  await ask(fleet);
  expect(calls).toHaveLength(2);
  await fleet.clock.advance(1001);
  await ask(fleet);
  expect(calls).toHaveLength(2);
  await fleet.clock.advance(1001);
  await ask(fleet);
  expect(calls).toHaveLength(3);
});
