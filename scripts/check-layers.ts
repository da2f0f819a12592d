/**
 * Holds the tree to its rules: who may import whom, what each folder may not say, sizes, names, cycles.
 * The rules are the tables below; `npm run check` runs them.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import process from 'node:process';
import { lineAt, readSource, type SourceText } from './source-text.ts';

/** Which folders of `src` each folder may import besides itself; `adapters` and the library's `index.ts` stand beside them. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  spec: [],
  wire: ['spec'],
  core: ['spec'],
  protocols: ['spec', 'wire'],
  backends: ['spec', 'wire'],
  telemetry: ['spec'],
  state: ['spec', 'wire', 'core'],
  config: ['spec', 'core', 'backends', 'state'],
  gateway: ['spec', 'core', 'wire', 'protocols', 'backends', 'state', 'telemetry'],
  simulator: ['spec', 'wire'],
  simulation: ['spec', 'wire', 'core', 'state', 'gateway', 'http', 'config', 'simulator'],
  http: ['spec', 'wire', 'protocols', 'state', 'gateway', 'config', 'telemetry'],
  cli: ['spec', 'config', 'http', 'gateway', 'state', 'telemetry', 'simulator', 'simulation'],
  index: ['spec', 'config', 'http'],
  adapters: ['spec', 'cli'],
};

/** Where a package may be imported: folders end in a slash. What is not listed may be imported nowhere in the product. */
const packages: Readonly<Record<string, readonly string[]>> = {
  '@hono/node-server': ['adapters/node-serve.ts'],
  commander: ['src/cli/'],
  'eventsource-parser': ['src/wire/sse.ts'],
  'fastest-levenshtein': ['src/core/near-names.ts', 'src/simulator/parse-host-options.ts'],
  hono: ['src/http/', 'src/simulator/'],
  unstorage: ['src/state/'],
  undici: ['adapters/node-fetch.ts'],
  yaml: ['src/config/'],
  zod: ['src/config/'],
};

interface Ban {
  readonly what: string;
  readonly pattern: RegExp;
  readonly in: readonly string[];
  readonly except?: readonly string[];
}

const everywhere = ['src/', 'adapters/', 'scripts/', 'test/'];
const product = ['src/', 'adapters/'];
const pure = ['src/spec/', 'src/core/', 'src/wire/', 'src/protocols/'];

/** What the code of a folder may not say; strings and comments are not looked at. */
const bans: readonly Ban[] = [
  { what: 'reads the clock', pattern: /\bDate\.now\b|\bnew Date\(|\bperformance\./, in: pure },
  { what: 'rolls dice', pattern: /\bMath\.random\b/, in: pure },
  { what: 'sets a timer', pattern: /\bset(?:Timeout|Interval|Immediate)\b/, in: pure },
  { what: 'fetches', pattern: /\bfetch\(/, in: pure },
  {
    what: 'knows of streams',
    pattern: /\bReadableStream\b/,
    in: pure,
    // The port to the network says what a body is.
    except: ['src/spec/ports.ts'],
  },
  { what: 'is asynchronous', pattern: /\basync\b/, in: pure },
  { what: 'reaches for the runtime', pattern: /\b(?:process|Bun|Deno)\./, in: ['src/'] },
  { what: 'writes to the console', pattern: /\bconsole\./, in: ['src/'], except: ['src/telemetry/log.ts'] },
  { what: 'parses JSON by itself', pattern: /\bJSON\.parse\b/, in: ['src/'], except: ['src/wire/json.ts'] },
  { what: 'export default', pattern: /\bexport\s+default\b/, in: everywhere },
  { what: 'enum', pattern: /\benum\s+\w+\s*\{/, in: everywhere },
  { what: 'namespace', pattern: /\bnamespace\s+[\w.]+\s*\{/, in: everywhere },
  { what: 'static', pattern: /\bstatic\s+[\w#{]/, in: everywhere },
  { what: 'class that is no error', pattern: /\bclass\s+\w+(?!\w|\s+extends\s+\w*Error\b)/, in: product },
  {
    what: 'any',
    pattern: /:\s*any\b|\bas\s+any\b|<\s*any\b|\bany\s*\[\]|,\s*any\s*>|\|\s*any\b/,
    in: everywhere,
  },
  {
    what: 'test that is left out',
    pattern: /\b(?:test|it|describe)\.(?:skip|todo|only|failing)\b|\b(?:skip|todo)If\b/,
    in: ['test/'],
  },
];

/** What a comment may not say. */
const ignores = /@ts-(?:ignore|expect-error|nocheck)|\bbiome-ignore|\beslint-disable|\bprettier-ignore/;

const fileName = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/;
const emptyNames = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types']);

const linesLimit = 300;
const limited = ['src/', 'adapters/', 'scripts/'];

const isIn = (path: string, places: readonly string[]): boolean =>
  places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));

const isGenerated = (source: string): boolean => /\bGenerated\b/.test(source.split('\n', 1)[0] ?? '');

/** The folder whose rules hold for a file: the one below `src`, or the topmost. */
const folderOf = (path: string): string => {
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second.replace(/\.ts$/, '') : top;
};

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const checkImport = (path: string, specifier: string): string | undefined => {
  if (specifier.startsWith('node:'))
    return path.startsWith('src/') ? `imports ${specifier}; only adapters may` : undefined;
  if (!specifier.startsWith('.')) {
    const allowed = packages[packageOf(specifier)];
    if (allowed === undefined) return `imports ${specifier}, which is not on the list of packages`;
    return isIn(path, allowed) ? undefined : `imports ${specifier}, which only ${allowed.join(', ')} may`;
  }
  if (!/\.(?:ts|json)$/.test(specifier)) return `imports ${specifier} without its suffix`;
  const target = posix.join(posix.dirname(path), specifier);
  const [from, to] = [folderOf(path), folderOf(target)];
  if (from === to || mayImport[from]?.includes(to)) return undefined;
  // The version stands in one place.
  if (target === 'package.json') return undefined;
  return `imports ${target}; ${from} may import ${mayImport[from]?.join(', ') || 'nothing'}`;
};

const checkImports = (path: string, { imports }: SourceText): readonly string[] =>
  imports.flatMap(({ specifier, line }) => {
    const problem =
      specifier === undefined
        ? 'imports a computed name, which no binary can hold'
        : checkImport(path, specifier);
    return problem === undefined ? [] : [`${path}:${line}: ${problem}`];
  });

const checkBans = (path: string, { code, comments }: SourceText): readonly string[] => {
  const said = bans
    .filter((ban) => isIn(path, ban.in) && !isIn(path, ban.except ?? []))
    .flatMap(({ what, pattern }) =>
      [...code.matchAll(new RegExp(pattern, 'g'))].map(
        (match) => `${path}:${lineAt(code, match.index)}: ${what}: ${match[0].trim()}`,
      ),
    );
  const ignored = [...comments.matchAll(new RegExp(ignores, 'g'))].map(
    (match) => `${path}:${lineAt(comments, match.index)}: turns a check off: ${match[0]}`,
  );
  return [...said, ...ignored];
};

const checkFile = (path: string, source: string): readonly string[] => {
  const name = posix.basename(path, '.ts');
  const problems: string[] = [];
  if (!fileName.test(name)) problems.push(`${path}:1: file name is not in kebab-case`);
  if (emptyNames.has(name.split('.')[0] ?? ''))
    problems.push(`${path}:1: a file is named after the one thing it exports`);
  const lines = source.split('\n').length - 1;
  if (lines > linesLimit && isIn(path, limited) && name !== 'schema' && !isGenerated(source))
    problems.push(`${path}:${linesLimit + 1}: ${lines} lines; ${linesLimit} are the limit`);
  if (isIn(path, product) && !/^(?:#!.*\n)?\/\*\*/.test(source))
    problems.push(`${path}:1: no comment at the head says what this is`);
  return problems;
};

/** The first cycle found among relative imports, as the paths on it. */
const findCycle = (imports: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined => {
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): readonly string[] | undefined => {
    if (done.has(path)) return undefined;
    const at = trail.indexOf(path);
    if (at !== -1) return [...trail.slice(at), path];
    trail.push(path);
    for (const next of imports.get(path) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    trail.pop();
    done.add(path);
    return undefined;
  };
  for (const path of imports.keys()) {
    const cycle = visit(path);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
};

/** Checks a tree given as path to source; each problem is `path:line: what`. */
export const checkTree = (files: ReadonlyMap<string, string>): readonly string[] => {
  const problems: string[] = [];
  const imports = new Map<string, readonly string[]>();
  for (const [path, source] of files) {
    const text = readSource(source);
    problems.push(...checkFile(path, source), ...checkBans(path, text));
    if (isIn(path, product)) problems.push(...checkImports(path, text));
    imports.set(
      path,
      text.imports
        .filter(({ specifier }) => specifier?.startsWith('.'))
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier ?? '')),
    );
  }
  const cycle = findCycle(imports);
  if (cycle !== undefined) problems.push(`${cycle[0]}:1: imports itself: ${cycle.join(' -> ')}`);
  return problems;
};

/** Reads every TypeScript file of the project below its root. */
export const readTree = (root: string): ReadonlyMap<string, string> =>
  new Map(
    everywhere
      .flatMap((folder) =>
        readdirSync(posix.join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
          posix.join(folder, path),
        ),
      )
      .filter((path) => path.endsWith('.ts'))
      .sort()
      .map((path) => [path, readFileSync(posix.join(root, path), 'utf8')]),
  );

if (import.meta.main) {
  const tree = readTree(posix.join(import.meta.dirname, '..'));
  const problems = checkTree(tree);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(`layers: ${tree.size} files, ${problems.length} problems\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
