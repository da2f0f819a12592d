/** A handful of well-known models with the sizes and abilities they really have, and a guess for any other name. */

import type { Capability } from '../spec/vocabulary.ts';
import { gib, mib, parseByteSize } from './byte-size.ts';
import { hexDigest } from './seeded-random.ts';

/** The facts of a model that a host needs in order to behave as if it had it. */
export interface SimulatedModel {
  /** As configured; a host puts it into its own form (`:latest`, `ai/…`). */
  readonly name: string;
  readonly sizeBytes: number;
  /** What one token of context costs in memory. */
  readonly contextBytesPerToken: number;
  /** The context the model was trained for. */
  readonly contextTokens: number;
  readonly embeddingLength: number;
  readonly layers: number;
  readonly capabilities: readonly Capability[];
  readonly family: string;
  readonly parameters: number;
  readonly parameterSize: string;
  readonly quantization: string;
  /** Whether the engine reads the model's tool calls itself instead of leaving that to the chat template. */
  readonly builtInParser: boolean;
  /** 64 hexadecimal digits; the same model under two names has one digest. */
  readonly digest: string;
}

type Fact = Omit<SimulatedModel, 'digest' | 'builtInParser' | 'quantization'> &
  Partial<Pick<SimulatedModel, 'builtInParser' | 'quantization'>>;

const facts: readonly Fact[] = [
  {
    name: 'llama3.2:3b',
    sizeBytes: 2_019_393_189,
    contextBytesPerToken: 114_688,
    contextTokens: 131_072,
    embeddingLength: 3072,
    layers: 28,
    capabilities: ['completion', 'tools'],
    family: 'llama',
    parameters: 3_212_749_888,
    parameterSize: '3.2B',
  },
  {
    name: 'llama3.2:1b',
    sizeBytes: 1_321_098_329,
    contextBytesPerToken: 32_768,
    contextTokens: 131_072,
    embeddingLength: 2048,
    layers: 16,
    capabilities: ['completion', 'tools'],
    family: 'llama',
    parameters: 1_235_814_432,
    parameterSize: '1.2B',
    quantization: 'Q8_0',
  },
  {
    name: 'qwen3:8b',
    sizeBytes: 5_225_388_164,
    contextBytesPerToken: 147_456,
    contextTokens: 40_960,
    embeddingLength: 4096,
    layers: 36,
    capabilities: ['completion', 'tools', 'thinking'],
    family: 'qwen3',
    parameters: 8_190_735_360,
    parameterSize: '8.2B',
  },
  {
    name: 'gemma3:4b',
    sizeBytes: 3_338_801_804,
    contextBytesPerToken: 69_632,
    contextTokens: 131_072,
    embeddingLength: 2560,
    layers: 34,
    capabilities: ['completion', 'vision'],
    family: 'gemma3',
    parameters: 4_299_915_632,
    parameterSize: '4.3B',
  },
  {
    name: 'gpt-oss:20b',
    sizeBytes: 13_793_441_244,
    contextBytesPerToken: 24_576,
    contextTokens: 131_072,
    embeddingLength: 2880,
    layers: 24,
    capabilities: ['completion', 'tools', 'thinking'],
    family: 'gptoss',
    parameters: 20_914_757_184,
    parameterSize: '20.9B',
    quantization: 'MXFP4',
    builtInParser: true,
  },
  {
    name: 'mistral-small3.2:24b',
    sizeBytes: 15_177_384_862,
    contextBytesPerToken: 163_840,
    contextTokens: 131_072,
    embeddingLength: 5120,
    layers: 40,
    capabilities: ['completion', 'vision', 'tools'],
    family: 'mistral3',
    parameters: 24_011_361_280,
    parameterSize: '24.0B',
  },
  {
    name: 'smollm2:360m',
    sizeBytes: 270_600_000,
    contextBytesPerToken: 40_960,
    contextTokens: 8192,
    embeddingLength: 960,
    layers: 32,
    capabilities: ['completion', 'tools'],
    family: 'llama',
    parameters: 361_821_120,
    parameterSize: '361.82M',
  },
  {
    name: 'nomic-embed-text:v1.5',
    sizeBytes: 274_302_450,
    contextBytesPerToken: 18_432,
    contextTokens: 2048,
    embeddingLength: 768,
    layers: 12,
    capabilities: ['embedding'],
    family: 'nomic-bert',
    parameters: 136_727_040,
    parameterSize: '137M',
    quantization: 'F16',
  },
];

/** What the short names stand for in the registries that people pull from. */
const latest: Readonly<Record<string, string>> = {
  'llama3.2': 'llama3.2:3b',
  qwen3: 'qwen3:8b',
  gemma3: 'gemma3:4b',
  'gpt-oss': 'gpt-oss:20b',
  'mistral-small3.2': 'mistral-small3.2:24b',
  smollm2: 'smollm2:360m',
  'nomic-embed-text': 'nomic-embed-text:v1.5',
};

const guessCapabilities = (name: string): readonly Capability[] => {
  if (/embed|bge|minilm/i.test(name)) return ['embedding'];
  const capabilities: Capability[] = ['completion', 'tools'];
  if (/vision|-vl|llava|gemma3|gpt-[45]|^o\d/i.test(name)) capabilities.push('vision');
  if (/qwen3|r1|think|gpt-oss|gpt-5|^o\d/i.test(name)) capabilities.push('thinking');
  if (/coder|fim/i.test(name)) capabilities.push('insert');
  return capabilities;
};

/** About half a byte per weight, as the usual quantizations have. */
const guess = (name: string, sizeBytes: number): Fact => {
  const parameters = Math.round(sizeBytes * 1.6);
  return {
    name,
    sizeBytes,
    contextBytesPerToken: Math.min(262_144, Math.max(16_384, Math.round(sizeBytes / 40_000))),
    contextTokens: 32_768,
    embeddingLength: 1024,
    layers: 32,
    capabilities: guessCapabilities(name),
    family: 'llama',
    parameters,
    parameterSize: `${(parameters / 1e9).toFixed(1)}B`,
  };
};

/** The names that need no size. */
export const catalogueNames: readonly string[] = facts.map((fact) => fact.name);

/** A model for `name` or `name=4GiB`; undefined when the size is none. */
export const simulatedModel = (text: string): SimulatedModel | undefined => {
  const [name = '', size] = text.split('=', 2);
  const known = name.replace(/^.*\//, '').replace(/:latest$/, '');
  const fact = facts.find((candidate) => candidate.name === (latest[known] ?? known));
  const sizeBytes = size === undefined ? (fact?.sizeBytes ?? 2 * gib) : parseByteSize(size);
  if (name === '' || sizeBytes === undefined || sizeBytes < mib) return undefined;
  const base = fact ?? guess(name, sizeBytes);
  return {
    quantization: 'Q4_K_M',
    builtInParser: false,
    ...base,
    name,
    sizeBytes,
    digest: hexDigest(`${base.name} ${sizeBytes}`),
  };
};
