import { describe, expect, test } from 'bun:test';
import { toSettings } from '../../src/config/settings.ts';
import { configOf, problemsOf } from './reading.ts';

const box = 'backends: { box: { kind: ollama, url: "http://127.0.0.1:1" } }';
const pem = '"-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----"';

const problems = (state: string): Promise<readonly string[]> => problemsOf(`${box}\nstate: ${state}`);

describe('where the state is kept', () => {
  test('may be a Redis behind TLS, one server or a cluster, with the certificate of its signer', async () => {
    for (const url of ['rediss://box:6380', 'rediss+cluster://one:6380,two:6380']) {
      const config = await configOf(`${box}\nstate: { driver: redis, url: "${url}", ca: ${pem} }`);
      expect(toSettings(config, new Set()).state).toMatchObject({
        driver: 'redis',
        url,
        ca: expect.stringContaining('BEGIN CERTIFICATE'),
      });
    }
  });

  test('may be any server or cluster of a name or an address, with a login and a number', async () => {
    for (const url of [
      'redis://me:p%40ss@[::1]:6379/1',
      'redis://box',
      'redis+cluster://me:secret@one:6379,two,10.0.0.3:7000/',
    ]) {
      expect(await problems(`{ driver: redis, url: "${url}" }`)).toEqual([]);
    }
    expect(await problems('{ driver: http, url: "https://box/state/" }')).toEqual([]);
  });

  const wrong: readonly (readonly [state: string, problem: string])[] = [
    ['{ driver: redis }', 'state.url: is needed for the driver redis'],
    ['{ driver: redis, url: "http://box/state" }', 'state.url: is no address for the driver redis'],
    ['{ driver: redis, url: "redis://box:port" }', 'state.url: has a host or a port that cannot be one'],
    [
      '{ driver: redis, url: "redis+cluster://one:6379,two:99999" }',
      'state.url: has a host or a port that cannot be one',
    ],
    [
      '{ driver: http, url: "http://box:5010:5010/state" }',
      'state.url: has a host or a port that cannot be one',
    ],
    ['{ driver: fs }', 'state.path: is needed for the driver fs'],
    ['{ path: folder }', 'state.path: is of no use for the driver memory'],
    [
      '{ driver: redis, url: "redis://box", key: a-key-of-ours }',
      'state.key: is of no use for the driver redis',
    ],
    [
      `{ driver: redis, url: "redis://box:6379", ca: ${pem} }`,
      'state.ca: is of no use but for rediss:// and rediss+cluster://',
    ],
    [`{ ca: ${pem} }`, 'state.ca: is of no use but for rediss:// and rediss+cluster://'],
    [
      '{ driver: redis, url: "rediss://box:6380", ca: /etc/ssl/ca.pem }',
      'state.ca: must be in PEM, which begins with -----BEGIN CERTIFICATE-----',
    ],
  ];
  for (const [state, problem] of wrong) {
    test(`is refused as ${state}`, async () => {
      expect(await problems(state)).toEqual([problem]);
    });
  }
});
