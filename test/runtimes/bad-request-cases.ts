/** Requests that are wrong by themselves: refused in the caller's words, and no engine hears of them. */

import { expect } from 'bun:test';
import { gzipSync } from 'node:zlib';
import type { Case } from './case-group.ts';
import { at, type Dialect, dialects, ollama, openAi, post, type Wire } from './dialects.ts';
import { startRawClient } from './raw-client.ts';
import { maxBodyBytes, modelFor, nothingIsSent, type RefusalBench } from './refusal-bench.ts';

/** Sends a body and returns the message of the refusal. */
const refusedWith = async (
  { origin }: RefusalBench,
  { chatPath, messageOf, wholeType }: Dialect,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ readonly message: string; readonly body: Wire; readonly response: Response }> => {
  const response = await post(origin, chatPath, body, { headers });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain(wholeType.split(';')[0] ?? '');
  expect(response.headers.get('x-request-id')).not.toBeNull();
  const answer = (await response.json()) as Wire;
  return { message: messageOf(answer) ?? '', body: answer, response };
};

const nested = (depth: number): string => `${'['.repeat(depth - 1)}1${']'.repeat(depth - 1)}`;

const wrongTypes: readonly (readonly [dialect: Dialect, fields: Wire, names: string])[] = [
  ...dialects.flatMap((dialect): (readonly [Dialect, Wire, string])[] => [
    [dialect, { model: 5 }, 'model'],
    [dialect, { model: ['m'] }, 'model'],
    [dialect, { model: 'x'.repeat(300) }, 'model'],
    [dialect, { model: 'a\u0000b' }, 'model'],
    [dialect, { messages: 'hello' }, 'messages'],
    [dialect, { messages: [5] }, 'messages[0]'],
    [dialect, { messages: [{ role: 'nobody', content: 'x' }] }, 'messages[0].role'],
    [
      dialect,
      {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'user', content: 5 },
        ],
      },
      'messages[1].content',
    ],
    [dialect, { stream: 'yes' }, 'stream'],
    [dialect, { tools: {} }, 'tools'],
    [dialect, { intent: 'sideways' }, 'intent'],
  ]),
  [ollama, { options: [] }, 'options'],
  [ollama, { options: { temperature: 'hot' } }, 'options.temperature'],
  [ollama, { keep_alive: { minutes: 5 } }, 'Unsupported type'],
  [ollama, { format: 'yaml' }, 'format'],
  [openAi, { temperature: 'hot' }, 'temperature'],
  [openAi, { stream_options: true }, 'stream_options'],
  [openAi, { stop: 5 }, 'stop'],
];

const casesOf = (dialect: Dialect): readonly Case<RefusalBench>[] => [
  {
    name: `${dialect.name}: a body that is no JSON object is refused`,
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        for (const body of [
          '{"model":',
          'hello',
          '[1]',
          '"text"',
          '',
          '{"a":1}{"b":2}',
          '{"a":01}',
          '\u0000',
        ]) {
          const { message } = await refusedWith(bench, dialect, 400, body);
          expect(message).not.toBe('');
        }
        const broken = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
        await refusedWith(bench, dialect, 400, broken);
      }),
  },
  {
    name: `${dialect.name}: a field of the wrong type is named`,
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        for (const [of, fields, name] of wrongTypes) {
          if (of !== dialect) continue;
          const { message } = await refusedWith(bench, dialect, 400, dialect.chat(modelFor(dialect), fields));
          expect({ fields, message }).toEqual({ fields, message: expect.stringContaining(name) });
        }
      }),
  },
  {
    name: `${dialect.name}: a request without a model is refused`,
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        for (const model of [undefined, null, '']) {
          const { message, body } = await refusedWith(bench, dialect, 400, { ...dialect.chat(''), model });
          expect(message).toContain('model');
          if (dialect === openAi) expect(at(body, 'error', 'param')).toBe('model');
        }
      }),
  },
  {
    name: `${dialect.name}: nesting is taken to a depth of 64 and no further`,
    prove: async (bench) => {
      const body = (depth: number): string =>
        JSON.stringify({ ...dialect.chat(modelFor(dialect), { stream: false }), extra: 0 }).replace(
          '"extra":0',
          `"extra":${nested(depth)}`,
        );
      await nothingIsSent(bench, async () => {
        for (const depth of [65, 100_000]) await refusedWith(bench, dialect, 400, body(depth));
      });
      const engine = dialect === ollama ? bench.native : bench.compatible;
      engine.answer((call) => call.whole(dialect.whole('fine')));
      const response = await post(bench.origin, dialect.chatPath, body(64));
      expect(response.status).toBe(200);
      await response.text();
    },
  },
  {
    name: `${dialect.name}: a body announced as too large is refused before it is sent`,
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        const head = `POST ${dialect.chatPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
        const client = startRawClient(
          bench.pointsman.port,
          `${head}\r\ncontent-length: ${maxBodyBytes + 1}\r\n\r\n{`,
        );
        await client.saw('HTTP/1.1 413');
        await client.saw(String(maxBodyBytes));
        client.leave('finish');
      }),
  },
  {
    name: `${dialect.name}: a body of unknown length is refused once it is too large`,
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        const head = `POST ${dialect.chatPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
        const piece = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
        const pieces = piece.repeat(maxBodyBytes / 0x4000 + 1);
        const client = startRawClient(
          bench.pointsman.port,
          `${head}\r\ntransfer-encoding: chunked\r\n\r\n${pieces}`,
        );
        await client.saw('HTTP/1.1 413');
        client.leave('finish');
      }),
  },
  {
    name: `${dialect.name}: a compressed body is refused`,
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        const body = gzipSync(JSON.stringify(dialect.chat(modelFor(dialect))));
        for (const coding of ['gzip', 'br', 'gzip, gzip']) {
          const { message } = await refusedWith(bench, dialect, 415, body, { 'content-encoding': coding });
          expect(message).toContain('compressed');
        }
      }),
  },
  {
    name: `${dialect.name}: a model nobody has is not found, and the nearest names are told`,
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        const { message, body } = await refusedWith(bench, dialect, 404, dialect.chat('lama3.2:3b'));
        expect(message).toContain("'lama3.2:3b' not found");
        expect(message).toContain('llama3.2:3b');
        if (dialect === openAi) expect(at(body, 'error', 'code')).toBe('model_not_found');
      }),
  },
  {
    name: `${dialect.name}: a body is read whatever type a client without a browser calls it`,
    prove: async (bench) => {
      const engine = dialect === ollama ? bench.native : bench.compatible;
      engine.answer((call) => call.whole(dialect.whole('fine')));
      const body = dialect.chat(modelFor(dialect), { stream: false });
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', '']) {
        const response = await post(bench.origin, dialect.chatPath, body, {
          headers: { 'content-type': type },
        });
        expect(response.status).toBe(200);
        await response.text();
      }
    },
  },
];

export const badRequestCases: readonly Case<RefusalBench>[] = [
  ...dialects.flatMap(casesOf),
  {
    name: 'an OpenAI chat without messages is refused',
    prove: (bench) =>
      nothingIsSent(bench, async () => {
        for (const messages of [[], undefined, null]) {
          const body = { ...openAi.chat('mistral-small'), messages };
          const { message, body: answer } = await refusedWith(bench, openAi, 400, body);
          expect(message).toContain('messages');
          expect(at(answer, 'error')).toMatchObject({ type: 'invalid_request_error', param: 'messages' });
        }
      }),
  },
];
