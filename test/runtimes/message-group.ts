/** Anthropic's messages, before the provider and before engines that know nothing of them. */

import { caseGroup } from './case-group.ts';
import { type MessageBench, messageCases } from './message-cases.ts';
import { startSimulatedEngine } from './simulated-engines.ts';
import { startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

const speedup = 200;
const claude = 'claude-haiku-4-5-20251001';

const open = async (target: Target): Promise<MessageBench> => {
  const models = ['qwen3:8b'];
  const native = startSimulatedEngine({ kind: 'ollama', models, speedup });
  const compatible = startSimulatedEngine({
    kind: 'openai-compatible',
    preset: 'lm-studio',
    models,
    speedup,
  });
  const provider = startSimulatedEngine({ kind: 'anthropic', models: [claude], speedup });
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: native.url },
      compatible: { kind: 'openai-compatible', preset: 'lm-studio', url: compatible.url },
      provider: { kind: 'anthropic', url: provider.url, apiKey: 'sk-ant-simulated' },
    },
    models: {
      'on/native': { names: { native: 'qwen3:8b' } },
      'on/compatible': { names: { compatible: 'qwen3:8b' } },
    },
  });
  return {
    pointsman,
    engines: [native, compatible, provider],
    models: ['on/native', 'on/compatible', claude],
  };
};

const close = async ({ pointsman, engines }: MessageBench): Promise<void> => {
  await pointsman.stop();
  await Promise.all(engines.map((engine) => engine.close()));
};

export const messageGroup = caseGroup({
  title: 'messages',
  needs: 'an engine that calls a tool whenever it is told to',
  open,
  close,
  cases: messageCases,
});
