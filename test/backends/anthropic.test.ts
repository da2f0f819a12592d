import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../src/backends/anthropic.ts';
import { backendContract, base, optionsFor } from '../contracts/backend.ts';
import { type FakeReply, fakeEngine } from './fake-fetch.ts';

const never = new AbortController().signal;

const entry = (id: string, more: object = {}) => ({
  type: 'model',
  id,
  display_name: id,
  created_at: '2025-10-15T00:00:00Z',
  ...more,
});

const page = (ids: readonly string[], after?: string): FakeReply => ({
  json: {
    data: ids.map((id) => entry(id)),
    has_more: after !== undefined,
    first_id: ids[0] ?? null,
    last_id: after ?? null,
  },
});

backendContract('anthropic', {
  kind: anthropic,
  keyHeader: 'x-api-key',
  live: {
    '/v1/models?limit=1000': page(['claude-haiku-4-5-20251001', 'claude-3-opus-20240229']),
    '/v1/models?limit=1': page(['claude-haiku-4-5-20251001']),
  },
  listings: ['/v1/models?limit=1000'],
  found: {
    models: [
      {
        name: 'claude-haiku-4-5-20251001',
        createdUnix: 1_760_486_400,
        capabilities: ['completion', 'tools', 'vision', 'thinking'],
        contextTokens: 200_000,
      },
      { name: 'claude-3-opus-20240229', capabilities: ['completion', 'tools', 'vision'] },
    ],
  },
  alive: [
    { '/v1/models?limit=1': { status: 401, text: '' } },
    { '/v1/models?limit=1': { status: 429, text: '' } },
  ],
  dead: [
    { '/v1/models?limit=1': { status: 529, text: '' } },
    { '/v1/models?limit=1': { status: 503, text: '' } },
  ],
  urls: [
    ['https://api.anthropic.com', 'anthropic', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
    ['https://api.anthropic.com/v1/', 'anthropic', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
    [`${base}/proxy/v1/messages`, 'anthropic', '/v1/models', `${base}/proxy/v1/models`],
  ],
  names: [
    [
      'claude-Haiku-4-5-20251001',
      [
        'claude-haiku-4-5-20251001',
        'claude-haiku-4-5-20251001:latest',
        'claude-haiku-4-5',
        'claude-haiku-4-5:latest',
      ],
    ],
  ],
});

describe('the listing of Anthropic’s models', () => {
  const probe = (replies: Readonly<Record<string, FakeReply>>) =>
    anthropic.create(optionsFor(anthropic)).probe(fakeEngine(base, replies).fetch, never);

  test('is read page by page', async () => {
    const { models } = await probe({
      '/v1/models?limit=1000': page(['claude-a'], 'claude-a'),
      '/v1/models?limit=1000&after_id=claude-a': page(['claude-b'], 'claude b'),
      '/v1/models?limit=1000&after_id=claude%20b': page(['claude-c']),
    });
    expect(models.map(({ name }) => name)).toEqual(['claude-a', 'claude-b', 'claude-c']);
  });

  test('that never ends is given up', async () => {
    const { models } = await probe({ '*': page(['claude-a'], 'claude-a') });
    expect(models.length).toBeLessThan(100);
  });

  test('says of newer models what they can do', async () => {
    const { models } = await probe({
      '/v1/models?limit=1000': {
        json: {
          data: [
            entry('claude-next', {
              max_input_tokens: 1_000_000,
              capabilities: { image_input: { supported: false }, thinking: { supported: true } },
            }),
          ],
          has_more: false,
        },
      },
    });
    expect(models[0]).toMatchObject({
      contextTokens: 1_000_000,
      capabilities: ['completion', 'tools', 'thinking'],
    });
  });
});

describe('requests to Anthropic', () => {
  test('name a version of the API, which the configuration may change', () => {
    const headersOf = (headers: Record<string, string>) =>
      anthropic.create(optionsFor(anthropic, { headers })).headers;
    expect(headersOf({})['anthropic-version']).toBe('2023-06-01');
    expect(headersOf({ 'Anthropic-Version': '2027-01-01' })['anthropic-version']).toBe('2027-01-01');
  });
});
