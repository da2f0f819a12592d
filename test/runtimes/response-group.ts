/** Responses, which no engine behind speaks. */

import { caseGroup } from './case-group.ts';
import { type ResponseBench, responseCases } from './response-cases.ts';
import { startSimulatedEngine } from './simulated-engines.ts';
import { startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

const speedup = 200;

const open = async (target: Target): Promise<ResponseBench> => {
  const models = ['qwen3:8b'];
  const native = startSimulatedEngine({ kind: 'ollama', models, speedup });
  const compatible = startSimulatedEngine({
    kind: 'openai-compatible',
    preset: 'lm-studio',
    models,
    speedup,
  });
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: native.url },
      compatible: { kind: 'openai-compatible', preset: 'lm-studio', url: compatible.url },
    },
    models: {
      'on/native': { names: { native: 'qwen3:8b' } },
      'on/compatible': { names: { compatible: 'qwen3:8b' } },
    },
  });
  return { pointsman, engines: [native, compatible], models: ['on/native', 'on/compatible'] };
};

const close = async ({ pointsman, engines }: ResponseBench): Promise<void> => {
  await pointsman.stop();
  await Promise.all(engines.map((engine) => engine.close()));
};

export const responseGroup = caseGroup({
  title: 'responses',
  needs: 'an engine that calls a tool whenever it is told to',
  open,
  close,
  cases: responseCases,
});
