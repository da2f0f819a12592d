import { describe, expect, test } from 'bun:test';
import { createFrontDoor, type FrontDoorOptions } from '../../src/http/front-door.ts';
import { GatewayError } from '../../src/spec/gateway-error.ts';

const check = (
  path: string,
  headers: Record<string, string>,
  options: Partial<FrontDoorOptions> = {},
): string => {
  const door = createFrontDoor({
    allowedHosts: ['box'],
    allowedOrigins: ['https://chat.example'],
    beyondLoopback: false,
    ...options,
  });
  try {
    door.check(path, new Headers(headers));
    return 'passes';
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error);
  }
};

describe('the Host header', () => {
  for (const host of [
    'localhost:5010',
    '127.0.0.1',
    '[::1]:5010',
    'host.docker.internal:5010',
    'BOX:5010',
    'a.localhost',
  ]) {
    test(`${host} is allowed from the start`, () => expect(check('/', { host })).toBe('passes'));
  }
  for (const host of [
    'evil.example:5010',
    'gw, evil',
    'localhost.',
    '192.168.1.5',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
  ]) {
    test(`${host} is refused, so that no page reaches a model by re-binding a name`, () => {
      expect(check('/', { host })).toBe('forbidden');
    });
  }
  test('a literal address is allowed where other machines are meant to come in', () => {
    expect(check('/', { host: '192.168.1.5:5010' }, { beyondLoopback: true })).toBe('passes');
    expect(check('/', { host: 'evil.example' }, { beyondLoopback: true })).toBe('forbidden');
  });
  test('a missing Host is refused', () => expect(check('/', {})).toBe('invalid_request'));
});

describe('the Origin header', () => {
  const host = 'localhost:5010';
  for (const origin of [
    'http://localhost:3000',
    'http://127.0.0.1',
    'https://chat.example',
    'http://localhost:5010',
  ]) {
    test(`${origin} is allowed`, () => expect(check('/', { host, origin })).toBe('passes'));
  }
  for (const origin of [
    'https://evil.example',
    'null',
    'https://chat.example.evil',
    'file://',
    'https://localhost.evil.example',
  ]) {
    test(`${origin} is refused`, () => expect(check('/', { host, origin })).toBe('forbidden'));
  }
  test('a cross-site request without an Origin is refused', () => {
    expect(check('/', { host, 'sec-fetch-site': 'cross-site' })).toBe('forbidden');
    expect(check('/', { host, 'sec-fetch-site': 'same-origin' })).toBe('passes');
  });
});

describe('the path', () => {
  const host = 'localhost';
  for (const path of [
    '/v1/../admin',
    '/v1/%2e%2e/admin',
    '//admin',
    '/v1%2f..%2fadmin',
    '/a;b',
    '/a%5cb',
    '/a%00b',
    '/api/%0d%0atags',
  ]) {
    test(`${path} is refused`, () => expect(check(path, { host })).toBe('invalid_request'));
  }
  for (const path of [
    '/v1/models/ai/smollm2:latest',
    '/v1/models/ai%2Fsmollm2',
    '/api/v1/models/hf.co%2Fa%2Fb/status',
    '/some-key/v1/models/a%2Fb',
  ]) {
    test(`${path} is a model's name with slashes and passes`, () =>
      expect(check(path, { host })).toBe('passes'));
  }
});
