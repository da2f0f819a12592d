import { describe, expect, test } from 'bun:test';
import { bodyFramingOf } from '../../../adapters/bun-http/body-framing.ts';
import { ExchangeError } from '../../../adapters/bun-http/exchange-error.ts';
import { readResponseHead } from '../../../adapters/bun-http/response-head.ts';

const framingOf = (headers: readonly string[], status = 200, method: 'GET' | 'HEAD' | 'POST' = 'POST') => {
  const lines = ['HTTP/1.1 '.concat(String(status)), ...headers].map((line) => `${line}\r\n`);
  const head = readResponseHead(new Uint8Array(Buffer.from(`${lines.join('')}\r\n`)), 0);
  if (head === undefined) throw new Error('no head');
  return bodyFramingOf(head, method);
};

describe('the end of a body', () => {
  test('is told by a length, by chunks, or by the end of the connection', () => {
    expect(framingOf(['content-length: 12'])).toBe(12);
    expect(framingOf(['content-length: 0'])).toBe(0);
    expect(framingOf(['transfer-encoding: Chunked'])).toBe('chunked');
    expect(framingOf([])).toBe('close');
  });

  test('comes at once where there is no body, whatever the headers say', () => {
    expect(framingOf(['content-length: 12'], 200, 'HEAD')).toBe(0);
    expect(framingOf(['transfer-encoding: chunked'], 204)).toBe(0);
    expect(framingOf(['content-length: 12'], 304, 'GET')).toBe(0);
  });

  test('may be told twice in the same way', () => {
    expect(framingOf(['content-length: 12', 'content-length: 12'])).toBe(12);
  });

  test.each([
    [['content-length: 12', 'content-length: 13']],
    [['content-length: -1']],
    [['content-length: 1e3']],
    [['content-length: 0x10']],
    [['content-length:']],
    [['content-length: 9999999999999999999']],
    [['content-length: 12', 'transfer-encoding: chunked']],
    [['transfer-encoding: gzip, chunked']],
    [['transfer-encoding: identity']],
    [['transfer-encoding: chunked', 'transfer-encoding: chunked']],
  ])('is refused where it is ambiguous: %j', (headers) => {
    expect(() => framingOf(headers)).toThrow(ExchangeError);
  });
});
