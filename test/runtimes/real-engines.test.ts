/** The run against real engines, shown on a simulated one: what it prints and how it ends. */

import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSimulatedEngine } from './simulated-engines.ts';

const script = fileURLToPath(new URL('../../scripts/test-real.ts', import.meta.url));

const run = async (
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; out: string; err: string }> => {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/_(URL|MODEL|KEY)$/.test(name)),
  );
  const child = spawn(process.execPath, [script], {
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (data: Buffer) => {
    output.out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    output.err += data.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...output };
};

test('without an address it says what is missing and exits with 2', async () => {
  const { code, out, err } = await run({});
  expect({ code, out }).toEqual({ code: 2, out: '' });
  for (const word of ['OLLAMA_URL', 'DMR_URL', 'LLAMACPP_URL', 'VLLM_URL', 'LMSTUDIO_URL', '_MODEL']) {
    expect(err).toContain(word);
  }
}, 20_000);

test('each case is passed, failed or named as one that cannot be shown, and why', async () => {
  const engine = startSimulatedEngine({
    kind: 'ollama',
    models: ['qwen3:8b', 'nomic-embed-text'],
    speedup: 50,
  });
  const { code, out } = await run({ OLLAMA_URL: engine.url, OLLAMA_MODEL: 'qwen3:8b' });
  await engine.close();
  expect(code).toBe(0);
  expect(out).toMatch(/^ {2}pass {4}OpenAI: a stream arrives with its end/m);
  expect(out).toMatch(/^ {2}cannot {2}Ollama: an image is taken: no model for vision is named$/m);
  expect(out).toMatch(/^ {2}failing hosts: an engine that fails/m);
  expect(out).toMatch(/^ {4}cannot {2}Ollama: the next host serves after status 500$/m);
  expect(out).toMatch(/\n\d+ passed, 0 failed, \d+ cannot be shown\n$/);
  expect(out).not.toContain('FAIL');
}, 30_000);

test('an engine that does not answer is a failure', async () => {
  const engine = startSimulatedEngine({ kind: 'ollama' });
  await engine.close();
  const { code, out } = await run({ OLLAMA_URL: engine.url });
  expect(code).toBe(1);
  expect(out).toContain('FAIL');
}, 30_000);
