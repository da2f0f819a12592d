import { describe, expect, test } from 'bun:test';
import { peer } from '../../src/backends/peer.ts';
import { backendContract, base, optionsFor } from '../contracts/backend.ts';
import { fakeEngine } from './fake-fetch.ts';

const live = {
  '/health': { json: { service: 'pointsman', status: 'ok', version: '0.1.0', backends: [] } },
  '/api/tags': { json: { models: [{ name: 'llama3.2:latest', model: 'llama3.2:latest', details: {} }] } },
  '/api/ps': { json: { models: [] } },
  '/livez': { text: 'ok' },
};

backendContract('peer', {
  kind: peer,
  live,
  listings: ['/api/tags'],
  found: { version: '0.1.0', models: [{ name: 'llama3.2:latest' }] },
  dead: [{ '/livez': { status: 503, text: 'no' } }],
  urls: [
    [base, 'ollama', '/api/chat', `${base}/api/chat`],
    [`${base}/v1/`, 'openai-chat', '/v1/chat/completions', `${base}/v1/chat/completions`],
    [`${base}/prefix`, 'openai-chat', '/v1/models', `${base}/prefix/v1/models`],
  ],
  names: [['Llama3.2:latest', ['llama3.2:latest', 'llama3.2']]],
});

describe('peer', () => {
  const backend = peer.create(optionsFor(peer));
  const never = new AbortController().signal;

  test('every dialect passes unchanged', () => {
    expect(backend.speaks.map(({ protocol }) => protocol)).toEqual([
      'ollama',
      'openai-chat',
      'anthropic',
      'gemini',
    ]);
    expect(peer.lane).toBe('peer');
  });

  test('a peer with a host down says 503 and is still routed to', async () => {
    const health = { status: 503, json: { service: 'pointsman', version: '0.1.0', simulated: true } };
    const found = await backend.probe(fakeEngine(base, { ...live, '/health': health }).fetch, never);
    expect(found).toMatchObject({ version: '0.1.0', simulated: true });
  });

  test('what a peer says of its load is taken with its slots, and what cannot be true is not', async () => {
    const withLoad = (load: unknown) =>
      fakeEngine(base, { ...live, '/health': { json: { service: 'pointsman', version: '1', load } } }).fetch;
    const load = { inflight: 2, waiting: 1, slots: 4, freeBytes: 5, totalBytes: 9 };
    expect(await backend.probe(withLoad(load), never)).toMatchObject({ slots: 4, load, tellsLoaded: true });
    expect(await backend.probe(withLoad({ inflight: 'many' }), never)).not.toHaveProperty('load');
  });

  test('an Ollama behind the address of a peer is refused', async () => {
    const probing = backend.probe(fakeEngine(base, { '/api/tags': live['/api/tags'] }).fetch, never);
    await expect(probing).rejects.toThrow('not as a Pointsman');
  });
});
