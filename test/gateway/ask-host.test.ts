import { describe, expect, test } from 'bun:test';
import { askHost } from '../../src/gateway/ask-host.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Fetch } from '../../src/spec/ports.ts';

const question = { url: 'http://h/api/show', headers: { 'x-own': '1' }, body: new Uint8Array(1) };

const asked = (fetch: Fetch) =>
  askHost({ ...question, timeoutMs: 1_000 }, { clock: createVirtualClock(), fetch });

describe('a short question to a host', () => {
  test('is posted as it is given, and the object in the answer is the answer', async () => {
    const calls: unknown[] = [];
    const answer = await asked(async (url, { method, headers, body }) => {
      calls.push({ url, method, headers, body });
      return Response.json({ tokens: 3 });
    });
    expect(answer).toEqual({ tokens: 3 });
    expect(calls).toEqual([{ ...question, method: 'POST' }]);
  });

  test('has no answer where the host refuses, sends no object or cannot be reached', async () => {
    expect(await asked(async () => Response.json({ error: 'no' }, { status: 404 }))).toBeUndefined();
    expect(await asked(async () => new Response('[1'))).toBeUndefined();
    expect(await asked(async () => Response.json([1]))).toBeUndefined();
    expect(await asked(() => Promise.reject(new TypeError('fetch failed')))).toBeUndefined();
  });

  test('is given up when its time is over', async () => {
    const clock = createVirtualClock();
    const hanging: Fetch = (_url, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const answer = askHost({ ...question, timeoutMs: 1_000 }, { clock, fetch: hanging });
    await clock.advance(1_000);
    expect(await answer).toBeUndefined();
  });
});
