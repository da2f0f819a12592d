import { describe, expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import { type BodyLimits, readBody } from '../../src/http/body.ts';
import { GatewayError } from '../../src/spec/gateway-error.ts';

const limits: BodyLimits = { maxBytes: 1000, compressed: 'refused' };

const read = async (
  body: BodyInit | null,
  headers: Record<string, string> = {},
  given = limits,
): Promise<number | string> => {
  try {
    return (await readBody(new Request('http://h/', { method: 'POST', body, headers }), given)).length;
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error);
  }
};

const endless = (): { readonly body: ReadableStream<Uint8Array>; readonly pulled: () => number } => {
  let pulled = 0;
  return {
    body: new ReadableStream({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(100));
      },
    }),
    pulled: () => pulled,
  };
};

describe('reading a body', () => {
  test('a body at the limit is read and one byte more is not', async () => {
    expect(await read(new Uint8Array(1000), { 'content-length': '1000' })).toBe(1000);
    expect(await read(new Uint8Array(1001), { 'content-length': '1001' })).toBe('payload_too_large');
  });
  test('a body of unknown length is counted and given up at the limit', async () => {
    const { body, pulled } = endless();
    expect(await read(body)).toBe('payload_too_large');
    expect(pulled()).toBeLessThan(20);
  });
  test('no body is an empty one', async () => expect(await read(null)).toBe(0));
  test('a compressed body is refused unless configured', async () => {
    const packed = gzipSync('x'.repeat(500));
    expect(await read(packed, { 'content-encoding': 'gzip' })).toBe('unsupported_media_type');
    expect(
      await read(packed, { 'content-encoding': 'gzip' }, { maxBytes: 1000, compressed: 'accepted' }),
    ).toBe(500);
  });
  test('an unpacked body counts by its real size', async () => {
    const bomb = gzipSync(new Uint8Array(10_000_000));
    const accepted: BodyLimits = { maxBytes: 100_000_000, compressed: 'accepted' };
    expect(await read(bomb, { 'content-encoding': 'gzip' }, accepted)).toBe('payload_too_large');
    expect(await read(gzipSync('ok'), { 'content-encoding': 'br' }, accepted)).toBe('unsupported_media_type');
    expect(await read('no gzip', { 'content-encoding': 'gzip' }, accepted)).toBe('invalid_request');
  });
});
