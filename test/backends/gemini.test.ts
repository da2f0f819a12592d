import { describe, expect, test } from 'bun:test';
import { gemini } from '../../src/backends/gemini.ts';
import { backendContract, base, optionsFor } from '../contracts/backend.ts';
import { type FakeReply, fakeEngine } from './fake-fetch.ts';

const never = new AbortController().signal;

const entry = (name: string, more: object = {}) => ({
  name: `models/${name}`,
  displayName: name,
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: ['generateContent', 'countTokens'],
  ...more,
});

const page = (models: readonly object[], nextPageToken?: string): FakeReply => ({
  json: { models, ...(nextPageToken === undefined ? {} : { nextPageToken }) },
});

const first = '/v1beta/models?pageSize=1000';
const one = '/v1beta/models?pageSize=1';

const failure = (code: number, message: string, status: string): FakeReply => ({
  status: code,
  json: { error: { code, message, status } },
});

backendContract('gemini', {
  kind: gemini,
  keyHeader: 'x-goog-api-key',
  live: {
    [first]: page([
      entry('gemini-2.5-flash', { thinking: true }),
      entry('gemini-embedding-001', { inputTokenLimit: 2048, supportedGenerationMethods: ['embedContent'] }),
      { displayName: 'nobody' },
    ]),
    [one]: page([entry('gemini-2.5-flash')], 'next'),
  },
  listings: [first],
  found: {
    models: [
      {
        name: 'gemini-2.5-flash',
        ownedBy: 'google',
        contextTokens: 1_048_576,
        capabilities: ['completion', 'tools', 'vision', 'audio', 'thinking'],
      },
      { name: 'gemini-embedding-001', contextTokens: 2048, capabilities: ['embedding'] },
    ],
  },
  alive: [
    { [one]: failure(400, 'API key not valid. Please pass a valid API key.', 'INVALID_ARGUMENT') },
    { [one]: failure(403, 'The caller does not have permission', 'PERMISSION_DENIED') },
    { [one]: failure(429, 'Quota exceeded', 'RESOURCE_EXHAUSTED') },
  ],
  dead: [
    { [one]: failure(400, 'Request contains an invalid argument.', 'INVALID_ARGUMENT') },
    { [one]: failure(503, 'The service is currently unavailable.', 'UNAVAILABLE') },
    { [one]: { status: 404, text: '' } },
  ],
  urls: [
    [base, 'gemini', '/v1beta/models/m:generateContent', `${base}/v1beta/models/m:generateContent`],
    [`${base}/v1beta`, 'gemini', '/v1/models/m:countTokens', `${base}/v1/models/m:countTokens`],
    [`${base}/v1beta/openai/`, 'gemini', '/v1beta/models', `${base}/v1beta/models`],
    [`${base}/base/path/v1/`, 'gemini', '/v1beta/models', `${base}/base/path/v1beta/models`],
  ],
  names: [
    [
      'gemini-2.5-flash',
      [
        'gemini-2.5-flash',
        'gemini-2.5-flash:latest',
        'models/gemini-2.5-flash',
        'models/gemini-2.5-flash:latest',
      ],
    ],
  ],
});

describe('Google’s listing', () => {
  test('is read page by page', async () => {
    const engine = fakeEngine(base, {
      [first]: page([entry('a')], 'p 2'),
      [`${first}&pageToken=p%202`]: page([entry('b')], 'p3'),
      [`${first}&pageToken=p3`]: page([entry('c')]),
    });
    const { models } = await gemini.create(optionsFor(gemini)).probe(engine.fetch, never);
    expect(models.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(engine.sent).toHaveLength(3);
  });

  test('that never ends is given up', async () => {
    const engine = fakeEngine(base, { '*': page([], 'again') });
    await gemini.create(optionsFor(gemini)).probe(engine.fetch, never);
    expect(engine.sent.length).toBeLessThan(100);
  });

  test.each<readonly [string, readonly string[]]>([
    ['gemini-2.5-flash', ['completion', 'tools', 'vision', 'audio']],
    ['gemini-2.5-flash-image', ['completion', 'vision']],
    ['gemini-2.5-flash-preview-tts', ['completion']],
    ['gemma-3-27b-it', ['completion', 'vision']],
    ['learnlm-2.0', ['completion']],
  ])('%s can do %j', async (name, capabilities) => {
    const engine = fakeEngine(base, { [first]: page([entry(name)]) });
    const { models } = await gemini.create(optionsFor(gemini)).probe(engine.fetch, never);
    expect(models[0]?.capabilities).toEqual(capabilities as never);
  });

  test('may be forbidden to a key that is good for models', async () => {
    const engine = fakeEngine(base, { [first]: failure(403, 'no', 'PERMISSION_DENIED') });
    const declared = optionsFor(gemini, { models: [{ name: 'gemini-2.5-flash' }] });
    expect((await gemini.create(declared).probe(engine.fetch, never)).models).toEqual([]);
  });
});

test('Google’s API has one address, is a cloud, and is looked at seldom', () => {
  expect(gemini).toMatchObject({ lane: 'cloud', url: 'https://generativelanguage.googleapis.com' });
  expect(gemini.lookEveryMs).toBeGreaterThan(60_000);
});
