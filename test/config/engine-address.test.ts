import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { endpointKey, engineAddress } from '../../src/config/engine-address.ts';

const ollama = { port: 11_434, apiPath: /\/(api|v1)$/ };

describe('the forms of an engine address', () => {
  const good: readonly (readonly [text: string, url: string])[] = [
    ['', 'http://127.0.0.1:11434'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['0.0.0.0:11500', 'http://127.0.0.1:11500'],
    ['[::]:11434', 'http://[::1]:11434'],
    ['::', 'http://[::1]:11434'],
    ['host', 'http://host:11434'],
    ['host:1234', 'http://host:1234'],
    ['host:', 'http://host:11434'],
    ['10.0.0.7', 'http://10.0.0.7:11434'],
    [':1234', 'http://127.0.0.1:1234'],
    ['::1', 'http://[::1]:11434'],
    ['[::1]', 'http://[::1]:11434'],
    ['[fd00::7]:1', 'http://[fd00::7]:1'],
    ['http://host:1234/prefix', 'http://host:1234/prefix'],
    ['http://host', 'http://host'],
    ['https://host', 'https://host'],
    ['https://host:8443/', 'https://host:8443'],
    ['http://0.0.0.0:11434', 'http://127.0.0.1:11434'],
    ['host/prefix/', 'http://host:11434/prefix'],
    ['http://host:11434/api', 'http://host:11434'],
    ['http://host:11434/v1/', 'http://host:11434'],
    [' "host:1234" ', 'http://host:1234'],
  ];
  for (const [text, url] of good) {
    test(`"${text}" is ${url}`, () => {
      expect(engineAddress(text, ollama)).toEqual({ url });
    });
  }

  const form = 'must be host, host:port or an http:// or https:// URL';
  const bad: readonly (readonly [text: string, problem: string])[] = [
    ['host:port', form],
    ['host:99999', form],
    ['ftp://host', form],
    ['/ollama', form],
    ['a b', form],
    ['host?x=1', form],
    ['user:password@host', form],
    ['http://user:password@host', 'must not hold a user name or password; use apiKey or headers'],
    ['http://host?x=1', 'must be a base URL without ? or #'],
  ];
  for (const [text, problem] of bad) {
    test(`"${text}" is refused`, () => {
      expect(engineAddress(text, ollama)).toEqual({ problem });
    });
  }

  test('any text is an http URL or a problem', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.ipV6(), fc.domain()), (text) => {
        const address = engineAddress(text, ollama);
        expect('url' in address ? new URL(address.url).protocol : 'problem').toMatch(/^(https?:|problem)$/);
      }),
    );
  });
});

describe('one endpoint', () => {
  test('every name of loopback is the same place', () => {
    const keys = ['http://localhost:1', 'http://127.0.0.1:1/', 'http://[::1]:1'].map(endpointKey);
    expect(new Set(keys).size).toBe(1);
  });

  test('another port, scheme, path or host is another place', () => {
    const urls = [
      'http://127.0.0.1:1',
      'http://127.0.0.1:2',
      'https://127.0.0.1:1',
      'http://127.0.0.1:1/x',
      'http://h:1',
    ];
    expect(new Set(urls.map(endpointKey)).size).toBe(urls.length);
  });
});
