/** What a simulated host can be told, and what it is when it is not told. */

import type { Millis } from '../spec/vocabulary.ts';
import { gib } from './byte-size.ts';
import type { Fault } from './faults.ts';
import { type Profile, profiles, type Rates } from './rates.ts';

/** The kinds of engine there are, by the names a configuration gives them. */
export type HostKind =
  | 'ollama'
  | 'docker-model-runner'
  | 'openai-compatible'
  | 'openai'
  | 'anthropic'
  | 'gemini';

/** The servers that speak OpenAI's dialect, by the names a configuration gives them. */
export type Preset = 'llama.cpp' | 'vllm' | 'lm-studio';

/** A provider's servers beside them, which are no preset but a kind. */
export type Server = Preset | 'openai';

/** Ollama's two generations of engine, which word their errors differently. */
export type EngineGeneration = 'old' | 'new';

/** What can be said of a host; everything but its kind may be left out. */
export interface SimulatedHostOptions {
  readonly kind: HostKind;
  /** Which server an `openai-compatible` host plays. */
  readonly preset?: Preset;
  /** Named in its answers, so that a reader sees who spoke. */
  readonly name?: string;
  readonly vramBytes?: number;
  readonly ramBytes?: number;
  /** Requests at once per loaded model. */
  readonly slots?: number;
  /** `name` or `name=4GiB`. */
  readonly models?: readonly string[];
  /** Models in memory from the start; a llama.cpp or vLLM host always has its one model there. */
  readonly preload?: readonly string[];
  readonly profile?: Profile;
  /** Replaces single figures of the profile; figures given here hold for models of any size. */
  readonly rates?: Partial<Rates>;
  readonly engine?: EngineGeneration;
  readonly version?: string;
  readonly seed?: number;
  /** Divides every duration of work; Infinity: no waiting at all. Stays in memory keep their length. */
  readonly speedup?: number;
  /** Tokens that fall due within this time come in one piece, which makes long simulations short; 0: each by itself. */
  readonly chunkMs?: Millis;
  /** Requests that may wait behind a load. */
  readonly maxQueue?: number;
  readonly maxLoaded?: number;
  /** The context of a request that names none. */
  readonly contextTokens?: number;
  readonly keepAliveMs?: Millis;
  /** A llama.cpp host that has yet to load its model when it starts. */
  readonly cold?: boolean;
  /** How long a crashed host is gone. */
  readonly restartMs?: Millis;
  readonly faults?: readonly Fault[];
}

/** A host with nothing left open. */
export interface HostSettings {
  readonly kind: HostKind;
  readonly preset: Server;
  readonly name: string;
  readonly vramBytes: number;
  readonly ramBytes: number;
  readonly slots: number;
  readonly models: readonly string[];
  readonly preload: readonly string[];
  readonly rates: Rates;
  readonly engine: EngineGeneration;
  readonly version: string;
  readonly seed: number;
  readonly speedup: number;
  readonly chunkMs: Millis;
  readonly maxQueue: number;
  readonly maxLoaded: number;
  readonly contextTokens: number;
  readonly keepAliveMs: Millis;
  readonly cold: boolean;
  readonly restartMs: Millis;
  readonly faults: readonly Fault[];
}

const defaultModels = ['llama3.2:3b', 'qwen3:8b', 'nomic-embed-text'];

/** One of OpenAI's for each thing it can be asked for. */
const openAiModels = [
  ...['gpt-4o', 'gpt-4o-mini', 'o4-mini', 'text-embedding-3-small', 'whisper-1', 'tts-1', 'gpt-image-1'],
  'omni-moderation-latest',
];

/** Where the machines are somebody else's, by kind, with what is offered there. */
const providerModels: Readonly<Partial<Record<HostKind, readonly string[]>>> = {
  anthropic: ['claude-sonnet-4-6', 'claude-haiku-4-5-20251001'],
  openai: openAiModels,
  gemini: ['gemini-2.5-flash', 'gemini-3-pro-preview', 'gemini-embedding-001'],
};

const isProvider = (kind: HostKind): boolean => providerModels[kind] !== undefined;

const versions: Readonly<Record<string, string>> = {
  'ollama old': '0.20.0',
  'ollama new': '0.33.0',
  'docker-model-runner': '1.2.6',
  'llama.cpp': 'b10488-fb307609',
  vllm: '0.19.0',
  'lm-studio': '0.4.2',
  anthropic: '2023-06-01',
  gemini: 'v1beta',
  openai: '2020-10-01',
};

const modelsOf = (kind: HostKind): readonly string[] => providerModels[kind] ?? defaultModels;

const minutesMs = 60_000;

/** Ollama's own rule: the more memory a host has, the longer the context it gives by default. */
const ollamaContext = (vramBytes: number): number => {
  if (vramBytes >= 47 * gib) return 262_144;
  return vramBytes >= 23 * gib ? 32_768 : 4096;
};

const slotsOf = (kind: HostKind, preset: Server): number => {
  if (kind === 'ollama') return 1;
  // A provider has as much room as anybody pays for.
  if (isProvider(kind)) return 64;
  return preset === 'vllm' ? 32 : 4;
};

const keepAliveOf = (kind: HostKind, preset: Server): Millis => {
  if (isProvider(kind)) return Infinity;
  if (kind !== 'openai-compatible') return 5 * minutesMs;
  return preset === 'lm-studio' ? 60 * minutesMs : Infinity;
};

/** A provider has room for all it offers, and nobody sees how. */
const memoryOf = (kind: HostKind): number => (isProvider(kind) ? Number.MAX_SAFE_INTEGER : 24 * gib);

const maxLoadedOf = (kind: HostKind): number => {
  if (isProvider(kind)) return Infinity;
  return kind === 'ollama' ? 3 : 8;
};

/** What a provider's machines are is not known; only how fast they are. */
const ratesOf = (options: SimulatedHostOptions): Rates => ({
  ...profiles[options.profile ?? 'gpu'],
  ...(isProvider(options.kind) ? { referenceBytes: 0, sharing: 0 } : {}),
  ...(options.rates === undefined ? {} : { referenceBytes: 0, ...options.rates }),
});

/** A provider has everything at hand, and room for all who ask. */
const providerOptions = ({ models = openAiModels }: SimulatedHostOptions): Partial<SimulatedHostOptions> => ({
  models,
  preload: models,
  vramBytes: 4096 * gib,
  slots: 256,
  maxLoaded: Infinity,
  keepAliveMs: Infinity,
  contextTokens: 128_000,
});

const withProvider = (given: SimulatedHostOptions): SimulatedHostOptions =>
  given.kind === 'openai' ? { ...providerOptions(given), ...given } : given;

const serverOf = ({ kind, preset }: SimulatedHostOptions): Server =>
  kind === 'openai' ? kind : (preset ?? 'llama.cpp');

/** Fills in what was left out, the way the real engines are set up when nobody touches them. */
export const settleOptions = (given: SimulatedHostOptions): HostSettings => {
  const options = withProvider(given);
  const preset = serverOf(options);
  const engine = options.engine ?? 'new';
  const onCpu = options.profile === 'cpu';
  const vramBytes = options.vramBytes ?? (onCpu ? 0 : memoryOf(options.kind));
  const played = options.kind === 'openai-compatible' ? preset : options.kind;
  const models = options.models ?? modelsOf(options.kind);
  return {
    kind: options.kind,
    preset,
    engine,
    vramBytes,
    models,
    name: options.name ?? `simulated ${played}`,
    ramBytes: options.ramBytes ?? (onCpu ? 32 * gib : 16 * gib),
    slots: options.slots ?? slotsOf(options.kind, preset),
    preload: options.preload ?? [],
    rates: ratesOf(options),
    version: options.version ?? versions[played] ?? versions[`${played} ${engine}`] ?? '0.0.0',
    seed: options.seed ?? 1,
    speedup: options.speedup ?? 1,
    chunkMs: options.chunkMs ?? 0,
    maxQueue: options.maxQueue ?? (options.kind === 'ollama' ? 512 : Infinity),
    maxLoaded: options.maxLoaded ?? maxLoadedOf(options.kind),
    contextTokens: options.contextTokens ?? (options.kind === 'ollama' ? ollamaContext(vramBytes) : 4096),
    keepAliveMs: options.keepAliveMs ?? keepAliveOf(options.kind, preset),
    cold: options.cold ?? false,
    restartMs: options.restartMs ?? 5000,
    faults: options.faults ?? [],
  };
};
