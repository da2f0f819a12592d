import { expect, test } from 'bun:test';
import { createKeys } from '../../src/http/keys.ts';
import { pathOf, routedPath } from '../../src/http/routed-path.ts';

const open = createKeys([], 'refused');
const keyed = createKeys([{ name: 'cli', key: 'secret-key', scopes: ['inference'] }], 'refused');

test('the path is cut out of the URL without query and fragment', () => {
  expect(pathOf('http://h:1/v1/models?x=/y#z')).toBe('/v1/models');
  expect(pathOf('http://h:1')).toBe('/');
  expect(pathOf('http://h:1/?a')).toBe('/');
});

test('a doubled v1 and a trailing slash are served, not redirected', () => {
  expect(routedPath('/v1/v1/chat/completions', open).path).toBe('/v1/chat/completions');
  expect(routedPath('/api/tags/', open).path).toBe('/api/tags');
});

test('a key in front of the path is taken off, and only a real one', () => {
  expect(routedPath('/secret-key/api/chat', keyed)).toEqual({ path: '/api/chat', key: 'secret-key' });
  expect(routedPath('/secret-key/', keyed)).toEqual({ path: '/', key: 'secret-key' });
  expect(routedPath('/secret-key', keyed)).toEqual({ path: '/', key: 'secret-key' });
  expect(routedPath('/other-key/api/chat', keyed)).toEqual({ path: '/other-key/api/chat', key: undefined });
  expect(routedPath('/secret-key/api/chat', open).key).toBeUndefined();
});
