/** The same dialect on both sides: the same bytes, but for what is named. */

import { expect } from 'bun:test';
import { createHash } from 'node:crypto';
import { fixtures } from '../protocols/fixtures.ts';
import type { Case } from './case-group.ts';
import { type Dialect, dialects, ollama, openAi, post } from './dialects.ts';
import type { Call } from './scripted-engine.ts';
import { engineOf, type StreamBench } from './stream-bench.ts';

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const bytesOf = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await response.arrayBuffer());

/** A body no serialiser would write: spacing, a number beyond doubles, fields nobody knows, a key that looks like the name. */
const oddBody = (dialect: Dialect, model: string): string => {
  const nested = '"odd": { "model":"decoy" , "n":1.0 }';
  const known = '"messages" : [ {"content":"h\\u00e9 \\ud83d\\ude00","role":"user" } ]';
  return dialect === ollama
    ? `{  ${nested},"model" :"${model}", ${known},\n "options":{"seed":9007199254740993} }\n`
    : `{  ${nested},"model" :"${model}", ${known},\n "seed":9007199254740993,"stream":true }\n`;
};

/** Cuts bytes at places that differ from file to file but not from run to run. */
const cuts = (bytes: Uint8Array, seed: number): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = [];
  let state = seed + 1;
  for (let offset = 0; offset < bytes.length; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const next = Math.min(bytes.length, offset + 1 + (state % 97));
    pieces.push(bytes.subarray(offset, next));
    offset = next;
  }
  return pieces;
};

const pathOf = (dialect: Dialect, fixture: string): string => {
  if (dialect === ollama) return fixture.startsWith('generate') ? '/api/generate' : dialect.chatPath;
  return fixture.startsWith('completion') ? '/v1/completions' : dialect.chatPath;
};

const answerInPieces = (call: Call, dialect: Dialect, pieces: readonly Uint8Array[]): void => {
  call.begin(dialect.streamType);
  for (const piece of pieces) call.write(piece);
  call.end();
};

const casesOf = (dialect: Dialect): readonly Case<StreamBench>[] => [
  {
    name: `${dialect.name} over ${dialect.kind}: every recorded stream arrives byte for byte, wherever it is cut`,
    prove: async (bench) => {
      const { engine, model } = engineOf(bench, dialect);
      const streams = fixtures(dialect === ollama ? 'ollama' : 'openai-chat', 'streams');
      const answers = streams.filter(({ name }) => !name.includes('load-reply'));
      expect(answers.length).toBeGreaterThan(15);
      for (const [index, { name, bytes }] of answers.entries()) {
        engine.answer((call) => answerInPieces(call, dialect, cuts(bytes, index)));
        const path = pathOf(dialect, name);
        const body = dialect.chat(model, path === dialect.chatPath ? {} : { prompt: 'Say hello' });
        const response = await post(bench.origin, path, body);
        expect(response.headers.get('content-type')).toContain(dialect.streamType);
        expect({ name, digest: digest(await bytesOf(response)) }).toEqual({ name, digest: digest(bytes) });
      }
    },
  },
  {
    name: `${dialect.name} over ${dialect.kind}: the request arrives byte for byte`,
    prove: async (bench) => {
      const { engine, model } = engineOf(bench, dialect);
      engine.answer((call) => answerInPieces(call, dialect, [Buffer.from(dialect.text('hi') + dialect.end)]));
      const body = oddBody(dialect, model);
      await bytesOf(await post(bench.origin, dialect.chatPath, body));
      const call = engine.calls.at(-1);
      expect(call?.path).toBe(dialect.chatPath);
      expect(Buffer.from(call?.bytes ?? []).toString()).toBe(body);
    },
  },
  {
    name: `${dialect.name} over ${dialect.kind}: an alias changes the name in the request and nothing else`,
    prove: async (bench) => {
      const { engine, alias, name } = engineOf(bench, dialect);
      const answer = Buffer.from(dialect.text('hi') + dialect.end);
      engine.answer((call) => answerInPieces(call, dialect, [answer]));
      const response = await post(bench.origin, dialect.chatPath, oddBody(dialect, alias));
      expect(digest(await bytesOf(response))).toBe(digest(answer));
      expect(Buffer.from(engine.calls.at(-1)?.bytes ?? []).toString()).toBe(oddBody(dialect, name));
      expect(response.headers.get('x-pointsman-model')).toBe(name);
    },
  },
  {
    name: `${dialect.name} over ${dialect.kind}: a whole answer arrives byte for byte`,
    prove: async (bench) => {
      const { engine, model } = engineOf(bench, dialect);
      const text = `${JSON.stringify({ ...dialect.whole('hello'), unknown: { a: 1 } }, null, 3)}\n`;
      engine.answer((call) => call.whole(text));
      const response = await post(bench.origin, dialect.chatPath, dialect.chat(model, { stream: false }));
      expect(response.headers.get('content-type')).toContain('application/json');
      expect(await response.text()).toBe(text);
    },
  },
  {
    name: `${dialect.name} over ${dialect.kind}: only known headers cross in either direction`,
    prove: async (bench) => {
      const { engine, model } = engineOf(bench, dialect);
      const secret = 'canary-header-value';
      engine.answer((call) =>
        call.whole(dialect.whole('hello'), 200, {
          'x-secret': secret,
          'set-cookie': secret,
          server: secret,
          'x-ratelimit-remaining-requests': '7',
        }),
      );
      const headers = {
        authorization: `Bearer ${secret}`,
        cookie: secret,
        'x-forwarded-for': secret,
        'x-request-id': 'mine-1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      };
      const response = await post(bench.origin, dialect.chatPath, dialect.chat(model, { stream: false }), {
        headers,
      });
      await response.arrayBuffer();
      expect(JSON.stringify([...response.headers])).not.toContain(secret);
      expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('7');
      expect(response.headers.get('x-request-id')).toBe('mine-1');
      const sent = engine.calls.at(-1)?.headers ?? {};
      expect(JSON.stringify(sent)).not.toContain(secret);
      expect(sent.traceparent).toBe(headers.traceparent);
      expect(sent['accept-encoding']).toBe('identity');
    },
  },
];

export const passthroughCases: readonly Case<StreamBench>[] = [
  ...dialects.flatMap(casesOf),
  {
    name: 'a model name with slashes and colons is routed as it is written, in both dialects',
    prove: async (bench) => {
      const names: readonly (readonly [Dialect, Dialect, string])[] = [
        [ollama, ollama, 'hf.co/org/model-GGUF:Q4_K_M'],
        [openAi, ollama, 'hf.co/org/model-GGUF:Q4_K_M'],
        [openAi, openAi, 'org/team/model:v1'],
        [ollama, openAi, 'org/team/model:v1'],
      ];
      for (const [front, back, name] of names) {
        const { engine } = engineOf(bench, back);
        engine.answer((call) => call.whole(back.whole('hello')));
        const response = await post(bench.origin, front.chatPath, front.chat(name, { stream: false }));
        expect(response.status).toBe(200);
        expect(engine.calls.at(-1)?.body.model).toBe(name);
      }
    },
  },
  {
    name: 'every answer tells which backend and model served it, after how many attempts and how long a wait',
    prove: async (bench) => {
      bench.native.answer((call) => call.whole(ollama.whole('hello')));
      const response = await post(bench.origin, '/api/chat', ollama.chat('m', { stream: false }));
      await response.arrayBuffer();
      const { headers } = response;
      expect(headers.get('x-pointsman-backend')).toBe('native');
      expect(headers.get('x-pointsman-model')).toBe('m:latest');
      expect(headers.get('x-pointsman-attempts')).toBe('1');
      expect(headers.get('x-pointsman-reason')).not.toBe('');
      expect(Number(headers.get('x-pointsman-queue-ms'))).toBe(0);
      expect(Number(headers.get('x-pointsman-overhead-ms'))).toBeLessThan(1000);
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{16,}$/);
    },
  },
];
