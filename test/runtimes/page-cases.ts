/** Everything that can be looked at, with one host that is gone and one that takes connections and says nothing. */

import { expect } from 'bun:test';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { version } from '../../src/spec/version.ts';
import type { Case } from './case-group.ts';
import { at, ollama, post, say, type Wire } from './dialects.ts';
import { type ScriptedEngine, startEngine } from './scripted-engine.ts';
import { type Pointsman, startPointsman } from './start-pointsman.ts';
import type { Target } from './target.ts';

/** How soon a page must be there, whatever the hosts do. */
const soonMs = 200;

export interface PageBench {
  readonly pointsman: Pointsman;
  readonly origin: string;
  readonly native: ScriptedEngine;
  readonly compatible: ScriptedEngine;
  readonly closeHole: () => void;
}

interface Hole {
  readonly url: string;
  readonly close: () => void;
}

/** Takes connections and never says a word. */
const startHole = async (): Promise<Hole> => {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

export const openPageBench = async (target: Target): Promise<PageBench> => {
  const native = await startEngine({
    kind: 'ollama',
    models: ['llama3.2:3b', 'hf.co/org/model-GGUF:Q4_K_M'],
    entry: { size: 2_000_000_000, digest: 'a'.repeat(64), modified_at: '2026-08-21T10:00:00Z' },
  });
  const compatible = await startEngine({
    kind: 'openai-compatible',
    models: ['org/team/model', 'llama3.2:3b'],
  });
  const gone = await startEngine({ kind: 'ollama', models: [] });
  await gone.close();
  const hole = await startHole();
  const pointsman = await startPointsman(target, {
    backends: {
      native: { kind: 'ollama', url: native.url, priority: 1 },
      compatible: { kind: 'openai-compatible', url: compatible.url, priority: 2, lane: 'cpu' },
      dead: { kind: 'ollama', url: gone.url },
      mute: { kind: 'openai-compatible', url: hole.url },
    },
    models: { llama: { aliases: ['l'], names: { ollama: 'llama3.2:3b', compatible: 'llama3.2:3b' } } },
    probe: { intervalMs: 500, timeoutMs: 400 },
  });
  return { pointsman, origin: pointsman.origin, native, compatible, closeHole: hole.close };
};

export const closePageBench = async ({
  pointsman,
  native,
  compatible,
  closeHole,
}: PageBench): Promise<void> => {
  await pointsman.stop();
  closeHole();
  await Promise.all([native.close(), compatible.close()]);
};

/** A page that must be there soon, as JSON. */
const page = async ({ origin }: PageBench, path: string, status = 200): Promise<Wire> => {
  const startedAt = performance.now();
  const response = await fetch(`${origin}${path}`);
  const body = (await response.json()) as Wire;
  expect({ path, late: performance.now() - startedAt > soonMs }).toEqual({ path, late: false });
  expect({ path, status: response.status }).toEqual({ path, status });
  expect(response.headers.get('content-type')).toContain('application/json');
  return body;
};

const named = (list: unknown, name: string, key = 'name'): Wire | undefined =>
  (list as readonly Wire[]).find((entry) => entry[key] === name);

export const pageCases: readonly Case<PageBench>[] = [
  {
    name: 'the root answers as Ollama does, to GET and to HEAD, as its clients ask before every command',
    prove: async ({ origin, pointsman }) => {
      const response = await fetch(`${origin}/`);
      expect(response.headers.get('content-type')).toContain('text/plain');
      expect(await response.text()).toBe('Ollama is running');
      for (const path of ['/', '/api/version', '/api/tags']) {
        const head = await new Promise<string>((resolve) => {
          let received = '';
          const socket = connect(pointsman.port, '127.0.0.1', () =>
            socket.write(`HEAD ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`),
          );
          socket.on('data', (data) => {
            received += data.toString();
          });
          socket.on('close', () => resolve(received));
        });
        expect(head).toStartWith('HTTP/1.1 200');
        expect(head.slice(head.indexOf('\r\n\r\n') + 4)).toBe('');
      }
    },
  },
  {
    name: 'the version is the lowest of the Ollama hosts that answer',
    prove: async (bench) => {
      expect(await page(bench, '/api/version')).toEqual({ version: '0.33.0' });
    },
  },
  {
    name: "Ollama's list holds every model once and is there at once, though hosts are dead",
    prove: async (bench) => {
      for (let round = 0; round < 5; round += 1) {
        const { models } = await page(bench, '/api/tags');
        const names = (models as readonly Wire[]).map(({ name }) => name);
        expect(names.toSorted()).toEqual(['hf.co/org/model-GGUF:Q4_K_M', 'llama', 'org/team/model']);
        expect(named(models, 'hf.co/org/model-GGUF:Q4_K_M')).toMatchObject({
          model: 'hf.co/org/model-GGUF:Q4_K_M',
          size: 2_000_000_000,
          digest: 'a'.repeat(64),
        });
      }
    },
  },
  {
    name: "OpenAI's list holds every model once, and each entry can be asked for by its name",
    prove: async (bench) => {
      const { object, data } = await page(bench, '/v1/models');
      expect(object).toBe('list');
      for (const name of ['llama', 'org/team/model', 'hf.co/org/model-GGUF:Q4_K_M']) {
        expect(named(data, name, 'id')).toMatchObject({ object: 'model', created: expect.any(Number) });
        expect(await page(bench, `/v1/models/${name}`)).toMatchObject({ id: name, object: 'model' });
        expect(await page(bench, `/v1/models/${encodeURIComponent(name)}`)).toMatchObject({ id: name });
      }
      expect(await page(bench, '/v1/models/l')).toMatchObject({ id: 'l' });
      const missing = await page(bench, '/v1/models/nobody-has-it', 404);
      expect(at(missing, 'error', 'code')).toBe('model_not_found');
    },
  },
  {
    name: 'what is loaded, what a model can do, and what there is no account for',
    prove: async (bench) => {
      const { models } = (await page(bench, '/api/ps')) as { readonly models: readonly Wire[] };
      expect(models.map(({ name }) => name)).toContain('llama');
      expect(await page(bench, '/api/status')).toHaveProperty('cloud');
      bench.native.answer((call) =>
        call.whole({ details: { family: 'llama' }, capabilities: ['completion'], odd: 1 }),
      );
      for (const body of [
        { model: 'llama3.2:3b' },
        { model: '', name: 'llama3.2:3b' },
        { model: 'l', verbose: true },
      ]) {
        const shown = await post(bench.origin, '/api/show', body);
        expect(await shown.json()).toMatchObject({ capabilities: ['completion'], odd: 1 });
        expect(bench.native.calls.at(-1)?.body.model).toBe('llama3.2:3b');
      }
      const other = await post(bench.origin, '/api/show', { model: 'org/team/model' });
      expect(await other.json()).toHaveProperty('capabilities');
      const missing = await post(bench.origin, '/api/show', { model: 'nobody-has-it' });
      expect(missing.status).toBe(404);
      expect(ollama.messageOf((await missing.json()) as Wire)).toContain('not found');
      const account = await post(bench.origin, '/api/me', {});
      expect(account.status).toBe(401);
      await account.text();
    },
  },
  {
    name: 'health names every backend with its state and reason',
    prove: async (bench) => {
      const health = await page(bench, '/health');
      expect(health).toMatchObject({ service: 'pointsman', version, status: 'degraded', simulated: false });
      expect(named(health.backends, 'native', 'backend')).toMatchObject({
        kind: 'ollama',
        lane: 'gpu',
        state: 'up',
        version: '0.33.0',
        models: 2,
      });
      expect(named(health.backends, 'compatible', 'backend')).toMatchObject({ state: 'up', lane: 'cpu' });
      expect(named(health.backends, 'dead', 'backend')).toMatchObject({
        state: 'down',
        reason: 'connection refused',
      });
      expect(named(health.backends, 'mute', 'backend')).toMatchObject({
        state: 'down',
        reason: 'no answer in time',
      });
      expect(await page(bench, '/livez')).toEqual({ status: 'ok' });
      expect(await page(bench, '/readyz')).toEqual({ status: 'ready' });
    },
  },
  {
    name: 'the model pages tell where each model is, and how it did there',
    prove: async (bench) => {
      bench.native.answer((call) => say(call, ollama, 'hi'));
      await (await post(bench.origin, '/api/chat', ollama.chat('llama'))).text();
      const { models } = await page(bench, '/api/v1/models/backends');
      const llama = named(models, 'llama', 'model');
      expect(at(llama, 'backends')).toEqual([
        expect.objectContaining({ backend: 'native', upstream: 'llama3.2:3b', state: 'up' }),
        expect.objectContaining({ backend: 'compatible', upstream: 'llama3.2:3b', state: 'up' }),
      ]);
      expect(await page(bench, '/api/v1/models/available')).toEqual({
        models: ['hf.co/org/model-GGUF:Q4_K_M', 'llama', 'org/team/model'],
      });
      const health = await page(bench, '/api/v1/models/health');
      expect(named(health.models, 'llama', 'model')).toMatchObject({ status: 'ok', up: 2, backends: 2 });
      const slashed = 'hf.co/org/model-GGUF:Q4_K_M';
      for (const name of [slashed, encodeURIComponent(slashed)]) {
        expect(await page(bench, `/api/v1/models/${name}/status`)).toMatchObject({
          model: slashed,
          available: true,
        });
      }
      const metrics = await page(bench, '/api/v1/models/llama/metrics');
      expect(named(metrics.backends, 'native', 'backend')).toMatchObject({
        requests: 1,
        done: 1,
        outputTokens: 2,
      });
      await page(bench, '/api/v1/models/nobody-has-it/status', 404);
    },
  },
  {
    name: 'statistics and metrics count what happened',
    prove: async (bench) => {
      bench.native.answer((call) => say(call, ollama, 'hi'));
      const before = await page(bench, '/stats');
      await (await post(bench.origin, '/api/chat', ollama.chat('llama'))).text();
      const after = await page(bench, '/stats');
      expect(Number(at(after, 'total', 'done')) - Number(at(before, 'total', 'done'))).toBe(1);
      expect(after).toMatchObject({ inflight: 0, queued: 0 });
      const response = await fetch(`${bench.origin}/metrics`);
      expect(response.headers.get('content-type')).toContain('text/plain');
      const text = await response.text();
      for (const line of [
        /pointsman_requests_total\{[^}]*backend="native"[^}]*code="200"[^}]*\} \d+/,
        /pointsman_ttft_seconds_count\{[^}]*\} \d+/,
        /pointsman_tokens_total\{[^}]*type="output"[^}]*\} \d+/,
        /pointsman_inflight\{backend="native"\} 0/,
        /pointsman_queue_depth 0/,
        /pointsman_backend_up\{backend="native"\} 1/,
        /pointsman_backend_up\{backend="dead"\} 0/,
        /pointsman_backend_up\{backend="mute"\} 0/,
        /pointsman_build_info\{version="[^"]+"\} 1/,
      ]) {
        expect(text).toMatch(line);
      }
    },
  },
  {
    name: 'a host that comes back, and a model that is added, are found by the next probe',
    prove: async (bench) => {
      bench.native.models = [...bench.native.models, 'new:1b'];
      const startedAt = performance.now();
      while (!JSON.stringify(await page(bench, '/api/tags')).includes('new:1b')) {
        expect(performance.now() - startedAt).toBeLessThan(3000);
        await Bun.sleep(50);
      }
    },
  },
];
