import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseConfig } from '../../src/config/parse.ts';
import { propertyRuns } from '../property-runs.ts';
import { backend, problemsOf, sources } from './reading.ts';

describe('secrets', () => {
  const canary = 'canary-3f9a';
  const bad: readonly string[] = [
    backend(`apiKey: "${canary} x"`),
    backend(`apiKey: [${canary}]`),
    backend(`apiKey: { ${canary}: `),
    backend(`apiKey: "${canary}`),
    backend(`apiKey: !${canary} x`),
    backend(`apiKey: *${canary}`),
    backend(`headers: { x-key: "${canary}\\n" }`),
    `backends: { box: { kind: ollama, url: "http://me:${canary}@h" } }`,
    `auth: { keys: [{ name: a, key: "${canary}\\t" }] }`,
    `auth: { keys: [{ name: a, key: ${canary} }, { name: b, key: ${canary} }] }`,
    `auth: { keys: ${canary} }`,
    `backends:\n  box:\n    apiKey: ${canary}: x`,
    `backends:\n  box:\n    apiKey: x\n   ${canary}`,
    `backends:\n  box:\n    apiKey: "x" ${canary}`,
  ];
  for (const [index, text] of bad.entries()) {
    test(`no problem quotes a secret (${index + 1})`, async () => {
      const problems = await problemsOf(text);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join('\n')).not.toContain(canary);
    });
  }
});

describe('any text at all', () => {
  const scrap = fc.oneof(
    fc.constantFrom(
      '\n',
      '  ',
      ': ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ', ',
      '"',
      "'",
      '#',
      '&a ',
      '*a',
      '<<: ',
      '!!set ',
      '? ',
      '|',
      '>',
    ),
    fc.constantFrom(
      'backends',
      'models',
      'listen',
      'auth',
      'keys',
      'names',
      '$',
      '{',
      '}',
      ':-',
      'file:',
      '__proto__',
    ),
    fc.constantFrom(
      '1',
      'true',
      'null',
      '.nan',
      'ollama',
      '\t',
      '\r',
      '\u0000',
      '\ue000',
      '\ud800',
      '---',
      '%YAML 1.1',
    ),
    fc.string({ maxLength: 6 }),
  );

  test('never makes the parser throw, and every problem is one line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(scrap, { maxLength: 40 }), async (scraps) => {
        const parsed = await parseConfig(scraps.join(''), sources);
        if ('config' in parsed) return;
        expect(parsed.problems.length).toBeGreaterThan(0);
        for (const problem of parsed.problems) expect(problem).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('a mapping of any JSON never makes the parser throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        expect(await parseConfig(text, sources)).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  test('ten thousand brackets are refused, not recursed into', async () => {
    expect(await problemsOf('['.repeat(10_000))).toHaveLength(1);
    expect(await problemsOf(`a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`)).toHaveLength(1);
  });

  test('aliases of aliases are refused before they fill the memory', async () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      level === 0 ? 'l0: &l0 [x]' : `l${level}: &l${level} [${`*l${level - 1},`.repeat(9)}]`,
    );
    expect(await problemsOf(levels.join('\n'))).toEqual([
      'the file: an alias names no anchor, or there are too many',
    ]);
  });
});
