import { describe, expect, test } from 'bun:test';
import { openai } from '../../src/backends/openai.ts';
import { backendContract, base, optionsFor } from '../contracts/backend.ts';
import { type FakeReply, fakeEngine } from './fake-fetch.ts';

const never = new AbortController().signal;

const list = (...ids: readonly string[]): FakeReply => ({
  json: { object: 'list', data: ids.map((id) => ({ id, object: 'model', created: 1, owned_by: 'openai' })) },
});

backendContract('openai', {
  kind: openai,
  live: { '/v1/models': list('gpt-4o', 'text-embedding-3-small', 'made-tomorrow') },
  listings: ['/v1/models'],
  found: {
    models: [
      { name: 'gpt-4o', capabilities: ['completion', 'tools', 'vision'], contextTokens: 128_000 },
      { name: 'text-embedding-3-small', capabilities: ['embedding'] },
      { name: 'made-tomorrow', ownedBy: 'openai' },
    ],
  },
  alive: [
    { '/v1/models': { status: 401, text: '' } },
    { '/v1/models': { status: 403, text: '' } },
    { '/v1/models': { status: 429, text: '' } },
  ],
  dead: [{ '/v1/models': { status: 503, text: '' } }],
  urls: [
    [
      'https://api.openai.com/v1',
      'openai-chat',
      '/v1/chat/completions',
      'https://api.openai.com/v1/chat/completions',
    ],
    [`${base}/proxy/v1/`, 'openai-chat', '/v1/models', `${base}/proxy/v1/models`],
  ],
  names: [['GPT-4o', ['gpt-4o', 'gpt-4o:latest']]],
});

describe("OpenAI's models", () => {
  test.each([
    ['gpt-4o-mini-tts', ['speech']],
    ['tts-1-hd', ['speech']],
    ['gpt-4o-mini-transcribe', ['transcription']],
    ['whisper-1', ['transcription']],
    ['dall-e-3', ['image-generation']],
    ['gpt-image-1', ['image-generation']],
    ['omni-moderation-latest', ['moderation']],
    ['gpt-4o-audio-preview', ['completion', 'tools', 'audio']],
    ['gpt-5-mini', ['completion', 'tools', 'vision', 'thinking']],
    ['gpt-5-chat-latest', ['completion', 'tools', 'vision']],
    ['o3-mini', ['completion', 'tools', 'thinking']],
    ['gpt-3.5-turbo-instruct', ['completion']],
    ['gpt-4o-realtime-preview', undefined],
    ['gpt-99', undefined],
  ] as const)('%s can do %p', async (id, capabilities) => {
    const { fetch } = fakeEngine(base, { '/v1/models': list(id) });
    const { models } = await openai.create(optionsFor(openai)).probe(fetch, never);
    expect(models[0]?.capabilities as unknown).toEqual(capabilities as unknown);
  });

  test('are those declared where the key may not list them', async () => {
    const models = [{ name: 'gpt-4o' }];
    const refusing = fakeEngine(base, { '/v1/models': { status: 403, json: { error: { message: 'no' } } } });
    expect(await openai.create(optionsFor(openai, { models })).probe(refusing.fetch, never)).toEqual({
      models: [],
    });
    expect(openai.create(optionsFor(openai)).probe(refusing.fetch, never)).rejects.toThrow('answered 403');
  });
});
