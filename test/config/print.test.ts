import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type CheckedConfig, checkConfig } from '../../src/config/check-config.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { printConfig, withoutSecrets } from '../../src/config/print.ts';
import type { Config } from '../../src/config/schema.ts';
import { propertyRuns } from '../property-runs.ts';
import { configOf, sources } from './reading.ts';

const must = (checked: CheckedConfig): Config => {
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  return checked.config;
};

const anyText = fc.oneof(
  fc.constantFrom(
    'yes',
    'null',
    '1e3',
    '0x10',
    '2020-01-01',
    '- a',
    'a: b',
    '# c',
    '!t',
    '*a',
    '${'.concat('X}'),
    '$$'.concat('{'),
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text)),
);
const id = fc
  .stringMatching(/^[a-z0-9][A-Za-z0-9._-]{0,9}$/)
  .filter((text) => !Object.hasOwn(Object.prototype, text));
const kinds = ['ollama', 'docker-model-runner', 'openai-compatible', 'peer'];
const backend = fc.record(
  {
    kind: fc.constantFrom(...kinds),
    url: fc.nat({ max: 250 }).map((host) => `http://10.0.0.${host}:8080/v1`),
    lane: fc.constantFrom('gpu', 'cpu', 'container', 'cloud', 'peer'),
    slots: fc.integer({ min: 1, max: 99 }),
    priority: fc.nat({ max: 9 }),
    zone: fc.constantFrom('local', 'cloud'),
  },
  { requiredKeys: ['kind', 'url'] },
);
const models = fc.dictionary(
  anyText,
  fc.record({ names: fc.dictionary(fc.constantFrom(...kinds), anyText) }, { requiredKeys: [] }),
  { maxKeys: 4 },
);
const config = fc
  .record(
    {
      listen: fc.constantFrom('0.0.0.0:1', '[::1]:5010', 'localhost:0'),
      insecure: fc.boolean(),
      backends: fc.dictionary(
        id.map((text) => `b-${text}`),
        backend,
        { maxKeys: 4 },
      ),
      models,
      strategy: fc.constantFrom('priority', 'least_loaded', 'round_robin', 'random'),
      queue: fc.record({ maxBodyBytes: fc.constantFrom('1GiB', '3kB', 77) }, { requiredKeys: [] }),
      http: fc.record({ allowedHosts: fc.array(id) }, { requiredKeys: [] }),
      log: fc.record({ level: fc.constantFrom('error', 'debug') }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  .map((tree) => checkConfig(JSON.parse(JSON.stringify(tree))))
  .filter((checked) => 'config' in checked)
  .map(must);

describe('a printed configuration', () => {
  test('reads back as the same', async () => {
    await fc.assert(
      fc.asyncProperty(config, async (original) => {
        expect(must(await parseConfig(printConfig(original), sources))).toEqual(original);
      }),
      { numRuns: Math.min(propertyRuns, 300) },
    );
  });

  const secret = `
backends:
  box: { kind: ollama, url: "http://h:1", apiKey: canary-1, headers: { x-key: canary-2, X-Other: canary-3 } }
  open: { kind: ollama, url: "http://h:2", apiKey: "" }
auth: { keys: [{ name: me, key: canary-4, scopes: [admin] }] }
`;

  test('shows no secret and hides nothing else', async () => {
    const printed = printConfig(await configOf(secret));
    expect(printed).not.toContain('canary');
    expect(printed).toContain('apiKey: "***"');
    expect(printed).toContain('apiKey: ""');
    expect(printed).toContain('x-key: "***"');
    expect(printed).toContain('- name: me\n      key: "***"\n      scopes:\n        - admin');
    expect(printed).toContain('maxBodyBytes: 67108864');
  });

  test('leaves the configuration itself as it was', async () => {
    const original = await configOf(secret);
    expect(JSON.stringify(withoutSecrets(original))).not.toContain('canary');
    expect(original).toEqual(await configOf(secret));
  });
});
