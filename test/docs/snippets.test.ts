/** The JavaScript and the configuration that pages tell people to paste. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { parseConfig } from '../../src/config/parse.ts';
import { type Demo, runLine, runToEnd, startDemo } from './commands.ts';
import { blocksOf, pageAt, pages } from './pages.ts';

const patienceMs = 60_000;

const snippets = pages.flatMap((page) =>
  blocksOf(page)
    .filter(({ language }) => language === 'js')
    .map(({ text }, index) => ({ name: `${page.path}, ${index + 1}`, text })),
);

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
}, patienceMs);
afterAll(() => demo.pointsman.stop());

describe('JavaScript to paste', () => {
  test('stands on several pages', () => {
    expect(snippets.length).toBeGreaterThan(5);
  });

  for (const { name, text } of snippets) {
    test(
      `runs: ${name}`,
      async () => {
        const { code, out, err } = await runToEnd([process.execPath, '-e', demo.here(text)]);
        expect({ name, code, err }).toEqual({ name, code: 0, err: '' });
        expect(out).toMatch(text.includes("'Hello'") ? /Simulated llama3\.2:3b on gpu: \S/ : /\b200\b/);
      },
      patienceMs,
    );
  }
});

describe('lines of the page on curl', () => {
  const lines = blocksOf(pageAt('docs/clients/curl.md')).flatMap(({ text }) => text.trimEnd().split('\n'));

  test.each(lines)(
    'stream: %s',
    async (line) => {
      const { code, out } = await runLine(demo.here(line));
      expect(code).toBe(0);
      expect(out.split('\n').length).toBeGreaterThan(5);
      expect(out).toMatch(/data: \[DONE\]\s*$|"done":true.*\n$/);
    },
    patienceMs,
  );
});

describe('configuration to paste', () => {
  const parts = pages.flatMap((page) =>
    blocksOf(page)
      .filter(({ language, text }) => language === 'yaml' && /^(?:listen|auth|backends|state):/.test(text))
      .map(({ text }) => [page.path, text] as const),
  );

  test('stands on several pages', () => {
    expect(parts.length).toBeGreaterThan(6);
    expect(parts.filter(([path]) => path === 'docs/deploy.md').length).toBe(5);
  });

  test.each(parts)('is good on %s', async (_path, text) => {
    const result = await parseConfig(text, {
      env: () => undefined,
      readTextFile: async (path) =>
        path.endsWith('.pem') ? '-----BEGIN CERTIFICATE-----' : `the-key-in-${path}`,
    });
    expect(result).toHaveProperty('config');
  });
});
