import { describe, expect, test } from 'bun:test';
import { createSimulatedHost } from '../../src/simulator/simulated-host.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import { chat } from './play.ts';

const cloud = () => {
  const clock = createVirtualClock();
  const host = createSimulatedHost({ kind: 'openai' }, { clock });
  const send = (path: string, key: string | undefined, body?: JsonObject): Promise<Response> =>
    host.fetch(
      new Request(`http://api.example${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  const ask = async (key: string | undefined, model = 'gpt-4o-mini') => {
    const response = await clock.until(send('/v1/chat/completions', key, chat(model, 'hi') as JsonObject));
    const body = JSON.parse(await clock.until(response.text())) as {
      error?: { type: string; code: string | null; message: string };
      choices?: readonly object[];
    };
    return { status: response.status, headers: response.headers, ...body };
  };
  return { clock, host, send, ask };
};

describe('a simulated OpenAI', () => {
  test('lists its models and answers a good key, with its limits in the headers', async () => {
    const { send, ask } = cloud();
    const listing = (await (await send('/v1/models', 'sk-good')).json()) as { data: { id: string }[] };
    expect(listing.data.map(({ id }) => id)).toContain('whisper-1');
    const { status, choices, headers } = await ask('sk-good');
    expect(status).toBe(200);
    expect(choices).toHaveLength(1);
    expect(headers.get('x-ratelimit-limit-requests')).toBe('500');
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('499');
    expect(headers.get('x-ratelimit-reset-requests')).toBe('120ms');
    expect(headers.get('x-request-id')).toStartWith('req_');
  });

  test('refuses keys as it does, each by its name', async () => {
    const { ask } = cloud();
    expect(await ask(undefined)).toMatchObject({ status: 401, error: { type: 'invalid_request_error' } });
    expect(await ask('sk-revoked-1234567')).toMatchObject({
      status: 401,
      error: { code: 'invalid_api_key' },
    });
    expect(await ask('sk-barred')).toMatchObject({ status: 403 });
    expect(await ask('sk-broke')).toMatchObject({ status: 429, error: { code: 'insufficient_quota' } });
    expect(await ask('sk-good', 'nothing')).toMatchObject({
      status: 404,
      error: { code: 'model_not_found' },
    });
  });

  test('limits a small key, and lets it again after the time it told', async () => {
    const { ask, clock } = cloud();
    for (let count = 0; count < 3; count += 1) expect((await ask('sk-small')).status).toBe(200);
    const { status, error, headers } = await ask('sk-small');
    expect(status).toBe(429);
    expect(error?.code).toBe('rate_limit_exceeded');
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('0');
    await clock.advance(Number(headers.get('retry-after-ms')));
    expect((await ask('sk-small')).status).toBe(200);
  });

  test('is overloaded on demand', async () => {
    const { ask, host } = cloud();
    host.setFault({ fault: 'error-503', count: 1 });
    expect(await ask('sk-good')).toMatchObject({ status: 503, error: { code: 'server_is_overloaded' } });
    host.setFault({ fault: 'error-500', count: 1 });
    expect(await ask('sk-good')).toMatchObject({ status: 500, error: { type: 'server_error' } });
    expect((await ask('sk-good')).status).toBe(200);
  });
});
