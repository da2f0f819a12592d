/** The cases any engine can show, over one simulated engine of each kind. */

import type { SimulatedHostOptions } from '../../src/simulator/simulated-host.ts';
import { type Case, caseGroup } from './case-group.ts';
import { CannotShow, type Engine, type EngineCase, engineCases } from './engine-cases.ts';
import { type SimulatedEngine, startSimulatedEngine } from './simulated-engines.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

interface Simulation {
  readonly kind: Engine['kind'];
  readonly preset?: 'llama.cpp' | 'vllm' | 'lm-studio';
  /** Why a case is beyond this kind, where it is. */
  readonly cannot?: readonly RegExp[];
}

const simulations: Readonly<Record<string, Simulation>> = {
  ollama: { kind: 'ollama' },
  'docker-model-runner': { kind: 'docker-model-runner', cannot: [/brought into memory/] },
  'llama.cpp': { kind: 'openai-compatible', preset: 'llama.cpp', cannot: [/brought into memory/, /image/] },
  vllm: { kind: 'openai-compatible', preset: 'vllm', cannot: [/brought into memory/, /image/] },
  'lm-studio': { kind: 'openai-compatible', preset: 'lm-studio', cannot: [/brought into memory/] },
};

/** Faster than any card, slow enough to stream. */
const speedup = 50;

const optionsOf = ({ kind, preset }: Simulation): SimulatedHostOptions => ({
  kind,
  ...(preset === undefined ? {} : { preset }),
  models: ['qwen3:8b', 'gemma3:4b', 'nomic-embed-text'],
  slots: 2,
  speedup,
});

interface EngineBench {
  readonly pointsman: Pointsman;
  readonly simulated: readonly SimulatedEngine[];
}

/** Each engine's models under names of their own, since all have the same. */
const modelsOf = (id: string, { kind, preset }: Simulation): Record<string, object> => {
  const one = preset === 'llama.cpp' || preset === 'vllm';
  const prefix = kind === 'docker-model-runner' ? 'ai/' : '';
  const named = (name: string): object => ({ names: { [id]: `${prefix}${name}` } });
  return {
    [`chat/${id}`]: named('qwen3:8b'),
    ...(one ? {} : { [`vision/${id}`]: named('gemma3:4b'), [`embedding/${id}`]: named('nomic-embed-text') }),
  };
};

const open = async (target: Target): Promise<EngineBench> => {
  const entries = Object.entries(simulations);
  const simulated = entries.map(([, simulation]) => startSimulatedEngine(optionsOf(simulation)));
  const backends = entries.map(([id, { kind, preset }], index) => [
    id,
    { kind, preset, url: simulated[index]?.url },
  ]);
  const pointsman = await startPointsman(target, {
    backends: Object.fromEntries(backends),
    models: Object.assign({}, ...entries.map(([id, simulation]) => modelsOf(id, simulation))),
  });
  return { pointsman, simulated };
};

const engineOf = (
  { pointsman: { origin } }: EngineBench,
  id: string,
  { kind, preset }: Simulation,
): Engine => {
  const chat = `chat/${id}`;
  const one = preset === 'llama.cpp' || preset === 'vllm';
  return {
    origin,
    backend: id,
    kind,
    models: {
      chat,
      tools: chat,
      thinking: chat,
      vision: one ? undefined : `vision/${id}`,
      embedding: one ? chat : `embedding/${id}`,
    },
  };
};

const caseFor = (id: string, simulation: Simulation, { name, prove }: EngineCase): Case<EngineBench> => ({
  name: `simulated ${id}: ${name}`,
  prove: async (bench) => {
    const expected = simulation.cannot?.some((pattern) => pattern.test(name)) ?? false;
    let reason: string | undefined;
    try {
      await prove(engineOf(bench, id, simulation));
    } catch (error) {
      if (!(error instanceof CannotShow)) throw error;
      reason = error.message;
    }
    if ((reason !== undefined) !== expected) throw new Error(reason ?? 'it can show this after all');
  },
});

export const engineGroup = caseGroup<EngineBench>({
  title: 'simulated engines',
  needs: '',
  open,
  close: async ({ pointsman, simulated }) => {
    await pointsman.stop();
    await Promise.all(simulated.map((engine) => engine.close()));
  },
  cases: Object.entries(simulations).flatMap(([id, simulation]) =>
    engineCases.map((each) => caseFor(id, simulation, each)),
  ),
});
