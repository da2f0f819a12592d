import { describe, expect, test } from 'bun:test';
import { backend, configOf, from, problemsOf } from './reading.ts';

describe('a good file', () => {
  test('an empty file is all defaults', async () => {
    expect(await configOf('')).toEqual({
      listen: '127.0.0.1:5010',
      insecure: false,
      backends: {},
      models: {},
      strategy: 'expected_finish',
      egress: { images: [] },
      maxAttempts: 3,
      timeouts: {
        headersMs: 5000,
        firstContentMs: 300_000,
        betweenChunksMs: 60_000,
        totalMs: 0,
        drainMs: 30_000,
      },
      heartbeat: { afterMs: 8000, everyMs: 5000 },
      queue: {
        maxRequests: 256,
        maxBodyBytes: 256 * 1024 * 1024,
        maxWaitMs: 60_000,
        maxBatchWaitMs: 300_000,
        keyShare: 0.25,
        interactiveShare: 8,
      },
      weights: {},
      limits: {},
      mode: 'hybrid',
      requests: { policy: false, intentSuffixes: false },
      affinity: { sessions: true, prefixes: true },
      context: {
        buckets: [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576],
        allowedOptions: [],
      },
      retryBudget: { tokens: 20, perRequest: 0.2, perSecond: 1 },
      decisions: { keep: 64 },
      responses: { maxBytes: 67_108_864, maxKeyBytes: 33_554_432, keepMs: 86_400_000 },
      probe: { intervalMs: 5000, timeoutMs: 1000 },
      breaker: { failures: 3, openMs: 5000, maxOpenMs: 120_000 },
      auth: { keys: [], basic: false },
      http: {
        allowedHosts: [],
        allowedOrigins: [],
        maxBodyBytes: 64 * 1024 * 1024,
        maxDepth: 64,
        compressedBodies: false,
      },
      state: { driver: 'memory', findPeers: false },
      log: { level: 'warn', requests: false, decisions: false },
    });
  });

  test('several hosts with aliases read as they are written', async () => {
    const config = await configOf(`
listen: 127.0.0.1:5010
backends:
  gpu:   { kind: ollama, url: http://127.0.0.1:11434, lane: gpu, slots: 2, priority: 1 }
  cpu:   { kind: ollama, url: http://127.0.0.1:11435, lane: cpu, slots: 1, priority: 2 }
  dmr:   { kind: docker-model-runner, url: http://127.0.0.1:12434, lane: container, priority: 1 }
  box:   { kind: openai-compatible, url: http://10.0.0.7:8080/v1, apiKey: ${from('NO_SUCH_KEY:-')} }
models:
  mistral-small3.2: { aliases: [mistral], names: { ollama: "mistral-small3.2:latest", docker-model-runner: "ai/mistral-small3.2" } }
`);
    expect(Object.keys(config.backends)).toEqual(['gpu', 'cpu', 'dmr', 'box']);
    expect(config.backends.cpu).toEqual({
      kind: 'ollama',
      url: 'http://127.0.0.1:11435',
      lane: 'cpu',
      slots: 1,
      priority: 2,
    });
    expect(config.backends.box?.apiKey).toBe('');
    expect(config.models['mistral-small3.2']).toEqual({
      aliases: ['mistral'],
      names: { ollama: 'mistral-small3.2:latest', 'docker-model-runner': 'ai/mistral-small3.2' },
      localOnly: false,
    });
  });

  test('anchors, aliases and merge keys are understood', async () => {
    const config = await configOf(`
backends:
  one: &one { kind: ollama, url: "http://10.0.0.1:11434", slots: 2 }
  two: { <<: *one, url: "http://10.0.0.2:11434" }
`);
    expect(config.backends.two).toEqual({
      kind: 'ollama',
      url: 'http://10.0.0.2:11434',
      slots: 2,
      priority: 1,
    });
  });

  test('sizes are bytes or texts with a unit', async () => {
    const config = await configOf('http: { maxBodyBytes: 10MiB }\nqueue: { maxBodyBytes: 1048576 }');
    expect([config.http.maxBodyBytes, config.queue.maxBodyBytes]).toEqual([10_485_760, 1_048_576]);
  });

  test('a model whose name is all digits or a word of JavaScript is a model', async () => {
    const config = await configOf('models: { 1: { aliases: [one] }, constructor: {} }');
    expect(Object.keys(config.models)).toEqual(['1', 'constructor']);
  });
});

describe('expansion inside a file', () => {
  test('a variable, a default and a file stand unquoted in block and flow style', async () => {
    const config = await configOf(`
backends:
  a: { kind: ollama, url: "http://10.0.0.1:1", apiKey: ${from('BOX_KEY')}, slots: 1 }
  b: { kind: ollama, url: ${from('NO_URL:-http://10.0.0.2:2/x')}, apiKey: ${from('file:/run/secrets/box')} }
  c:
    kind: ollama
    url: ${from('NO_URL:-http://10.0.0.3:3')}
    headers: { x-note: "cost $${from('5')}" }
`);
    expect(Object.values(config.backends).map(({ url, apiKey }) => [url, apiKey])).toEqual([
      ['http://10.0.0.1:1', 'sk-box-0123456789'],
      ['http://10.0.0.2:2/x', 'sk-from-a-file'],
      ['http://10.0.0.3:3', undefined],
    ]);
    expect(config.backends.c?.headers).toEqual({ 'x-note': `cost ${from('5')}` });
  });

  test('a value that looks like YAML stays one text', async () => {
    const config = await configOf(`models: { m: { aliases: [ "x", pre-${from('UNSET:-a, b] #')}-post ] } }`);
    expect(config.models.m?.aliases).toEqual(['x', 'pre-a, b] #-post']);
    expect(await problemsOf(`models: { m: { aliases: [${from('NASTY')}] } }`)).toEqual([
      'models.m.aliases[0]: must be one line of text',
    ]);
  });

  test('numbers and booleans may come from variables', async () => {
    const config = await configOf(
      `${backend(`slots: ${from('SLOTS')}, priority: ${from('NO_PRIORITY:-7')}`)}\nlog: { requests: ${from('QUIET')} }`,
    );
    expect(config.backends.box).toMatchObject({ slots: 4, priority: 7 });
    expect(config.log.requests).toBe(true);
  });

  test('a text that spells a number is still refused where nothing was expanded', async () => {
    expect(await problemsOf(backend('slots: "4"'))).toEqual(['backends.box.slots: must be a whole number']);
  });

  test('what a comment mentions need not exist', async () => {
    expect(
      await problemsOf(`# apiKey: ${from('NO_SUCH_VARIABLE')}\nlisten: 127.0.0.1:1 # ${from('ALSO')}`),
    ).toEqual([]);
  });

  test('an expansion shifts no position of a later mistake', async () => {
    expect(await problemsOf(`log: { level: ${from('A:-warn')}, level: info }`)).toEqual([
      'line 1, column 27: this key is given twice',
    ]);
  });
});
