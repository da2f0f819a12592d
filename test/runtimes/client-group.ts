/** The clients of OpenAI's chat and of Ollama's API, before every dialect. */

import { caseGroup } from './case-group.ts';
import { type ClientBench, clientCases } from './client-cases.ts';
import { startSimulatedEngine } from './simulated-engines.ts';
import { startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

const speedup = 200;

const open = async (target: Target): Promise<ClientBench> => {
  const models = ['qwen3:8b'];
  const native = startSimulatedEngine({ kind: 'ollama', models, speedup });
  const openai = startSimulatedEngine({ kind: 'openai', speedup });
  const anthropic = startSimulatedEngine({ kind: 'anthropic', speedup });
  const google = startSimulatedEngine({ kind: 'gemini', speedup });
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: native.url },
      openai: { kind: 'openai', url: openai.url, apiKey: 'sk-simulated' },
      anthropic: { kind: 'anthropic', url: anthropic.url, apiKey: 'sk-ant-simulated' },
      google: { kind: 'gemini', url: google.url, apiKey: 'AIza-simulated' },
    },
  });
  return {
    pointsman,
    engines: [native, openai, anthropic, google],
    models: ['qwen3:8b', 'gpt-4o', 'claude-haiku-4-5-20251001', 'gemini-3-pro-preview'],
  };
};

const close = async ({ pointsman, engines }: ClientBench): Promise<void> => {
  await pointsman.stop();
  await Promise.all(engines.map((engine) => engine.close()));
};

export const clientGroup = caseGroup({
  title: 'clients of the older dialects',
  needs: 'an engine that calls a tool whenever it is told to',
  open,
  close,
  cases: clientCases,
});
