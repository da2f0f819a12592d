import { describe, expect, test } from 'bun:test';
import { azureOpenai } from '../../src/backends/azure-openai.ts';
import { backendContract, base, optionsFor } from '../contracts/backend.ts';
import { fakeEngine } from './fake-fetch.ts';

const listing = '/openai/models?api-version=2024-10-21';

backendContract('azure-openai', {
  kind: azureOpenai,
  keyHeader: 'api-key',
  query: '?api-version=2024-10-21',
  live: { [listing]: { json: { object: 'list', data: [{ id: 'gpt-4o', status: 'succeeded' }] } } },
  listings: [listing],
  // What could be deployed is no deployment.
  found: { models: [] },
  alive: [{ [listing]: { status: 401, text: '' } }],
  dead: [{ [listing]: { status: 500, text: '' } }],
  urls: [
    [base, 'openai-chat', '/v1/models', `${base}/openai/models?api-version=2024-10-21`],
    [`${base}/openai/`, 'openai-chat', '/v1/models', `${base}/openai/models?api-version=2024-10-21`],
  ],
  names: [['my-deployment', ['my-deployment', 'my-deployment:latest']]],
});

describe('deployments of Azure', () => {
  test('stand in the path, with the version that is configured', () => {
    const backend = azureOpenai.create(optionsFor(azureOpenai, { apiVersion: '2025-01-01-preview' }));
    expect(backend.url('openai-chat', '/v1/chat/completions', 'my deployment/x')).toBe(
      `${base}/openai/deployments/my%20deployment%2Fx/chat/completions?api-version=2025-01-01-preview`,
    );
  });

  test('are the declared ones; one named as its model is that model', async () => {
    const { fetch } = fakeEngine(base, { [listing]: { json: { data: [] } } });
    const options = optionsFor(azureOpenai, { models: [{ name: 'gpt-4o' }, { name: 'mine' }] });
    const { models } = await azureOpenai.create(options).probe(fetch, new AbortController().signal);
    expect(models).toEqual([
      { name: 'gpt-4o', capabilities: ['completion', 'tools', 'vision'], contextTokens: 128_000 },
      { name: 'mine' },
    ]);
  });
});
