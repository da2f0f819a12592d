import { describe, expect, test } from 'bun:test';
import { candidatesToScan, configFromEnvironment } from '../../src/config/from-environment.ts';
import { policyNames } from '../../src/core/policies.ts';

const read = (variables: Readonly<Record<string, string>>) =>
  configFromEnvironment((name) => variables[name]);

describe('engines named by variables', () => {
  test('nothing set names nothing and gives defaults', () => {
    const { config, problems, named } = read({});
    expect({ problems, named }).toEqual({ problems: [], named: false });
    expect(config).toMatchObject({
      listen: '127.0.0.1:5010',
      backends: {},
      strategy: 'expected_finish',
      mode: 'hybrid',
    });
  });

  test('an empty variable counts as unset', () => {
    expect(read({ OLLAMA_HOST: ' ', POINTSMAN_LISTEN: '', MODEL_DISTRIBUTION_STRATEGY: '' })).toEqual(
      read({}),
    );
  });

  test('every variable names its backend with lane and priority', () => {
    const { config, named } = read({
      OLLAMA_HOST: 'box:1',
      OLLAMA_GPU_URL: 'http://gpu:2',
      OLLAMA_CPU_URL: 'http://cpu:3',
      OLLAMA_BASE_URL: 'http://base:4',
      OLLAMA_PRIMARY_URL: 'http://primary:5',
      OLLAMA_FALLBACK_URL: 'http://fallback:6',
      MODEL_RUNNER_URL: 'http://model-runner.docker.internal/engines/v1/',
    });
    expect(named).toBe(true);
    expect(config?.backends).toEqual({
      gpu: { kind: 'ollama', url: 'http://gpu:2', lane: 'gpu', priority: 1 },
      cpu: { kind: 'ollama', url: 'http://cpu:3', lane: 'cpu', priority: 1 },
      primary: { kind: 'ollama', url: 'http://primary:5', priority: 1 },
      fallback: { kind: 'ollama', url: 'http://fallback:6', priority: 2 },
      ollama: { kind: 'ollama', url: 'http://box:1', priority: 1 },
      'ollama-base': { kind: 'ollama', url: 'http://base:4', priority: 1 },
      'docker-model-runner': {
        kind: 'docker-model-runner',
        url: 'http://model-runner.docker.internal',
        lane: 'container',
        priority: 1,
      },
    });
  });

  test('one address under several variables is one backend with all that they say', () => {
    const { config } = read({
      OLLAMA_HOST: '0.0.0.0',
      OLLAMA_BASE_URL: 'http://localhost:11434',
      OLLAMA_GPU_URL: 'http://127.0.0.1:11434/',
      OLLAMA_FALLBACK_URL: 'http://[::1]:11434',
    });
    expect(config?.backends).toEqual({
      gpu: { kind: 'ollama', url: 'http://127.0.0.1:11434', lane: 'gpu', priority: 2 },
    });
  });

  test('the parallelism of a local Ollama is its slots, and of no other', () => {
    const { config } = read({
      OLLAMA_NUM_PARALLEL: '4',
      OLLAMA_HOST: '127.0.0.1',
      OLLAMA_CPU_URL: 'http://cpu:1',
    });
    expect([config?.backends.ollama?.slots, config?.backends.cpu?.slots]).toEqual([4, undefined]);
  });

  test('a parallelism of 0 leaves the slots open', () => {
    const { config } = read({ OLLAMA_NUM_PARALLEL: '0', OLLAMA_HOST: '127.0.0.1' });
    expect(config?.backends.ollama?.slots).toBeUndefined();
  });

  test('OLLAMA_HOST that points at Pointsman itself is passed over', () => {
    expect(read({ OLLAMA_HOST: '127.0.0.1:5010' })).toEqual(read({}));
    const other = read({ OLLAMA_HOST: 'http://localhost:6000', POINTSMAN_LISTEN: '0.0.0.0:6000' });
    expect({ named: other.named, backends: other.config?.backends }).toEqual({ named: false, backends: {} });
  });
});

describe('the other variables', () => {
  test('the listen address, the strategy and the mode are taken over', () => {
    const { config } = read({
      POINTSMAN_LISTEN: '[::1]:6000',
      MODEL_DISTRIBUTION_STRATEGY: 'Round-Robin',
      OLLAMA_MODE: 'LOCAL-ONLY',
    });
    expect(config).toMatchObject({ listen: '[::1]:6000', strategy: 'round_robin', mode: 'local_only' });
  });

  const cases: readonly (readonly [variables: Readonly<Record<string, string>>, problem: string])[] = [
    [
      { MODEL_DISTRIBUTION_STRATEGY: 'least_load' },
      'MODEL_DISTRIBUTION_STRATEGY: must be one of ' +
        `${policyNames.join(', ')} (did you mean "least_loaded"?)`,
    ],
    [
      { OLLAMA_MODE: 'singel' },
      'OLLAMA_MODE: must be one of hybrid, single, fallback_only, local_only (did you mean "single"?)',
    ],
    [
      { POINTSMAN_LISTEN: '5010' },
      'POINTSMAN_LISTEN: must be host:port, such as 127.0.0.1:5010 or [::1]:5010',
    ],
    [{ OLLAMA_GPU_URL: '/ollama' }, 'OLLAMA_GPU_URL: must be host, host:port or an http:// or https:// URL'],
    [
      { OLLAMA_BASE_URL: 'http://me:canary@h' },
      'OLLAMA_BASE_URL: must not hold a user name or password; use apiKey or headers',
    ],
    [{ OLLAMA_NUM_PARALLEL: 'many' }, 'OLLAMA_NUM_PARALLEL: must be a whole number'],
    [
      { OLLAMA_CPU_URL: 'http://127.0.0.1:5010' },
      'backends.cpu.url: is the address Pointsman itself listens on',
    ],
  ];
  for (const [variables, problem] of cases) {
    test(`${JSON.stringify(variables)} is a problem and no configuration`, () => {
      const { config, problems } = read(variables);
      expect({ config, problems }).toEqual({ config: undefined, problems: [problem] });
    });
  }
});

describe('the addresses to scan', () => {
  test('are the usual ports of this machine', () => {
    const ports = ['11434', '11435', '12434', '1234', '8080', '8000'];
    expect(candidatesToScan(() => undefined)).toEqual(ports.map((port) => `http://127.0.0.1:${port}`));
  });

  test('leave out the address Pointsman listens on', () => {
    const env = (name: string) => (name === 'POINTSMAN_LISTEN' ? '127.0.0.1:11434' : undefined);
    expect(candidatesToScan(env)).not.toContain('http://127.0.0.1:11434');
    expect(candidatesToScan(env)).toHaveLength(5);
  });
});
