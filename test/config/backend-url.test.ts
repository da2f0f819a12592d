import { describe, expect, test } from 'bun:test';
import { backendUrlProblem, normalisedUrl } from '../../src/config/backend-url.ts';
import { problemsOf } from './reading.ts';

describe('the url of a backend', () => {
  const refused: readonly (readonly [url: string, problem: string])[] = [
    ['127.0.0.1:11434', 'must be an http:// or https:// URL'],
    ['ftp://h', 'must be an http:// or https:// URL'],
    ['http://', 'must be an http:// or https:// URL'],
    ['http:h', 'must be an http:// or https:// URL'],
    ['http://h:99999', 'must be an http:// or https:// URL'],
    ['http://user@h', 'must not hold a user name or password; use apiKey or headers'],
    ['http://:password@h', 'must not hold a user name or password; use apiKey or headers'],
    ['http://h/?key=1', 'must be a base URL without ? or #'],
    ['http://h/#', 'must be a base URL without ? or #'],
  ];
  for (const [url, problem] of refused) {
    test(`${url} is refused`, async () => {
      expect(backendUrlProblem(url)).toBe(problem);
      expect(await problemsOf(`backends: { box: { kind: ollama, url: "${url}" } }`)).toEqual([
        `backends.box.url: ${problem}`,
      ]);
    });
  }

  for (const url of ['http://h', 'HTTPS://h:8443/v1/', 'http://[::1]:11434', 'http://gpu_box.lan:1']) {
    test(`${url} is taken`, () => {
      expect(backendUrlProblem(url)).toBeUndefined();
    });
  }

  test('one endpoint has one spelling', () => {
    expect(normalisedUrl('HTTP://Box.LAN:80/v1//')).toBe('http://box.lan/v1');
  });
});
