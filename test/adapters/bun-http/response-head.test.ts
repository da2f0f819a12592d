import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { ExchangeError } from '../../../adapters/bun-http/exchange-error.ts';
import { readResponseHead } from '../../../adapters/bun-http/response-head.ts';
import { propertyRuns } from '../../property-runs.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const read = (text: string, from = 0) => readResponseHead(bytesOf(text), from);

describe('the head of an answer', () => {
  test('gives status, version, where it ends, and headers by any spelling of their names', () => {
    const head = read('HTTP/1.1 404 Not Found\r\nContent-TYPE:  text/plain \r\nx: 1\r\nX: 2\r\n\r\nbody');
    expect(head?.status).toBe(404);
    expect(head?.version).toBe('HTTP/1.1');
    expect(head?.endAt).toBe(66);
    expect(head?.get('content-type')).toBe('text/plain');
    expect(head?.get('Content-Type')).toBe('text/plain');
    expect(head?.get('x')).toBe('1, 2');
    expect(head?.get('type')).toBeNull();
  });

  test('may lack a reason, headers, values, and the newer version', () => {
    expect(read('HTTP/1.1 200\r\n\r\n')?.status).toBe(200);
    expect(read('HTTP/1.0 200 \r\nempty:\r\n\r\n')).toMatchObject({ status: 200, version: 'HTTP/1.0' });
    expect(read('HTTP/1.0 200 \r\nempty:\r\n\r\n')?.get('empty')).toBe('');
  });

  test('keeps bytes beyond ASCII as Latin-1, whatever lower case makes of them', () => {
    expect(read('HTTP/1.1 200 OK\r\nx: \u00c4\u00df\u00ff\r\ny: 1\r\n\r\n')?.get('y')).toBe('1');
    expect(read('HTTP/1.1 200 OK\r\nx: \u00c4\u00df\u00ff\r\n\r\n')?.get('x')).toBe('\u00c4\u00df\u00ff');
  });

  test('is read from where it begins', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
    const head = read(`${interim}HTTP/1.1 204 No Content\r\n\r\n`, interim.length);
    expect(head?.status).toBe(204);
    expect(head?.endAt).toBe(interim.length + 27);
  });

  test.each([
    ['another protocol', 'SSH-2.0-x\r\n'],
    ['another protocol in one byte', 'S'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['bare line feeds before the end has come', 'HTTP/1.1 200 OK\nx: 1\n\n'],
    ['a bare line feed in a line', 'HTTP/1.1 200 OK\r\nx: 1\ny: 2\r\n\r\n'],
    ['a bare carriage return', 'HTTP/1.1 200 OK\r\nx: 1\ry: 2\r\n\r\n'],
    ['a carriage return at the end', 'HTTP/1.1 200 OK\r\nx: 1\r\r\n\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nx: 1\0\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nx: 1\r\n 2\r\n\r\n'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nx\r\n\r\n'],
    ['a line without a name', 'HTTP/1.1 200 OK\r\n: 1\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nx : 1\r\n\r\n'],
    ['more than 64 KiB', `HTTP/1.1 200 OK\r\nx: ${'1'.repeat(65_536)}\r\n\r\n`],
    ['more than 64 KiB without an end', `HTTP/1.1 200 OK\r\nx: ${'1'.repeat(65_536)}`],
  ])('is refused for %s', (_, text) => {
    expect(() => read(text)).toThrow(ExchangeError);
  });

  test('is found wherever it ends, and not before', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -9;-~]{0,40}$/), fc.nat(20), (value, behind) => {
        const text = `HTTP/1.1 200 OK\r\nx: ${value}\r\n\r\n`;
        for (let cut = 0; cut < text.length; cut += 1) expect(read(text.slice(0, cut))).toBeUndefined();
        const head = read(text + '\r\n\r\n'.repeat(behind));
        expect(head?.endAt).toBe(text.length);
        expect(head?.get('x')).toBe(value.trim());
      }),
      { numRuns: Math.ceil(propertyRuns / 10) },
    );
  });
});
