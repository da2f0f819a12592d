import { expect, test } from 'bun:test';
import { fillModel, findModelRoute, holdsModel } from '../../src/protocols/model-route.ts';
import { protocols } from '../../src/protocols/registry.ts';

const routes = protocols.flatMap((protocol) => protocol.routes).filter(holdsModel);

const found = (path: string): readonly [string, string] | undefined => {
  const match = findModelRoute(routes, path);
  return match === undefined ? undefined : [match.model, match.route.path];
};

test.each([
  ['/v1beta/models/m:generateContent', 'm', '/v1beta/models/{model}:generateContent'],
  ['/v1beta/models/ai/qwen3:8b:generateContent', 'ai/qwen3:8b', '/v1beta/models/{model}:generateContent'],
  ['/v1/models/m:streamGenerateContent', 'm', '/v1/models/{model}:streamGenerateContent'],
  ['/v1beta/models/a%2Fb%3Ac:countTokens', 'a/b:c', '/v1beta/models/{model}:countTokens'],
  [
    '/v1beta/models/m:generateContent:embedContent',
    'm:generateContent',
    '/v1beta/models/{model}:embedContent',
  ],
])('%s asks for %s', (path, model, route) => {
  expect(found(path)).toEqual([model, route]);
});

test.each([
  '/v1beta/models/:generateContent',
  '/v1beta/models/m',
  '/v1beta/models/m:later',
  '/v1beta/m:generateContent',
  '/v1beta/models/%zz:generateContent',
])('%s asks for nothing', (path) => {
  expect(found(path)).toBeUndefined();
});

test('a name is put where it was found, whatever it holds', () => {
  for (const model of ['m', 'ai/qwen3:8b', 'a b', 'ü', '$&', '{model}']) {
    const path = fillModel('/v1beta/models/{model}:generateContent', model);
    expect(path).toMatch(/^[!-~]+$/);
    expect(found(path)?.[0]).toBe(model);
  }
});
