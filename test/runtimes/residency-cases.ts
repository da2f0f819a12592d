/** Bringing models into memory and out of it, and how long they stay. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { ollama, post, say, type Wire } from './dialects.ts';
import type { StreamBench } from './stream-bench.ts';

const asked = async (bench: StreamBench, path: string, body: Wire): Promise<Wire> => {
  const response = await post(bench.origin, path, body);
  expect(response.status).toBe(200);
  return (await response.json()) as Wire;
};

const answered = (reason: string): Wire => ({
  model: 'm',
  created_at: '2026-08-21T10:00:00Z',
  response: '',
  done: true,
  done_reason: reason,
});

export const residencyCases: readonly Case<StreamBench>[] = [
  {
    name: 'keep_alive arrives as it was sent',
    prove: async (bench) => {
      bench.native.answer((call) => say(call, ollama, 'hi'));
      for (const keepAlive of [-1, '10m', 1800]) {
        await (await post(bench.origin, '/api/chat', ollama.chat('m', { keep_alive: keepAlive }))).text();
        expect(bench.native.calls.at(-1)?.body.keep_alive).toBe(keepAlive);
      }
    },
  },
  {
    name: 'a request without a prompt loads the model and is answered in one piece',
    prove: async (bench) => {
      bench.native.answer((call) => call.whole(answered('load')));
      for (const path of ['/api/generate', '/api/chat']) {
        const body = await asked(bench, path, { model: 'm', keep_alive: '5m' });
        expect(body).toMatchObject({ done: true, done_reason: 'load' });
        expect(bench.native.calls.at(-1)?.body).toMatchObject({ model: 'm', keep_alive: '5m' });
      }
    },
  },
  {
    name: 'a request without a prompt and with no time to stay unloads the model',
    prove: async (bench) => {
      bench.native.answer((call) => call.whole(answered('unload')));
      for (const keepAlive of [0, '0s']) {
        const body = await asked(bench, '/api/generate', { model: 'm', keep_alive: keepAlive });
        expect(body).toMatchObject({ model: 'm', done: true, done_reason: 'unload' });
        expect(bench.native.calls.at(-1)?.body).toMatchObject({ keep_alive: 0 });
      }
    },
  },
  {
    name: 'a load of a model whose engine holds it by itself is answered without a prompt to it',
    prove: async (bench) => {
      const before = bench.compatible.calls.length;
      const body = await asked(bench, '/api/generate', { model: 'other' });
      expect(body).toMatchObject({ done: true, done_reason: 'load' });
      expect(bench.compatible.calls.length).toBe(before);
    },
  },
];
