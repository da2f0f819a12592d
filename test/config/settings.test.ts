import { describe, expect, test } from 'bun:test';
import { toSettings } from '../../src/config/settings.ts';
import { configOf } from './reading.ts';

const settingsOf = async (text: string, simulated: readonly string[] = []) =>
  toSettings(await configOf(text), new Set(simulated));

const onlyBackend = async (fields: string) =>
  (await settingsOf(`backends: { box: { ${fields} } }`)).backends[0];

describe('the settings of the gateway', () => {
  test('carry every value of the file', async () => {
    const settings = await settingsOf(`
backends:
  box:
    { kind: openai-compatible, url: "http://10.0.0.7:8080/v1/", preset: vllm, lane: cpu, zone: cloud,
      slots: 3, priority: 2, apiKey: sk-1, headers: { x-a: b }, region: eu, weight: 0.5,
      price: { inputPerMillion: 1, outputPerMillion: 2.5 }, keepAlive: { minMs: 1, maxMs: 2 }, preload: [n] }
models:
  m:
    aliases: [n]
    names: { box: org/m }
    strategy: cost_optimized
    preferred: box
    localOnly: true
    context: { tokens: 8192, allowedOptions: [num_gpu] }
  plain: {}
strategy: random
weights: { geographic: { near: 0.5 } }
limits: { maxFirstTokenMs: 15, minReliability: 0.9 }
region: us
mode: single
requests: { policy: true, intentSuffixes: true }
affinity: { sessions: false, prefixes: false }
context: { buckets: [4096, 16384], allowedOptions: [num_thread] }
retryBudget: { tokens: 5, perRequest: 0.1, perSecond: 0.5 }
decisions: { keep: 3 }
responses: { maxBytes: 17, maxKeyBytes: 18, keepMs: 19 }
egress: { images: ['*.images.example'] }
maxAttempts: 2
timeouts: { headersMs: 1, firstContentMs: 20, betweenChunksMs: 3, totalMs: 4 }
heartbeat: { afterMs: 5, everyMs: 6 }
queue: { maxRequests: 7, maxBodyBytes: 8, maxWaitMs: 9, maxBatchWaitMs: 16, keyShare: 0.5, interactiveShare: 4 }
probe: { intervalMs: 10, timeoutMs: 11 }
breaker: { failures: 12, openMs: 13, maxOpenMs: 14 }
state:
  { driver: http, url: "http://10.0.0.1:5010/state", key: cluster-key, secret: a-shared-secret-1, instance: left,
    advertise: "http://10.0.0.2:5010", findPeers: true, peerKey: peer-key-1 }
auto:
  small: [a, b]
  large: c
  threshold: 0.6
  scoring: { performance: 1 }
  listed: true
  groups: { three: { small: a, medium: b, large: c, mediumThreshold: 0.2 } }
auth:
  keys:
    - { name: laptop, key: a-long-key-1, limits: { requestsPerMinute: 60, tokensPerMinute: 9000 } }
    - { name: open, key: a-long-key-2, limits: {} }
`);
    expect(settings).toEqual({
      backends: [
        {
          id: 'box',
          kind: 'openai-compatible',
          url: 'http://10.0.0.7:8080/v1',
          preset: 'vllm',
          lane: 'cpu',
          zone: 'cloud',
          slots: 3,
          priority: 2,
          apiKey: 'sk-1',
          headers: { 'x-a': 'b' },
          simulated: false,
          region: 'eu',
          weight: 0.5,
          price: { inputPerMillion: 1, outputPerMillion: 2.5 },
          keepAlive: { minMs: 1, maxMs: 2 },
          preload: ['n'],
        },
      ],
      models: [
        {
          name: 'm',
          aliases: ['n'],
          names: { box: 'org/m' },
          strategy: 'cost_optimized',
          preferred: 'box',
          localOnly: true,
          context: { tokens: 8192, buckets: [4096, 16_384], allowedOptions: ['num_gpu'] },
        },
        {
          name: 'plain',
          aliases: [],
          names: {},
          localOnly: false,
          context: { buckets: [4096, 16_384], allowedOptions: ['num_thread'] },
        },
      ],
      strategy: 'random',
      weights: { geographic: { near: 0.5 } },
      limits: { maxFirstTokenMs: 15, minReliability: 0.9 },
      region: 'us',
      mode: 'single',
      requests: { policy: true, intentSuffixes: true },
      affinity: { sessions: false, prefixes: false },
      context: { buckets: [4096, 16_384], allowedOptions: ['num_thread'] },
      retryBudget: { tokens: 5, perRequest: 0.1, perSecond: 0.5 },
      decisions: { keep: 3 },
      responses: { maxBytes: 17, maxKeyBytes: 18, keepMs: 19 },
      egress: { images: ['*.images.example'] },
      limitedKeys: [{ name: 'laptop', requestsPerMinute: 60, tokensPerMinute: 9000 }],
      maxAttempts: 2,
      timeouts: { headersMs: 1, firstContentMs: 20, betweenChunksMs: 3, totalMs: 4 },
      heartbeat: { afterMs: 5, everyMs: 6 },
      queue: {
        maxRequests: 7,
        maxBodyBytes: 8,
        maxWaitMs: 9,
        maxBatchWaitMs: 16,
        keyShare: 0.5,
        interactiveShare: 4,
      },
      probe: { intervalMs: 10, timeoutMs: 11 },
      breaker: { failures: 12, openMs: 13, maxOpenMs: 14 },
      state: {
        driver: 'http',
        url: 'http://10.0.0.1:5010/state',
        key: 'cluster-key',
        secret: 'a-shared-secret-1',
        instance: 'left',
        advertise: 'http://10.0.0.2:5010',
        findPeers: true,
        peerKey: 'peer-key-1',
      },
      auto: {
        groups: [
          {
            name: 'auto',
            tiers: [
              { name: 'small', models: ['a', 'b'] },
              { name: 'large', models: ['c'] },
            ],
            thresholds: [0.6],
            weights: { performance: 1, cost: 0.3, reliability: 0.2, capabilities: 0.1 },
          },
          {
            name: 'three',
            tiers: [
              { name: 'small', models: ['a'] },
              { name: 'medium', models: ['b'] },
              { name: 'large', models: ['c'] },
            ],
            thresholds: [0.2, 0.7],
            weights: { performance: 0.4, cost: 0.3, reliability: 0.2, capabilities: 0.1 },
          },
        ],
        listed: true,
      },
    });
  });

  test('name the backends that are simulations', async () => {
    const text = 'backends: { a: { kind: ollama, url: "http://a" }, b: { kind: ollama, url: "http://b" } }';
    const { backends } = await settingsOf(text, ['b']);
    expect(backends.map(({ id, simulated }) => [id, simulated])).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });

  test('leave out what only the engine knows, and an empty key', async () => {
    expect(await onlyBackend('kind: ollama, url: "http://h:1", apiKey: ""')).toEqual({
      id: 'box',
      kind: 'ollama',
      url: 'http://h:1',
      lane: 'gpu',
      zone: 'local',
      priority: 1,
      simulated: false,
    });
  });
});

describe('lane and zone where the file says nothing', () => {
  const cases: readonly (readonly [fields: string, lane: string, zone: string])[] = [
    ['kind: ollama, url: "http://127.0.0.1:1"', 'gpu', 'local'],
    ['kind: docker-model-runner, url: "http://model-runner.docker.internal"', 'container', 'local'],
    ['kind: peer, url: "http://192.168.1.2:5010"', 'peer', 'local'],
    ['kind: openai-compatible, url: "https://api.example.com/v1"', 'gpu', 'cloud'],
    ['kind: openai-compatible, url: "http://127.0.0.1:1", lane: cloud', 'cloud', 'cloud'],
    ['kind: openai-compatible, url: "https://gpu.example.com", zone: local', 'gpu', 'local'],
  ];
  for (const [fields, lane, zone] of cases) {
    test(`${fields} is ${lane} and ${zone}`, async () => {
      expect(await onlyBackend(fields)).toMatchObject({ lane, zone });
    });
  }
});
