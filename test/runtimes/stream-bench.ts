/** One Pointsman between a client of either dialect and an engine of either dialect. */

import { type Dialect, ollama } from './dialects.ts';
import { type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

export interface StreamBench {
  readonly pointsman: Pointsman;
  readonly origin: string;
  /** Speaks Ollama; has `m`. */
  readonly native: ScriptedEngine;
  /** Speaks OpenAI; has `other`. */
  readonly compatible: ScriptedEngine;
  /** Speaks OpenAI and takes any number at once; has `wide`. */
  readonly wide: ScriptedEngine;
}

export const openStreamBench = async (target: Target): Promise<StreamBench> => {
  const native = await startEngine({
    kind: 'ollama',
    models: ['m:latest', 'hf.co/org/model-GGUF:Q4_K_M', 'native-name:7b'],
  });
  const compatible = await startEngine({
    kind: 'openai-compatible',
    models: ['other', 'org/team/model:v1', 'compatible-name'],
  });
  const wide = await startEngine({ kind: 'openai-compatible', models: ['wide'] });
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: native.url, slots: 4 },
      compatible: { kind: 'openai-compatible', url: `${compatible.url}/v1`, slots: 4 },
      wide: { kind: 'openai-compatible', url: wide.url, slots: 1000 },
    },
    models: {
      'native-nice': { aliases: ['Néné'], names: { ollama: 'native-name:7b' } },
      'compatible-nice': { names: { compatible: 'compatible-name' } },
    },
    probe: { intervalMs: 60_000 },
  });
  return { pointsman, origin: pointsman.origin, native, compatible, wide };
};

export const closeStreamBench = async ({
  pointsman,
  native,
  compatible,
  wide,
}: StreamBench): Promise<void> => {
  await pointsman.stop();
  await Promise.all([native.close(), compatible.close(), wide.close()]);
};

/** The engine that speaks a dialect, and a model it has. */
export const engineOf = (
  bench: StreamBench,
  dialect: Dialect,
): {
  readonly engine: ScriptedEngine;
  readonly model: string;
  readonly alias: string;
  readonly name: string;
} =>
  dialect === ollama
    ? { engine: bench.native, model: 'm', alias: 'native-nice', name: 'native-name:7b' }
    : { engine: bench.compatible, model: 'other', alias: 'compatible-nice', name: 'compatible-name' };
