/** Paths, methods, hosts and origins: what gets in at all. */

import { expect } from 'bun:test';
import { hostname } from 'node:os';
import type { Case } from './case-group.ts';
import { dialects, ollama, post, type Wire } from './dialects.ts';
import { startRawClient } from './raw-client.ts';
import { allowedOrigin, modelFor, nothingIsSent, type RefusalBench } from './refusal-bench.ts';

/** Sends a request as it stands and returns the whole answer as text. */
const raw = async ({ pointsman }: RefusalBench, lines: readonly string[], body = ''): Promise<string> => {
  const text = `${[...lines, 'connection: close'].join('\r\n')}\r\n\r\n${body}`;
  const client = startRawClient(pointsman.port, text);
  await client.ended;
  return client.received();
};

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

const errorOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n'));

const chatWith = (headers: Record<string, string>, dialect = ollama) => ({ headers, dialect });

const refusesFromBrowsers = [
  chatWith({ origin: 'https://evil.example' }),
  chatWith({ origin: 'null' }),
  chatWith({ origin: 'http://evil.example:5010' }),
  chatWith({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }),
];

export const frontDoorCases: readonly Case<RefusalBench>[] = [
  {
    name: 'a wrong method is told which ones there are, in the dialect of the path',
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        for (const { chatPath, messageOf } of dialects) {
          for (const method of ['GET', 'PUT', 'DELETE']) {
            const response = await fetch(`${bench.origin}${chatPath}`, { method });
            expect(response.status).toBe(405);
            expect(response.headers.get('allow')).toBe('POST');
            expect(messageOf((await response.json()) as Wire)).toContain('POST');
          }
        }
        const tags = await post(bench.origin, '/api/tags', {});
        expect(tags.status).toBe(405);
        expect(tags.headers.get('allow')).toBe('GET, HEAD');
        await tags.text();
      }),
  },
  {
    name: 'a path that does not exist is not found, in JSON',
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        for (const path of ['/nowhere', '/api/nowhere', '/v1/nowhere', '/v2/chat/completions']) {
          const response = await fetch(`${bench.origin}${path}`);
          expect(response.status).toBe(404);
          expect(response.headers.get('content-type')).toContain('application/json');
          expect(JSON.stringify(await response.json())).toContain('no such path');
        }
      }),
  },
  {
    name: 'a doubled prefix and a slash at the end lead where they were meant to',
    prove: async (bench) => {
      bench.compatible.answer((call) => call.whole({ object: 'list', data: [] }));
      for (const path of ['/v1/v1/models', '/v1/models/', '/api/tags/']) {
        const response = await fetch(`${bench.origin}${path}`, { redirect: 'manual' });
        expect(response.status).toBe(200);
        await response.text();
      }
    },
  },
  {
    name: 'a path written in a way that could mean another is refused',
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        const paths = [
          '//api/chat',
          '/v1%2fchat%2fcompletions',
          '/api/chat%00',
          '/api/chat;x=1',
          '/api\\chat',
          '/api/chat%0d%0aX-Evil:1',
        ];
        for (const path of paths) {
          const answer = await raw(
            bench,
            [`POST ${path} HTTP/1.1`, 'host: localhost', 'content-length: 2'],
            '{}',
          );
          expect({ path, status: statusOf(answer) }).toEqual({ path, status: 400 });
        }
        // Some runtimes resolve these before anybody sees them; then the path is the resolved one.
        for (const path of ['/api/%2e%2e/metrics', '/api/../metrics', '/metrics/./']) {
          const answer = await raw(
            bench,
            [`POST ${path} HTTP/1.1`, 'host: localhost', 'content-length: 2'],
            '{}',
          );
          expect([400, 405]).toContain(statusOf(answer));
        }
      }),
  },
  {
    name: 'a Host that is not known is refused, so that no page can rebind a name to this address',
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        const { port } = bench.pointsman;
        for (const host of [
          'evil.example',
          `evil.example:${port}`,
          'localhost.evil.example',
          '10.0.0.7',
          '0.0.0.0',
        ]) {
          for (const path of ['/api/tags', '/v1/models', '/', '/livez', '/metrics']) {
            const answer = await raw(bench, [`GET ${path} HTTP/1.1`, `host: ${host}`]);
            expect({ host, path, status: statusOf(answer) }).toEqual({ host, path, status: 403 });
            expect(errorOf(answer)).toContain('Host');
          }
        }
      }),
  },
  {
    name: "loopback, this host's name, Docker's name for it and what is configured are accepted as Host",
    prove: async (bench) => {
      const { port } = bench.pointsman;
      const names = ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal', 'models.example', hostname()];
      for (const name of names) {
        for (const host of [name, `${name}:${port}`, name.toUpperCase()]) {
          const answer = await raw(bench, ['GET /api/version HTTP/1.1', `host: ${host}`]);
          expect({ host, status: statusOf(answer) }).toEqual({ host, status: 200 });
        }
      }
    },
  },
  {
    name: 'a request without a Host, or with two, is refused',
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        expect(statusOf(await raw(bench, ['GET /api/tags HTTP/1.1']))).toBe(400);
        const two = statusOf(
          await raw(bench, ['GET /api/tags HTTP/1.1', 'host: localhost', 'host: evil.example']),
        );
        expect([400, 403]).toContain(two);
        const other = await raw(bench, ['GET http://evil.example/api/tags HTTP/1.1', 'host: evil.example']);
        expect([400, 403]).toContain(statusOf(other));
      }),
  },
  {
    name: 'a page of another site cannot ask, not even in ways a browser does not ask permission for',
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        for (const { headers, dialect } of refusesFromBrowsers) {
          const body = dialect.chat(modelFor(dialect));
          const init = { headers: { ...headers, 'content-type': 'text/plain' } };
          const response = await post(bench.origin, dialect.chatPath, body, init);
          expect({ headers, status: response.status }).toEqual({ headers, status: 403 });
          expect(response.headers.get('access-control-allow-origin')).toBeNull();
          await response.text();
        }
        const preflight = await fetch(`${bench.origin}/api/chat`, {
          method: 'OPTIONS',
          headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
        });
        expect(preflight.status).toBe(403);
        await preflight.text();
      }),
  },
  {
    name: 'a page that is allowed may ask with JSON and read the answer, and nothing but JSON',
    prove: async (bench) => {
      bench.native.answer((call) => call.whole(ollama.whole('fine')));
      const preflight = await fetch(`${bench.origin}/api/chat`, {
        method: 'OPTIONS',
        headers: { origin: allowedOrigin, 'access-control-request-headers': 'content-type' },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe(allowedOrigin);
      const body = ollama.chat('llama3.2:3b', { stream: false });
      const response = await post(bench.origin, '/api/chat', body, { headers: { origin: allowedOrigin } });
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBe(allowedOrigin);
      await response.text();
      const headers = { origin: allowedOrigin, 'content-type': 'text/plain' };
      const plain = await post(bench.origin, '/api/chat', body, { headers });
      expect(plain.status).toBe(415);
      await plain.text();
    },
  },
  {
    name: 'a client that asks before it sends its body is told to go on',
    prove: async (bench) => {
      bench.native.answer((call) => call.whole(ollama.whole('fine')));
      const body = JSON.stringify(ollama.chat('llama3.2:3b', { stream: false }));
      const client = startRawClient(
        bench.pointsman.port,
        `POST /api/chat HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      await client.saw('HTTP/1.1 100');
      client.send(body);
      await client.saw('fine');
      client.leave('finish');
    },
  },
  {
    name: 'operations that change models are answered with a sentence, and reach no host',
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        const asked = [
          ['POST', '/api/pull'],
          ['POST', '/api/push'],
          ['POST', '/api/create'],
          ['POST', '/api/copy'],
          ['DELETE', '/api/delete'],
          ['POST', '/api/blobs/sha256:1'],
        ] as const;
        for (const [method, path] of asked) {
          const response = await fetch(`${bench.origin}${path}`, { method, body: '{"model":"llama3.2:3b"}' });
          expect({ path, status: response.status }).toEqual({ path, status: 501 });
          expect(ollama.messageOf((await response.json()) as Wire)).toContain('models');
        }
      }),
  },
];
