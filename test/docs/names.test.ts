/** What the pages name exists in the code, and what the code offers is named in the pages. */

import { describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { methodsOf } from '../../src/http/route-methods.ts';
import { faultNames } from '../../src/simulator/faults.ts';
import { configKeys } from '../config/config-keys.ts';
import { targets } from '../runtimes/target.ts';
import { runToEnd } from './commands.ts';
import { blocksOf, codeOf, fileText, type Page, pageAt, pages, root, sourceText, tableOf } from './pages.ts';

const patienceMs = 60_000;

const source = sourceText('src');
const lowerSource = source.toLowerCase();
const commandLine = sourceText('src/cli');
const allText = pages.map(({ text }) => text).join('\n');

/** Everything a page writes as code. */
const literal = (page: Page): string =>
  [...codeOf(page), ...blocksOf(page).map(({ text }) => text)].join('\n');

/** Each match in the code of the pages, with the page it stands on, once. */
const named = (pattern: RegExp, among: readonly Page[] = pages): readonly (readonly [string, string])[] =>
  among.flatMap((page) =>
    [...new Set([...literal(page).matchAll(pattern)].map(([found]) => found))].map(
      (found) => [found, page.path] as const,
    ),
  );

const all = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, found = '']) => found))].sort();

const codeIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

describe('what the pages name', () => {
  test('metrics are those that are kept, and all of them', () => {
    const shown = tableOf(pageAt('docs/operations.md'), 'name').map(([cell = '']) => codeIn(cell)[0]);
    const kept = fileText('src/telemetry/metrics.ts') + fileText('src/telemetry/gauges.ts');
    expect(shown.toSorted()).toEqual([...all(kept, /'(pointsman_\w+)'/g)]);
    for (const [metric] of named(/pointsman_[a-z_]+/g)) expect(source).toContain(`'${metric}'`);
  });

  test('headers are sent or read somewhere', () => {
    const headers = named(/\bx-[a-z-]+\b/gi);
    expect(headers.length).toBeGreaterThan(10);
    expect(headers.filter(([header]) => !lowerSource.includes(header.toLowerCase()))).toEqual([]);
  });

  test('flags exist', () => {
    /** Of other programs: docker. */
    const foreign = ['--add-host'];
    const flags = named(/(?<![\w-])--[a-z][a-z-]+/g).filter(([flag]) => !foreign.includes(flag));
    expect(flags.length).toBeGreaterThan(10);
    expect(flags.filter(([flag]) => flag !== '--help' && !commandLine.includes(flag))).toEqual([]);
  });

  test('commands exist', () => {
    const commands = named(/(?<=\bpointsman )[a-z][a-z-]*(?= |$|`)/gm);
    expect(commands.filter(([command]) => !commandLine.includes(`.command('${command}')`))).toEqual([]);
  });

  test('variables are read', () => {
    /** Of clients, and names that stand for any. */
    const foreign = ['OLLAMA_API_KEY', 'OPENAI_API_BASE_URL', 'OPENAI_API_KEY', 'BOX_KEY'];
    const variables = named(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g).filter(
      ([name]) => !foreign.includes(name) && !name.startsWith('ANTHROPIC_'),
    );
    expect(variables.length).toBeGreaterThan(10);
    expect(variables.filter(([name]) => !source.includes(`'${name}'`))).toEqual([]);
  });

  test('keys of the configuration exist', () => {
    const known = configKeys.map(({ path }) => path);
    const tops = new Set(known.map((path) => path.split('.')[0]?.replace('[]', '')));
    // The page on configuration shows wrong keys too, and is held to the schema by a test of its own.
    const others = pages.filter(({ path }) => path !== 'docs/configuration.md');
    const keys = named(/^[a-z]+(?:\.[\w*[\]]+)+(?=$|:)/gim, others).filter(([key]) =>
      tops.has(key.split('.')[0] ?? ''),
    );
    expect(keys.length).toBeGreaterThan(20);
    const fits = (key: string): boolean => {
      const stem = key.replace(/\.\*$/, '');
      return known.some(
        (path) => path === stem || path.startsWith(`${stem}.`) || path.startsWith(`${stem}[`),
      );
    };
    expect(keys.filter(([key]) => !fits(key))).toEqual([]);
  });

  test('paths are answered', () => {
    const paths = named(
      /(?<=^| |`|GET |POST |DELETE |:5010)\/(?:api|v1|sim|livez|readyz|health|stats|metrics)\b[\w/{}]*/gm,
    );
    const control = fileText('src/simulator/control.ts');
    const ofModels = fileText('src/http/own-pages.ts');
    const answered = (path: string): boolean =>
      path === '/api' ||
      path === '/v1' ||
      methodsOf(path).length > 0 ||
      control.includes(`'${path}'`) ||
      ofModels.includes(path.replace('/api/v1/models/{name}', ':model{.+}'));
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter(([path]) => !answered(path))).toEqual([]);
  });

  test('files of the project are there', () => {
    const files = named(/\b(?:src|test|adapters|scripts|docs)\/[\w./-]*/g).filter(
      ([path]) => !path.endsWith('/'),
    );
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter(([path]) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('what the code offers is named', () => {
  test(
    'every command with its flags, and no others',
    async () => {
      const commands = tableOf(pageAt('docs/command-line.md'), 'command').map(([cell = '']) =>
        (codeIn(cell)[0] ?? '').replace('pointsman ', ''),
      );
      const flagsOf = new Map(
        tableOf(pageAt('docs/command-line.md'), 'flag').map(([flag = '', of = '']) => [
          all(flag, /(--[a-z-]+)/g)[0] ?? '',
          of === 'all' ? commands : codeIn(of),
        ]),
      );
      const simulated = tableOf(pageAt('docs/simulator.md'), 'flag').map(
        ([cell = '']) => codeIn(cell)[0] ?? '',
      );
      for (const command of commands) {
        const { out } = await runToEnd([...targets.bun.command, ...command.split(' '), '--help']);
        const own = [...flagsOf].filter(([, of]) => of.includes(command)).map(([flag]) => flag);
        const shown = command === 'sim-host' ? [...own, ...simulated] : own;
        expect({ command, flags: [...new Set(shown)].sort() }).toEqual({
          command,
          flags: [...all(out, /(--[a-z-]+)/g)],
        });
      }
      const known = all(commandLine, /\.command\('([a-z-]+)'\)/g).filter(
        (name) => name !== 'config' && name !== 'auto',
      );
      expect(commands.map((command) => command.replace(/^(?:config|auto) /, '')).toSorted()).toEqual([
        ...known,
      ]);
    },
    patienceMs,
  );

  test('every header of the answers', () => {
    const own = all(fileText('src/http/app.ts'), /(x-pointsman-[a-z-]+)/g);
    const page = pageAt('docs/how-a-request-travels.md');
    const shown = tableOf(page, 'header').flatMap(([cell = '']) => codeIn(cell));
    expect(own.filter((header) => !shown.includes(header))).toEqual([]);
  });

  test('every fault of the simulator, and no other', () => {
    const shown = tableOf(pageAt('docs/simulator.md'), 'fault').flatMap(([cell = '']) => codeIn(cell));
    expect(shown.toSorted()).toEqual([...faultNames].sort());
  });

  test('every strategy', () => {
    const shown = [...pageAt('docs/routing.md').text.matchAll(/^\*\*`(\w+)`\*\*/gm)].map(
      ([, name = '']) => name,
    );
    expect(shown.toSorted()).toEqual([...all(fileText('src/core/policies.ts'), /^ {4}name: '(\w+)'/gm)]);
  });

  test('every page of its own', () => {
    const own = all(fileText('src/http/route-methods.ts'), /^ {2}'(\/[^']+)'/gm);
    expect(own.length).toBeGreaterThan(7);
    expect(own.filter((path) => !allText.includes(`\`${path}\``))).toEqual([]);
  });
});

describe('the table of imports', () => {
  const rows = tableOf(pageAt('ARCHITECTURE.md'), 'module');

  /** One of the tables in the script, whose rows are plain text. */
  const tableIn = (name: string): ReadonlyMap<string, readonly string[]> => {
    const [, body = ''] =
      new RegExp(`const ${name}[^=]*= \\{([\\s\\S]*?)\\n\\};`).exec(fileText('scripts/check-layers.ts')) ??
      [];
    return new Map(
      [...body.matchAll(/^ {2}'?([\w@/-]+)'?: \[([^\]]*)\]/gm)].map(([, key = '', list = '']) => [
        key,
        all(list, /'([^']+)'/g),
      ]),
    );
  };

  test('is the one the check enforces', () => {
    const line = (module: string, imports: readonly string[]): string =>
      `${module}: ${imports.toSorted().join(', ')}`;
    const shown = rows.map(([module = '', imports = '']) => line(codeIn(module)[0] ?? '', codeIn(imports)));
    const enforced = [...tableIn('mayImport')].map(([module, imports]) => line(module, imports));
    expect(enforced.length).toBeGreaterThan(10);
    expect(shown.toSorted()).toEqual(enforced.toSorted());
  });

  test('gives each package to the module that may import it', () => {
    const shown = new Map<string, string>();
    for (const [module = '', , packages = ''] of rows) shown.set(codeIn(module)[0] ?? '', packages);
    const allowed = [...tableIn('packages')].flatMap(([name, places]) =>
      places.map((place) => [name, place] as const),
    );
    expect(allowed.length).toBeGreaterThan(8);
    const missing = allowed.filter(([name, place]) => {
      const [top = '', below = ''] = place.split('/');
      return !shown.get(top === 'src' ? below : top)?.includes(`\`${name}\``);
    });
    expect(missing).toEqual([]);
  });
});
