/** Who may ask, by whatever way the key comes. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { dialects, ollama, openAi, post, say, type Wire } from './dialects.ts';
import { type GuardedBench, keys } from './guarded-bench.ts';

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

const statusWith = async (
  { origin }: GuardedBench,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> => {
  const response = await fetch(`${origin}${path}`, { headers });
  await response.arrayBuffer();
  return response.status;
};

const openPaths = ['/livez', '/readyz'];

const guardedPaths = [
  '/',
  '/health',
  '/stats',
  '/metrics',
  '/api/tags',
  '/api/version',
  '/api/ps',
  '/v1/models',
  '/v1/models/m',
  '/api/v1/models/backends',
  '/nowhere',
];

export const keyCases: readonly Case<GuardedBench>[] = [
  {
    name: 'without a key every path is closed but the two that tell whether it lives',
    prove: async (bench) => {
      for (const path of openPaths) expect(await statusWith(bench, path)).toBe(200);
      for (const path of guardedPaths) {
        expect({ path, status: await statusWith(bench, path) }).toEqual({ path, status: 401 });
      }
      for (const path of ['/api/pull', '/api/me', '/api/show']) {
        const response = await post(bench.origin, path, { model: 'm' });
        expect({ path, status: response.status }).toEqual({ path, status: 401 });
        await response.arrayBuffer();
      }
    },
  },
  {
    name: 'a wrong key is refused in the dialect of the path, and no engine hears of it',
    prove: async (bench) => {
      const sent = bench.engine.calls.length;
      for (const { chatPath, chat, messageOf } of dialects) {
        for (const headers of [
          {},
          bearer('wrong-key-wrong-key'),
          bearer(keys.inference.slice(0, -1)),
          bearer(`${keys.inference}x`),
          { authorization: `Basic ${btoa(`me:${keys.inference}`)}` },
          { authorization: keys.inference },
          { 'x-api-key': 'wrong-key-wrong-key' },
        ]) {
          const response = await post(bench.origin, chatPath, chat('m'), { headers });
          expect({ headers, status: response.status }).toEqual({ headers, status: 401 });
          expect(messageOf((await response.json()) as Wire)).toContain('key');
        }
        const query = await post(bench.origin, `${chatPath}?key=${keys.inference}`, chat('m'));
        expect([400, 401]).toContain(query.status);
        await query.arrayBuffer();
      }
      expect(bench.engine.calls.length).toBe(sent);
    },
  },
  {
    name: 'a key is accepted as a bearer, as x-api-key and as the first part of the path',
    prove: async (bench) => {
      bench.engine.answer((call) => say(call, ollama, 'fine'));
      const ways: readonly (readonly [string, Record<string, string>])[] = [
        ['', bearer(keys.inference)],
        ['', { authorization: `bearer  ${keys.inference}` }],
        ['', { 'x-api-key': keys.inference }],
        [`/${keys.inference}`, {}],
        ['', { ...bearer(keys.inference), 'x-api-key': keys.inference }],
        [`/${keys.inference}`, { authorization: 'Bearer ' }],
      ];
      for (const { chatPath, chat, read } of dialects) {
        for (const [prefix, headers] of ways) {
          const response = await post(bench.origin, `${prefix}${chatPath}`, chat('m'), { headers });
          expect({ prefix, headers, status: response.status }).toEqual({ prefix, headers, status: 200 });
          expect(read(await response.text()).text).toBe('fine');
        }
      }
      expect(await statusWith(bench, `/${keys.inference}`)).toBe(200);
      expect(await statusWith(bench, `/${keys.inference}/`)).toBe(200);
    },
  },
  {
    name: 'two different keys in one request are refused',
    prove: async (bench) => {
      const headers = { ...bearer(keys.inference), 'x-api-key': keys.admin };
      expect(await statusWith(bench, '/api/tags', headers)).toBe(400);
      expect(await statusWith(bench, `/${keys.admin}/api/tags`, bearer(keys.inference))).toBe(400);
    },
  },
  {
    name: 'a known key without the right is told so',
    prove: async (bench) => {
      const forbidden: readonly (readonly [string, string])[] = [
        ['/stats', keys.inference],
        ['/metrics', keys.inference],
      ];
      for (const [path, key] of forbidden) expect(await statusWith(bench, path, bearer(key))).toBe(403);
      expect(await statusWith(bench, '/metrics', bearer(keys.metrics))).toBe(200);
      const sent = bench.engine.calls.length;
      for (const { chatPath, chat, messageOf } of dialects) {
        const response = await post(bench.origin, chatPath, chat('m'), { headers: bearer(keys.metrics) });
        expect(response.status).toBe(403);
        expect(messageOf((await response.json()) as Wire)).toContain('inference');
      }
      expect(bench.engine.calls.length).toBe(sent);
    },
  },
  {
    name: 'a key with a limit is told what is left, and is turned away when that is nothing',
    prove: async (bench) => {
      const headers = bearer(keys.metered);
      bench.engine.answer((call) => say(call, ollama, 'fine'));
      for (const dialect of dialects) {
        for (let turn = 0; turn < 2; turn += 1) {
          const served = await post(bench.origin, dialect.chatPath, dialect.chat('m'), { headers });
          expect(dialect.read(await served.text()).text).toBe('fine');
          expect(served.headers.get('x-ratelimit-limit-requests')).toBe(dialect === openAi ? '4' : null);
        }
      }
      const sent = bench.engine.calls.length;
      for (const { chatPath, chat, messageOf } of dialects) {
        const refused = await post(bench.origin, chatPath, chat('m'), { headers });
        expect(refused.status).toBe(429);
        expect(Number(refused.headers.get('retry-after'))).toBeWithin(1, 16);
        expect(messageOf((await refused.json()) as Wire)).toContain('4 requests per minute');
      }
      expect(bench.engine.calls.length).toBe(sent);
      const metrics = await fetch(`${bench.origin}/metrics`, { headers: bearer(keys.metrics) });
      expect(await metrics.text()).toContain(
        'pointsman_quota_refused_total{key="metered",kind="requests"} 2\n',
      );
    },
  },
  {
    name: "the caller's key stays here, and the host gets its own",
    prove: async (bench) => {
      bench.engine.answer((call) => call.whole(ollama.whole('fine')));
      const body = openAi.chat('m', { stream: false });
      await (await post(bench.origin, openAi.chatPath, body, { headers: bearer(keys.inference) })).text();
      const headers = bench.engine.calls.at(-1)?.headers ?? {};
      expect(headers.authorization).toBe(`Bearer ${keys.upstream}`);
      expect(JSON.stringify(headers)).not.toContain(keys.inference);
    },
  },
  {
    name: 'an address is shown to who may administer, and to nobody else',
    prove: async (bench) => {
      const page = async (key: string): Promise<string> =>
        await (await fetch(`${bench.origin}/health`, { headers: bearer(key) })).text();
      expect(await page(keys.admin)).toContain(bench.engine.url);
      for (const key of [keys.inference, keys.metrics])
        expect(await page(key)).not.toContain(bench.engine.url);
    },
  },
];
