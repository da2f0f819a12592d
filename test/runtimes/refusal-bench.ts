/** A Pointsman with narrow limits, whose engines count every prompt that reaches them. */

import { expect } from 'bun:test';
import type { Dialect } from './dialects.ts';
import { type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

export const maxBodyBytes = 256 * 1024;

export const allowedOrigin = 'https://chat.example';

export interface RefusalBench {
  readonly pointsman: Pointsman;
  readonly origin: string;
  readonly native: ScriptedEngine;
  readonly compatible: ScriptedEngine;
  /** Had the model `gone` and is no longer there. */
  readonly gone: ScriptedEngine;
}

export const openRefusalBench = async (target: Target): Promise<RefusalBench> => {
  const native = await startEngine({ kind: 'ollama', models: ['llama3.2:3b', 'qwen3:8b'] });
  const compatible = await startEngine({ kind: 'openai-compatible', models: ['mistral-small'] });
  const gone = await startEngine({ kind: 'ollama', models: ['gone'] });
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: native.url, slots: 1 },
      compatible: { kind: 'openai-compatible', url: compatible.url, slots: 1 },
      vanished: { kind: 'ollama', url: gone.url },
    },
    queue: { maxRequests: 1, maxWaitMs: 500 },
    http: { maxBodyBytes, allowedHosts: ['models.example'], allowedOrigins: [allowedOrigin] },
    probe: { intervalMs: 60_000 },
  });
  await gone.close();
  return { pointsman, origin: pointsman.origin, native, compatible, gone };
};

export const closeRefusalBench = async ({ pointsman, native, compatible }: RefusalBench): Promise<void> => {
  await pointsman.stop();
  await Promise.all([native.close(), compatible.close()]);
};

/** A model the engine of a dialect has. */
export const modelFor = ({ kind }: Dialect): string => (kind === 'ollama' ? 'llama3.2:3b' : 'mistral-small');

/** Runs something during which nothing may reach an engine. */
export const nothingIsSent = async (
  { native, compatible, gone }: RefusalBench,
  run: () => Promise<void>,
): Promise<void> => {
  const sent = (): number => native.calls.length + compatible.calls.length + gone.calls.length;
  const before = sent();
  await run();
  expect(sent()).toBe(before);
};
