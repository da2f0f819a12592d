import { describe, expect, test } from 'bun:test';
import { spliceJson } from '../../src/wire/splice.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

describe('spliceJson', () => {
  test('a value is replaced and every other byte stays', () => {
    const body = encode('{ "seed":9007199254740993, "model" : "a",\n"x":1.0, "y":1e400}');
    expect(decode(spliceJson(body, [{ path: ['model'], value: 'bee' }]))).toBe(
      '{ "seed":9007199254740993, "model" : "bee",\n"x":1.0, "y":1e400}',
    );
  });
});
