import { describe, expect, test } from 'bun:test';
import { createKeys, demandScope } from '../../src/http/keys.ts';
import { GatewayError } from '../../src/spec/gateway-error.ts';

const table = [
  { name: 'laptop', key: 'correct-horse-battery', scopes: ['inference'] as const },
  { name: 'grafana', key: 'metrics-only-key', scopes: ['metrics'] as const },
];

const identify = (
  headers: Record<string, string>,
  path?: string,
  basic: 'accepted' | 'refused' = 'refused',
): string => {
  try {
    return createKeys(table, basic).identify(new Headers(headers), path).name;
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error);
  }
};

describe('keys', () => {
  test('are found in the header of Google’s clients and in a query, by the same comparison', () => {
    const keys = createKeys(table, 'refused');
    const google = new Headers({ 'x-goog-api-key': 'correct-horse-battery' });
    expect(keys.identify(google, undefined).name).toBe('laptop');
    expect(keys.identify(new Headers(), undefined, 'correct-horse-battery').name).toBe('laptop');
    expect(keys.identify(google, undefined, 'correct-horse-battery').name).toBe('laptop');
    expect(() => keys.identify(google, undefined, 'metrics-only-key')).toThrow('different keys');
    expect(() => keys.identify(new Headers(), undefined, 'wrong')).toThrow('valid API key');
  });

  test('without a key table everybody is anonymous and may do everything', () => {
    const principal = createKeys([], 'refused').identify(
      new Headers({ authorization: 'Bearer whatever' }),
      undefined,
    );
    expect(principal.name).toBe('anonymous');
    expect([...principal.scopes].sort()).toEqual(['admin', 'cluster', 'inference', 'metrics']);
  });
  test('a key says whether its requests stay local and whether a person waits for them', () => {
    const [plain, bound] = [
      { name: 'a', key: 'first-long-key', scopes: ['inference'] as const },
      {
        name: 'b',
        key: 'other-long-key',
        scopes: ['inference'] as const,
        localOnly: true,
        class: 'batch' as const,
      },
    ];
    const keys = createKeys([plain, bound], 'refused');
    const principal = (key: string) => keys.identify({ get: () => null }, key);
    expect(principal('first-long-key')).toMatchObject({ localOnly: false, queueClass: 'interactive' });
    expect(principal('other-long-key')).toMatchObject({ localOnly: true, queueClass: 'batch' });
  });
  test('a bearer, an x-api-key and a path segment carry the same key', () => {
    expect(identify({ authorization: 'Bearer correct-horse-battery' })).toBe('laptop');
    expect(identify({ authorization: 'bearer  correct-horse-battery ' })).toBe('laptop');
    expect(identify({ 'x-api-key': 'correct-horse-battery' })).toBe('laptop');
    expect(identify({}, 'correct-horse-battery')).toBe('laptop');
  });
  test('basic carries the key as password only where it is accepted', () => {
    const authorization = `Basic ${btoa('me:correct-horse-battery')}`;
    expect(identify({ authorization }, undefined, 'accepted')).toBe('laptop');
    expect(identify({ authorization })).toBe('unauthorized');
  });
  test('no key, an empty bearer, a prefix and a longer key are all the same refusal', () => {
    for (const authorization of [
      '',
      'Bearer ',
      'Bearer correct-horse',
      'Bearer correct-horse-battery-staple',
      'Digest x',
    ]) {
      expect(identify({ authorization })).toBe('unauthorized');
    }
  });
  test('a key beyond the compared length never equals its beginning', () => {
    const long = 'k'.repeat(256);
    const keys = createKeys([{ name: 'long', key: long, scopes: ['inference'] }], 'refused');
    const identified = (key: string): string =>
      keys.identify(new Headers({ 'x-api-key': key }), undefined).name;
    expect(identified(long)).toBe('long');
    expect(() => identified(`${long}k`)).toThrow('valid API key');
  });
  test('two different keys in one request are refused', () => {
    expect(identify({ authorization: 'Bearer correct-horse-battery', 'x-api-key': 'metrics-only-key' })).toBe(
      'invalid_request',
    );
    expect(
      identify({ authorization: 'Bearer correct-horse-battery', 'x-api-key': 'correct-horse-battery' }),
    ).toBe('laptop');
  });
  test('a key without the scope is known and forbidden', () => {
    const headers = new Headers({ 'x-api-key': 'metrics-only-key' });
    const grafana = createKeys(table, 'refused').identify(headers, undefined);
    expect(() => demandScope(grafana, ['inference'])).toThrow('no inference scope');
    expect(() => demandScope(grafana, ['metrics', 'admin'])).not.toThrow();
  });
});
