/** Hosts to show what Pointsman does without any engine and any account at hand. */

import type { Lane } from '../spec/vocabulary.ts';
import { gib } from './byte-size.ts';
import type { SimulatedHostOptions } from './host-settings.ts';

export { parseHostOptions } from './parse-host-options.ts';

/** One host of the fleet, with what a configuration says of it. */
export interface FleetMember {
  /** The name of the backend in a configuration. */
  readonly id: string;
  readonly lane: Lane;
  /** What the host has to be shown, where it plays a provider. */
  readonly apiKey?: string;
  readonly options: SimulatedHostOptions & { readonly slots: number };
}

const kinds: readonly [FleetMember, ...FleetMember[]] = [
  {
    id: 'gpu',
    lane: 'gpu',
    options: {
      kind: 'ollama',
      name: 'gpu',
      profile: 'gpu',
      vramBytes: 24 * gib,
      slots: 2,
      contextTokens: 8192,
      models: ['llama3.2:3b', 'qwen3:8b', 'gemma3:4b', 'gpt-oss:20b', 'mistral-small3.2', 'nomic-embed-text'],
      seed: 1,
    },
  },
  {
    id: 'cpu',
    lane: 'cpu',
    options: {
      kind: 'ollama',
      name: 'cpu',
      profile: 'cpu',
      vramBytes: 0,
      ramBytes: 32 * gib,
      slots: 1,
      contextTokens: 4096,
      models: ['llama3.2:3b', 'llama3.2:1b', 'qwen3:8b', 'nomic-embed-text'],
      seed: 2,
    },
  },
  {
    id: 'container',
    lane: 'container',
    options: {
      kind: 'docker-model-runner',
      name: 'container',
      profile: 'container',
      vramBytes: 12 * gib,
      slots: 2,
      models: ['ai/llama3.2:3b', 'ai/gemma3:4b', 'ai/smollm2'],
      seed: 3,
    },
  },
];

/**
 * A graphics card, a processor and a container; their models overlap, so that each can stand in for another. More hosts
 * are more of the same in turn, with a number behind the name.
 */
export const demoFleet = (count: number = kinds.length): readonly FleetMember[] =>
  Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? kinds[0];
    const turn = Math.floor(index / kinds.length);
    if (turn === 0) return kind;
    const id = `${kind.id}-${turn + 1}`;
    return { ...kind, id, options: { ...kind.options, name: id, seed: index + 1 } };
  });

const provider = (id: 'openai' | 'anthropic' | 'gemini', apiKey: string, seed: number): FleetMember => ({
  id,
  lane: 'cloud',
  apiKey,
  options: { kind: id, name: id, slots: 8, seed },
});

/** A provider of each dialect, as if its API were on this machine; the keys only look like theirs. */
export const demoClouds = (): readonly FleetMember[] => [
  provider('openai', 'sk-simulated', 4),
  provider('anthropic', 'sk-ant-simulated', 5),
  provider('gemini', 'AIza-simulated', 6),
];
