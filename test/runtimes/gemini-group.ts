/** Google's clients, before engines of other dialects and before Google's own. */

import { caseGroup } from './case-group.ts';
import { type GeminiBench, geminiCases } from './gemini-cases.ts';
import { startSimulatedEngine } from './simulated-engines.ts';
import { startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

const speedup = 200;

const open = async (target: Target): Promise<GeminiBench> => {
  const models = ['qwen3:8b', 'nomic-embed-text'];
  const native = startSimulatedEngine({ kind: 'ollama', models, speedup });
  const compatible = startSimulatedEngine({
    kind: 'openai-compatible',
    preset: 'lm-studio',
    models,
    speedup,
  });
  const google = startSimulatedEngine({ kind: 'gemini', speedup });
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: native.url },
      compatible: { kind: 'openai-compatible', preset: 'lm-studio', url: compatible.url },
      google: { kind: 'gemini', url: google.url },
    },
    models: {
      'on/native': { names: { native: 'qwen3:8b' } },
      'on/compatible': { names: { compatible: 'qwen3:8b' } },
      'on/google': { names: { google: 'gemini-3-pro-preview' } },
      'vectors/native': { names: { native: 'nomic-embed-text' } },
      'vectors/google': { names: { google: 'gemini-embedding-001' } },
    },
  });
  return {
    pointsman,
    engines: [native, compatible, google],
    models: ['on/native', 'on/compatible', 'on/google'],
    embedders: ['vectors/native', 'vectors/google'],
  };
};

const close = async ({ pointsman, engines }: GeminiBench): Promise<void> => {
  await pointsman.stop();
  await Promise.all(engines.map((engine) => engine.close()));
};

export const geminiGroup = caseGroup({
  title: 'Google’s clients',
  needs: 'an engine that calls a tool whenever it is told to',
  open,
  close,
  cases: geminiCases,
});
