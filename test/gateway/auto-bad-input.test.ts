import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { answer, type Bench, bench } from './scripted.ts';

const wholeAnswer = {
  model: 'm',
  created_at: '2026-01-01T00:00:00Z',
  message: { role: 'assistant', content: 'hello' },
  done: true,
  done_reason: 'stop',
};

const fleet = async (): Promise<Bench> => {
  const given = await bench({ box: { kind: 'ollama' } });
  const box = given.script('box');
  box.models = ['llama3.2:3b', 'gpt-oss:20b'];
  box.loaded = box.models;
  box.infer = ({ body }) =>
    (body as { stream?: boolean }).stream === false ? Response.json(wholeAnswer) : answer();
  for (const host of given.app.gateway.fleet.hosts()) await given.app.gateway.discovery.look(host);
  return given;
};

const turn = (content: unknown) => ({ model: 'auto', max_tokens: 9, messages: [{ role: 'user', content }] });

/** A request of every dialect whose text, or whose one part, is this. */
const fronts: readonly (readonly [
  path: string,
  of: (text: string) => object,
  ofPart: (part: object) => object,
])[] = [
  ['/v1/chat/completions', turn, (part) => turn([part])],
  ['/v1/messages', turn, (part) => turn([part])],
  [
    '/v1/responses',
    (text) => ({ model: 'auto', input: text }),
    (part) => ({ model: 'auto', input: [{ role: 'user', content: [part] }] }),
  ],
  ['/api/chat', turn, (part) => turn([part])],
  [
    '/v1beta/models/auto:generateContent',
    (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    (part) => ({ contents: [{ role: 'user', parts: [part] }] }),
  ],
];

const wild: Readonly<Record<string, string>> = {
  empty: '',
  'white space': ' \n\t \u3000',
  controls: Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join(''),
  'a lone half of a pair': 'a \ud83d b \ude00 c',
  'marks without letters': '\u0301\u200d\ufe0f\u202e',
  'every script': Array.from({ length: 256 }, (_, block) => String.fromCodePoint(block * 256 + 97)).join(' '),
  'beyond the first plane': Array.from({ length: 60 }, (_, block) =>
    String.fromCodePoint(0x10000 + block * 977),
  ).join(' '),
  'ten megabytes of one letter': 'a'.repeat(10_000_000),
  'a megabyte of short lines': 'x\n'.repeat(500_000),
};

/** Whoever asks is answered, or told what is wrong; nothing in here fails. */
const isTold = async (
  { post }: Bench,
  path: string,
  body: object | string,
  init?: RequestInit,
): Promise<number> => {
  const response = await post(path, body, init);
  const text = await response.text();
  if (response.status !== 200) {
    expect([response.status, text]).toEqual([400, expect.stringMatching(/error/)]);
    return 400;
  }
  if (path !== '/api/v1/analyze') {
    expect(response.headers.get('x-pointsman-model')).toMatch(/llama3\.2:3b|gpt-oss:20b/);
    expect(response.headers.get('x-pointsman-reason')).toMatch(/complexity [01]\.\d\d/);
    return 200;
  }
  const { analysis } = JSON.parse(text) as { analysis: { complexity: { value: number } } };
  expect(analysis.complexity.value).toBeGreaterThanOrEqual(0);
  expect(analysis.complexity.value).toBeLessThanOrEqual(1);
  return 200;
};

describe('what no person would ask', () => {
  for (const [what, text] of Object.entries(wild)) {
    test(`${what}: every dialect chooses a model, and tells what it was chosen by`, async () => {
      const given = await fleet();
      for (const [path, of] of fronts)
        expect([path, await isTold(given, path, of(text))]).toEqual([path, 200]);
      expect(await isTold(given, '/api/v1/analyze', { prompt: text })).toBe(200);
      expect(await isTold(given, '/api/v1/analyze', { messages: [{ role: 'user', content: text }] })).toBe(
        200,
      );
      given.app.stop();
    }, 60_000);
  }

  test('parts of no known type are told or passed over', async () => {
    const given = await fleet();
    for (const part of [{ type: 'hologram' }, { type: 'text' }, { type: 5 }, { text: 5 }, {}]) {
      for (const [path, , ofPart] of fronts) await isTold(given, path, ofPart(part));
      await isTold(given, '/api/v1/analyze', turn([part]));
    }
    given.app.stop();
  });

  test('bytes that are no text are told or read as far as they can be', async () => {
    const given = await fleet();
    const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 37 + 128) & 255).filter(
      (byte) => byte !== 34 && byte !== 92 && byte > 31,
    );
    for (const [path, of] of [...fronts, ['/api/v1/analyze', (prompt: string) => ({ prompt })] as const]) {
      const [before = '', after = ''] = JSON.stringify(of('@')).split('@');
      const body = new Uint8Array([...Buffer.from(before), ...bytes, ...Buffer.from(after)]);
      await isTold(given, path, '', { body });
      await isTold(given, path, '', { body: bytes });
    }
    given.app.stop();
  });

  test('any text has a score in every dialect', async () => {
    const given = await fleet();
    const units = fc.array(fc.nat(0xffff), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(units, async (codes) => {
        const text = String.fromCharCode(...codes);
        for (const [path, of] of fronts) expect(await isTold(given, path, of(text))).toBe(200);
        expect(await isTold(given, '/api/v1/analyze', { prompt: text })).toBe(200);
      }),
      { numRuns: 40 },
    );
    given.app.stop();
  }, 60_000);
});
