/** A configuration from environment variables alone, for the common case of one or two engines. Imports core and spec. */

import { nameIn, unknownName } from '../core/chosen-name.ts';
import { modeNames } from '../core/mode.ts';
import { policyNames } from '../core/policies.ts';
import type { Json } from '../spec/json.ts';
import type { Lane } from '../spec/vocabulary.ts';
import { checkConfig } from './check-config.ts';
import { defaults } from './defaults.ts';
import { endpointKey, engineAddress } from './engine-address.ts';
import { parseListen } from './listen.ts';
import { isLoopbackHost } from './local-host.ts';
import type { Config } from './schema.ts';

/** What the variables say. */
export interface EnvironmentConfig {
  /** Absent when there are problems. */
  readonly config?: Config;
  readonly problems: readonly string[];
  /** Whether any variable named an engine; where none did, it is time to scan. */
  readonly named: boolean;
}

type Env = (name: string) => string | undefined;

interface Source {
  readonly variable: string;
  readonly id: string;
  readonly kind: 'ollama' | 'docker-model-runner';
  readonly lane?: Lane;
  readonly priority?: number;
}

/** In the order in which they name a backend that several of them point at: the more telling name first. */
const sources: readonly Source[] = [
  { variable: 'OLLAMA_GPU_URL', id: 'gpu', kind: 'ollama', lane: 'gpu' },
  { variable: 'OLLAMA_CPU_URL', id: 'cpu', kind: 'ollama', lane: 'cpu' },
  { variable: 'OLLAMA_PRIMARY_URL', id: 'primary', kind: 'ollama', priority: 1 },
  { variable: 'OLLAMA_FALLBACK_URL', id: 'fallback', kind: 'ollama', priority: 2 },
  { variable: 'OLLAMA_HOST', id: 'ollama', kind: 'ollama' },
  { variable: 'OLLAMA_BASE_URL', id: 'ollama-base', kind: 'ollama' },
  { variable: 'MODEL_RUNNER_URL', id: 'docker-model-runner', kind: 'docker-model-runner', lane: 'container' },
];

const engines = {
  ollama: { port: 11_434, apiPath: /\/(api|v1)$/ },
  'docker-model-runner': { port: 12_434, apiPath: /\/engines(\/.*)?$/ },
} as const;

const set = (env: Env, name: string): string | undefined => {
  const value = env(name)?.trim();
  return value === '' ? undefined : value;
};

const ownEndpoint = (listen: string): string => {
  const own = engineAddress(listen, engines.ollama);
  return 'url' in own ? endpointKey(own.url) : '';
};

interface NamedBackend {
  readonly id: string;
  readonly kind: string;
  readonly url: string;
  readonly lane?: Lane;
  readonly priority?: number;
  readonly slots?: number;
}

const namedBackends = (env: Env, listen: string, problems: string[]): readonly NamedBackend[] => {
  const found = new Map<string, NamedBackend>();
  for (const { variable, ...source } of sources) {
    const text = set(env, variable);
    if (text === undefined) continue;
    const address = engineAddress(text, engines[source.kind]);
    if ('problem' in address) {
      problems.push(`${variable}: ${address.problem}`);
      continue;
    }
    const endpoint = endpointKey(address.url);
    // Whoever points Ollama's own clients at Pointsman exports this variable, and may start Pointsman in that shell.
    if (variable === 'OLLAMA_HOST' && endpoint === ownEndpoint(listen)) continue;
    found.set(endpoint, { ...source, ...address, ...found.get(endpoint) });
  }
  return [...found.values()];
};

const parallelSlots = (env: Env, problems: string[]): number | undefined => {
  const text = set(env, 'OLLAMA_NUM_PARALLEL');
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text)) problems.push('OLLAMA_NUM_PARALLEL: must be a whole number');
  // 0 leaves the choice to Ollama.
  return Number(text) || undefined;
};

/** The name a variable chooses, without regard to case and with `-` for `_`. */
const chosen = <Name extends string>(
  env: Env,
  variable: string,
  names: readonly Name[],
  problems: string[],
): Name | undefined => {
  const text = set(env, variable);
  if (text === undefined) return undefined;
  const name = nameIn(text, names);
  if (name === undefined) problems.push(unknownName(`${variable}:`, text, names));
  return name;
};

/** Reads the variables that name engines, the listen address, the strategy and the mode; an empty one counts as unset. */
export const configFromEnvironment = (env: Env): EnvironmentConfig => {
  const problems: string[] = [];
  const listen = set(env, 'POINTSMAN_LISTEN') ?? defaults.listen;
  if (parseListen(listen) === undefined) {
    problems.push('POINTSMAN_LISTEN: must be host:port, such as 127.0.0.1:5010 or [::1]:5010');
  }
  const strategy = chosen(env, 'MODEL_DISTRIBUTION_STRATEGY', policyNames, problems) ?? defaults.strategy;
  const mode = chosen(env, 'OLLAMA_MODE', modeNames, problems) ?? defaults.mode;
  const backends: Record<string, Json> = {};
  const slots = parallelSlots(env, problems);
  const named = namedBackends(env, listen, problems);
  for (const { id, ...backend } of named) {
    const own = backend.kind === 'ollama' && isLoopbackHost(new URL(backend.url).hostname);
    backends[id] = { ...backend, ...(own && slots !== undefined ? { slots } : {}) };
  }
  if (problems.length > 0) return { problems, named: named.length > 0 };
  const checked = checkConfig({ listen, backends });
  if ('problems' in checked) return { ...checked, named: named.length > 0 };
  // Whether the strategy fits the backends is seen when those that answer on this machine are known as well.
  return { problems: [], config: { ...checked.config, strategy, mode }, named: named.length > 0 };
};

/** Where the engines of this machine usually listen: Ollama (two), Docker Model Runner, LM Studio, llama.cpp, vLLM. */
const usualPorts = [11_434, 11_435, 12_434, 1_234, 8_080, 8_000];

/** The addresses to look at when no variable names an engine; Pointsman's own is none of them. */
export const candidatesToScan = (env: Env): readonly string[] => {
  const own = ownEndpoint(set(env, 'POINTSMAN_LISTEN') ?? defaults.listen);
  return usualPorts.map((port) => `http://127.0.0.1:${port}`).filter((url) => endpointKey(url) !== own);
};
