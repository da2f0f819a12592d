/** Keys, addresses and prompts stay where they belong, whatever an engine blurts out. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { type Dialect, dialects, post, say } from './dialects.ts';
import { blurtModel, type GuardedBench, keys } from './guarded-bench.ts';
import { openStream } from './open-stream.ts';
import type { Call, ScriptedEngine } from './scripted-engine.ts';

const prompt = 'canary-prompt-0c9d8e7f';

interface Blurt {
  readonly name: string;
  readonly say: (call: Call, dialect: Dialect, words: string) => void;
}

const blurts: readonly Blurt[] = [
  ...[400, 401, 403, 404, 413, 429, 500, 502, 503].map((status) => ({
    name: `status ${status}`,
    say: (call: Call, _dialect: Dialect, words: string): void => call.whole({ error: words }, status),
  })),
  {
    name: 'an OpenAI error',
    say: (call, _dialect, words) =>
      call.whole({ error: { message: words, type: 'invalid_request_error', code: 'invalid_api_key' } }, 400),
  },
  {
    name: 'plain text',
    say: (call, _dialect, words) => call.whole(words, 500, { 'content-type': 'text/plain' }),
  },
  {
    name: 'an error inside a 200',
    say: (call, { streamType, error }, words) => {
      call.begin(streamType);
      call.write(error(words));
      call.end();
    },
  },
  {
    name: 'an error after content',
    say: (call, { streamType, text, error }, words) => {
      call.begin(streamType);
      call.write(text('begun'));
      call.write(error(words));
      call.end();
    },
  },
];

/** The lines every case may look at: what was logged and what is shown to who scrapes. */
const traces = async ({ origin, pointsman }: GuardedBench): Promise<string> => {
  const pages = await Promise.all(
    ['/metrics', '/stats', '/health', '/api/v1/models/backends'].map(async (path) => {
      const response = await fetch(`${origin}${path}`, {
        headers: { authorization: `Bearer ${keys.metrics}` },
      });
      return `${JSON.stringify([...response.headers])}${await response.text()}`;
    }),
  );
  return [...pages, pointsman.output.err].join('\n');
};

const hostOf = ({ url }: ScriptedEngine): string => url.replace('http://', '');

/** What must be in nothing that leaves the program. */
const secretsOf = ({ engine, compatible, blurting, gone }: GuardedBench): readonly string[] => [
  ...Object.values(keys),
  ...[engine, compatible, gone, ...blurting.ollama, ...blurting['openai-compatible']].map(hostOf),
];

const expectClean = (text: string, secrets: readonly string[]): void => {
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
};

const asked = async (bench: GuardedBench, { chatPath, chat }: Dialect, model: string): Promise<string> => {
  const messages = [{ role: 'user', content: prompt }];
  const headers = { authorization: `Bearer ${keys.inference}` };
  const response = await post(bench.origin, chatPath, chat(model, { messages }), { headers });
  return `${JSON.stringify([...response.headers])}${await openStream(response).ended}`;
};

const wordsOf = (engine: ScriptedEngine): string =>
  `Incorrect API key provided: ${keys.upstream} (header ${keys.header}) at ${engine.url}/v1 for "${prompt}"`;

export const secrecyCases: readonly Case<GuardedBench>[] = [
  ...blurts.map(
    ({ name, say: blurt }, index): Case<GuardedBench> => ({
      name: `${name} that tells keys, an address and a prompt tells them to nobody`,
      prove: async (bench) => {
        for (const back of dialects) {
          const engine = bench.blurting[back.kind][index];
          if (engine === undefined) throw new Error('more is blurted out than there are engines for');
          engine.answer((call) => blurt(call, back, wordsOf(engine)));
          // The second may be kept from the engine by what the first was told of its key.
          for (const front of dialects)
            expectClean(await asked(bench, front, blurtModel(back.kind, index)), secretsOf(bench));
          expect(engine.calls.length).toBeGreaterThan(0);
        }
        expectClean(await traces(bench), [...secretsOf(bench), prompt]);
      },
    }),
  ),
  {
    name: 'what one prompt made an engine say is not told to the next caller',
    prove: async (bench) => {
      bench.engine.answer((call) => call.whole({ error: `boom while reading "${prompt}"` }, 500));
      const front = dialects[0] as Dialect;
      // The last of them is the trial of a host that is set aside.
      for (let round = 0; round < 4; round += 1) await asked(bench, front, 'm-29');
      const refused = await asked(bench, front, 'm-29');
      expect(refused).toContain('set aside');
      expectClean(refused, [prompt]);
    },
  },
  {
    name: 'requests that succeed, fail to connect or are refused leave no key, address or prompt behind',
    prove: async (bench) => {
      bench.engine.answer((call) => say(call, dialects[0] as Dialect, 'fine'));
      for (const front of dialects) {
        for (const model of ['m', 'gone', 'nobody-has-it']) {
          expectClean(await asked(bench, front, model), secretsOf(bench));
        }
        const wrong = 'canary-wrong-key-4d3c2b1a';
        const body = { ...front.chat('m'), temperature: prompt, options: { seed: prompt } };
        for (const path of [
          front.chatPath,
          `/${wrong}${front.chatPath}`,
          `/${keys.inference}${front.chatPath}`,
        ]) {
          const response = await post(bench.origin, path, body, { headers: { 'x-api-key': wrong } });
          expectClean(await response.text(), [...secretsOf(bench), wrong]);
        }
        expectClean(await traces(bench), [...secretsOf(bench), prompt, wrong]);
      }
    },
  },
  {
    name: 'each request leaves one line in the log and one count in the metrics, with names in place of keys',
    prove: async (bench) => {
      bench.engine.answer((call) => say(call, dialects[0] as Dialect, 'fine'));
      const before = bench.pointsman.output.err.length;
      const headers = { authorization: `Bearer ${keys.inference}`, 'x-request-id': 'told-once' };
      await (
        await post(
          bench.origin,
          '/api/chat',
          { model: 'm', messages: [{ role: 'user', content: prompt }] },
          { headers },
        )
      ).text();
      await bench.pointsman.saw('err', 'told-once');
      const lines = bench.pointsman.output.err.slice(before).trim().split('\n');
      const told = lines
        .filter((line) => line.includes('told-once'))
        .map((line) => JSON.parse(line) as object);
      expect(told).toEqual([
        expect.objectContaining({ type: 'request', principal: 'app', backend: 'native', outcome: 'done' }),
      ]);
      expect(await traces(bench)).toMatch(/pointsman_requests_total\{[^}]*backend="native"[^}]*\} \d+/);
    },
  },
];
