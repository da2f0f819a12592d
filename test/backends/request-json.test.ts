import { describe, expect, test } from 'bun:test';
import { requestJson } from '../../src/backends/request-json.ts';
import { classifyTransport } from '../../src/core/outcome.ts';
import { encodeUtf8 } from '../../src/wire/utf8.ts';
import { type FakeReply, fakeEngine } from './fake-fetch.ts';

const base = 'http://host.example:4711';
const never = new AbortController().signal;
const ask = (reply: FakeReply) =>
  requestJson(fakeEngine(base, { '/x': reply }).fetch, `${base}/x`, {}, never);

describe('a JSON question', () => {
  test('a body in many chunks, cut inside a character, is joined', async () => {
    const bytes = encodeUtf8('{"a":"größe"}');
    const chunks = [...bytes].map((byte) => Uint8Array.of(byte));
    expect(await ask({ chunks })).toEqual({ a: 'größe' });
  });

  test('every status but 2xx is an error that names it', async () => {
    for (const status of [302, 401, 404, 500, 503]) {
      await expect(ask({ status, json: {} })).rejects.toThrow(`answered ${status}`);
    }
  });

  test('8 MiB are read and a byte more is refused', async () => {
    const megabyte = new Uint8Array(1024 * 1024).fill(0x20);
    const full = [...Array.from({ length: 7 }, () => megabyte), megabyte.slice(1)];
    expect(await ask({ chunks: [...full, encodeUtf8('1')] })).toBe(1);
    await expect(ask({ chunks: [...full, encodeUtf8('12')] })).rejects.toThrow('more than 8 MiB');
  });

  test('what the transport said stays readable behind the wrapper', async () => {
    const error = await ask('refuse').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: 'no answer' });
    expect(classifyTransport(error)).toMatchObject({ text: 'connection refused', reached: false });
  });
});
