import { describe, expect, test } from 'bun:test';
import { headerLines } from '../../../adapters/bun-http/header-lines.ts';

describe('the header lines of a request', () => {
  test('are one per header, as they were given', () => {
    expect(headerLines({ accept: 'a/b', 'X-Key': 'caf\u00e9\t1' })).toBe(
      'accept: a/b\r\nX-Key: caf\u00e9\t1\r\n',
    );
    expect(headerLines({})).toBe('');
  });

  test('leave out what the connection says itself', () => {
    expect(
      headerLines({
        host: 'a',
        Connection: 'close',
        'content-length': '3',
        'accept-encoding': 'gzip',
        x: '1',
      }),
    ).toBe('x: 1\r\n');
  });

  test.each(['a\r\nb: c', 'a\nb', 'a\rb', 'a\0b', '\u20ac', '\x7f'])('refuse the value %j', (value) => {
    expect(() => headerLines({ x: value })).toThrow(TypeError);
    expect(() => headerLines({ x: value })).not.toThrow(value);
  });

  test.each(['', 'a b', 'a:', 'a\r\n', '\u00e9'])('refuse the name %j', (name) => {
    expect(() => headerLines({ [name]: 'x' })).toThrow(TypeError);
  });
});
