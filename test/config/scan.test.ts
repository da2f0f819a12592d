import { describe, expect, test } from 'bun:test';
import { parseConfig } from '../../src/config/parse.ts';
import { scan, withFound } from '../../src/config/scan.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Fetch } from '../../src/spec/ports.ts';
import { backend, configOf, sources } from './reading.ts';

const ollama: Readonly<Record<string, string>> = {
  '/api/version': '{"version":"0.12.6"}',
  '/api/tags': '{"models":[]}',
};

const llamaCpp: Readonly<Record<string, string>> = {
  '/health': '{"status":"ok"}',
  '/v1/models': '{"object":"list","data":[{"id":"m","object":"model","owned_by":"llamacpp"}]}',
};

type Hosts = Readonly<Record<string, Readonly<Record<string, string>> | 'silent'>>;

const fetchFrom =
  (hosts: Hosts, asked: string[] = []): Fetch =>
  (url, { signal }) => {
    const { origin, pathname } = new URL(url);
    asked.push(origin);
    const host = hosts[origin];
    if (host === undefined) return Promise.reject(new Error('refused'));
    if (host !== 'silent')
      return Promise.resolve(new Response(host[pathname] ?? '', { status: host[pathname] ? 200 : 404 }));
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  };

describe('a scan', () => {
  test('finds what it recognises, in the order of the addresses, and nothing else', async () => {
    const fetch = fetchFrom({
      'http://127.0.0.1:1': { '/health': '{"status":"ok"}', '/': 'a web page' },
      'http://127.0.0.1:2': llamaCpp,
      'http://127.0.0.1:3': ollama,
    });
    const targets = [1, 2, 3, 4].map((port) => `http://127.0.0.1:${port}`);
    expect(await scan(targets, { fetch, clock: createVirtualClock() })).toMatchObject([
      { url: 'http://127.0.0.1:2', kind: 'openai-compatible', preset: 'llama.cpp' },
      { url: 'http://127.0.0.1:3', kind: 'ollama', version: '0.12.6' },
    ]);
  });

  test('asks one engine under two names of this machine once', async () => {
    const asked: string[] = [];
    const fetch = fetchFrom({ 'http://localhost:3': ollama, 'http://127.0.0.1:3': ollama }, asked);
    const found = await scan(['http://localhost:3', 'http://127.0.0.1:3/'], {
      fetch,
      clock: createVirtualClock(),
    });
    expect(found.map(({ url }) => url)).toEqual(['http://localhost:3']);
    expect(new Set(asked)).toEqual(new Set(['http://localhost:3']));
  });

  test('ends after a second although an address is silent, and keeps what others answered', async () => {
    const clock = createVirtualClock();
    const fetch = fetchFrom({ 'http://127.0.0.1:1': 'silent', 'http://127.0.0.1:3': ollama });
    const found = await clock.until(scan(['http://127.0.0.1:1', 'http://127.0.0.1:3'], { fetch, clock }));
    expect(found.map(({ url }) => url)).toEqual(['http://127.0.0.1:3']);
    expect(clock.now()).toBe(1000);
  });

  test('ends after a second although a fetch ignores its signal', async () => {
    const clock = createVirtualClock();
    const fetch: Fetch = () => new Promise(() => undefined);
    expect(await clock.until(scan(['http://127.0.0.1:1'], { fetch, clock }))).toEqual([]);
  });

  test('leaves no timer behind', async () => {
    const clock = createVirtualClock();
    await scan(['http://127.0.0.1:1'], { fetch: fetchFrom({}), clock });
    expect(clock.pending()).toBe(0);
  });
});

describe('what a scan found', () => {
  test('joins a configuration under the name of what it is', async () => {
    const config = withFound(await configOf(backend('lane: gpu')), [
      { url: 'http://127.0.0.1:1', kind: 'ollama', version: '0.12.6' },
      { url: 'http://127.0.0.1:2', kind: 'ollama' },
      { url: 'http://127.0.0.1:3', kind: 'openai-compatible', preset: 'generic' },
      { url: 'http://127.0.0.1:4', kind: 'openai-compatible', preset: 'vllm', simulated: false },
    ]);
    expect(
      Object.entries(config.backends).map(([id, { kind, url, preset }]) => [id, kind, url, preset]),
    ).toEqual([
      ['box', 'ollama', 'http://127.0.0.1:11434', undefined],
      ['ollama', 'ollama', 'http://127.0.0.1:1', undefined],
      ['ollama-2', 'ollama', 'http://127.0.0.1:2', undefined],
      ['openai-compatible', 'openai-compatible', 'http://127.0.0.1:3', 'generic'],
      ['vllm', 'openai-compatible', 'http://127.0.0.1:4', 'vllm'],
    ]);
  });

  test('is not a second backend where its address is named already', async () => {
    const text = `backends:
  gpu: { kind: ollama, url: "http://localhost:1", lane: gpu, priority: 2 }
  cpu: { kind: ollama, url: "http://127.0.0.1:2", lane: cpu, slots: 3 }`;
    const config = withFound(await configOf(text), [
      { url: 'http://127.0.0.1:1/', kind: 'ollama' },
      { url: 'http://127.0.0.1:2', kind: 'openai-compatible', preset: 'llama.cpp' },
    ]);
    expect(config.backends).toEqual({
      gpu: { kind: 'ollama', url: 'http://localhost:1', lane: 'gpu', priority: 2 },
      cpu: {
        kind: 'openai-compatible',
        preset: 'llama.cpp',
        url: 'http://127.0.0.1:2',
        lane: 'cpu',
        slots: 3,
        priority: 1,
      },
    });
  });

  test('changes nothing else', async () => {
    const parsed = await parseConfig('strategy: random\nhttp: { maxBodyBytes: 1MiB }', sources);
    if ('problems' in parsed) throw new Error(parsed.problems.join());
    expect(withFound(parsed.config, [])).toEqual(parsed.config);
  });
});
