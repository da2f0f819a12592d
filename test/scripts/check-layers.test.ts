import { describe, expect, test } from 'bun:test';
import { checkTree } from '../../scripts/check-layers.ts';

const head = '/** What this is. */\n';

/** Problems of a tree whose files each begin with a head comment. */
const problemsOf = (files: Readonly<Record<string, string>>): readonly string[] =>
  checkTree(new Map(Object.entries(files).map(([path, body]) => [path, `${head}${body}\n`])));

describe('the import law', () => {
  test('a folder may import what its row names, and itself', () => {
    expect(
      problemsOf({
        'src/core/plan.ts': "import type { Ask } from '../spec/ask.ts';\nimport { rank } from './rank.ts';",
      }),
    ).toEqual([]);
  });

  test.each([
    ['src/core/plan.ts', '../wire/sse.ts', 'src/wire/sse.ts; core may import spec'],
    ['src/spec/usage.ts', '../core/plan.ts', 'src/core/plan.ts; spec may import nothing'],
    ['src/simulator/host.ts', '../protocols/registry.ts', 'src/protocols/registry.ts'],
    ['src/simulator/host.ts', '../backends/ollama.ts', 'src/backends/ollama.ts'],
    ['src/protocols/ollama/decoder.ts', '../../gateway/relay.ts', 'src/gateway/relay.ts'],
    ['adapters/bun.ts', '../src/gateway/gateway.ts', 'src/gateway/gateway.ts'],
    ['src/gateway/relay.ts', '../../test/support.ts', 'test/support.ts'],
  ])('%s may not import %s', (path, specifier, said) => {
    const [problem, ...rest] = problemsOf({ [path]: `import { a } from '${specifier}';` });
    expect(problem).toStartWith(`${path}:2: imports ${said}`);
    expect(rest).toEqual([]);
  });

  test.each([
    ["export { a } from '../gateway/relay.ts';"],
    ["export * from '../gateway/relay.ts';"],
    ["import '../gateway/relay.ts';"],
    ["import type {\n  A,\n} from '../gateway/relay.ts';"],
    ["const a = await import('../gateway/relay.ts');"],
  ])('every form of import is seen: %s', (body) => {
    expect(problemsOf({ 'src/telemetry/sink.ts': body }).length).toBe(1);
  });

  test('a computed import is refused, because a binary cannot hold what it names', () => {
    expect(problemsOf({ 'src/config/load.ts': `const a = import(\`./\${name}.ts\`);` })[0]).toContain(
      'computed',
    );
  });

  test('an import without its suffix is refused', () => {
    expect(problemsOf({ 'src/core/plan.ts': "import { a } from './rank';" })[0]).toContain('suffix');
  });

  test('an import that is only spoken of is none', () => {
    expect(
      problemsOf({
        'src/core/plan.ts':
          "// import { a } from '../wire/sse.ts';\nconst help = `import { a } from '../wire/sse.ts'`;",
      }),
    ).toEqual([]);
  });
});

describe('packages', () => {
  test.each([
    ['src/http/app.ts', 'hono'],
    ['src/simulator/host.ts', 'hono/cors'],
    ['src/wire/sse.ts', 'eventsource-parser'],
    ['adapters/node-serve.ts', '@hono/node-server'],
    ['adapters/bun.ts', 'node:fs'],
  ])('%s may import %s', (path, specifier) => {
    expect(problemsOf({ [path]: `import { a } from '${specifier}';` })).toEqual([]);
  });

  test.each([
    ['src/gateway/relay.ts', 'hono'],
    ['src/wire/ndjson.ts', 'eventsource-parser'],
    ['adapters/bun-runtime.ts', '@hono/node-server'],
    ['adapters/node-runtime.ts', '@hono/node-server'],
    ['adapters/node-runtime.ts', 'undici'],
    ['src/http/app.ts', 'zod'],
    ['src/http/app.ts', 'left-pad'],
    ['src/http/app.ts', 'node:fs'],
  ])('%s may not import %s', (path, specifier) => {
    expect(problemsOf({ [path]: `import { a } from '${specifier}';` }).length).toBe(1);
  });
});

describe('words', () => {
  test.each([
    ['src/core/plan.ts', 'const now = Date.now();'],
    ['src/core/plan.ts', 'const now = new Date();'],
    ['src/core/plan.ts', 'const now = performance.now();'],
    ['src/core/filters/in-time.ts', 'if (ask.deadlineAt <= Date.now()) return late;'],
    ['src/wire/sse.ts', 'const dice = Math.random();'],
    ['src/protocols/ollama/decoder.ts', 'setTimeout(run, 5);'],
    ['src/protocols/ollama/decoder.ts', 'const reply = fetch(url);'],
    ['src/wire/sse.ts', 'const stream = new ReadableStream();'],
    ['src/core/plan.ts', 'const run = async () => 1;'],
    ['src/gateway/relay.ts', 'process.exit(1);'],
    ['src/gateway/relay.ts', 'const start = Bun.nanoseconds();'],
    ['src/gateway/relay.ts', "Deno.env.get('A');"],
    ['src/gateway/relay.ts', 'console.log(1);'],
    ['src/gateway/relay.ts', 'const body = JSON.parse(text);'],
    ['src/gateway/relay.ts', 'export default relay;'],
    ['scripts/build.ts', 'enum Color { Red }'],
    ['src/gateway/relay.ts', 'class Relay {}'],
    ['src/gateway/relay.ts', 'class Failure extends Error { static code = 1; }'],
    ['test/core/plan.test.ts', 'const a: any = 1;'],
    ['src/core/plan.ts', 'const a = b as any;'],
    ['src/core/plan.ts', 'const a: Map<string, any> = b;'],
    ['src/core/plan.ts', 'const a: any[] = b;'],
    ['test/core/plan.test.ts', "test.skip('later', run);"],
    ['test/core/plan.test.ts', "describe.only('this', run);"],
    ['test/core/plan.test.ts', "test.skipIf(slow)('this', run);"],
    ['src/core/plan.ts', '// @ts-ignore'],
    ['test/core/plan.test.ts', '/* biome-ignore lint: reason */'],
  ])('%s may not say: %s', (path, body) => {
    const problems = problemsOf({ [path]: body });
    expect(problems.length).toBe(1);
    expect(problems[0]).toStartWith(`${path}:2: `);
  });

  test.each([
    ['src/gateway/relay.ts', 'const later = async () => performance.now() + setTimeout(run, 5);'],
    ['src/spec/ports.ts', 'export interface Reply { readonly body: ReadableStream }'],
    ['src/wire/json.ts', 'export const parse = (text: string) => JSON.parse(text);'],
    ['src/telemetry/log.ts', 'console.log(1);'],
    ['src/core/plan.ts', 'class PlanError extends Error {}'],
    ['src/core/plan.ts', "const help = 'fetch( any[] Date.now()';"],
    ['src/core/plan.ts', 'const pattern = /["\'`]fetch\\(/; // Date.now()'],
    [
      'src/core/plan.ts',
      `const text = \`\${names.map((name) => \`async \${name}\`)} enum A {\`; const half = total / 2;`,
    ],
    ['src/core/plan.ts', 'const company = many; const germany = 1;'],
    ['adapters/bun.ts', 'const version = Bun.version + process.argv.length;'],
  ])('%s may say: %s', (path, body) => {
    expect(problemsOf({ [path]: body })).toEqual([]);
  });

  test('code inside a template is still code', () => {
    expect(problemsOf({ 'src/core/plan.ts': `const text = \`now: \${Date.now()} done\`;` }).length).toBe(1);
  });
});

describe('files', () => {
  const lines = (count: number): string => Array.from({ length: count }, () => 'const a = 1;').join('\n');

  test('one of 300 lines passes and a longer one does not', () => {
    expect(problemsOf({ 'src/core/plan.ts': lines(299) })).toEqual([]);
    expect(problemsOf({ 'src/core/plan.ts': lines(300) })).toEqual([
      'src/core/plan.ts:301: 301 lines; 300 are the limit',
    ]);
  });

  test('schemas and generated ones may be longer', () => {
    expect(problemsOf({ 'src/config/schema.ts': lines(400) })).toEqual([]);
    const generated = new Map([['src/core/weights.ts', `/** Generated by a script. */\n${lines(400)}\n`]]);
    expect(checkTree(generated)).toEqual([]);
  });

  test.each(['src/core/utils.ts', 'src/core/types.ts', 'scripts/helpers.ts', 'test/common.test.ts'])(
    '%s is named after nothing',
    (path) => {
      expect(problemsOf({ [path]: 'const a = 1;' })[0]).toContain('named after the one thing');
    },
  );

  test('a name is in kebab-case', () => {
    expect(problemsOf({ 'src/core/peakEwma.ts': 'const a = 1;' })[0]).toContain('kebab-case');
  });

  test('a file of the product says at its head what it is', () => {
    expect(checkTree(new Map([['src/core/plan.ts', 'const a = 1;\n']]))).toEqual([
      'src/core/plan.ts:1: no comment at the head says what this is',
    ]);
  });
});

test('a cycle is told with its whole path', () => {
  expect(
    problemsOf({
      'src/core/a.ts': "import { b } from './b.ts';",
      'src/core/b.ts': "import { c } from './c.ts';",
      'src/core/c.ts': "import type { A } from './a.ts';",
    }),
  ).toEqual([
    'src/core/a.ts:1: imports itself: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts',
  ]);
});
