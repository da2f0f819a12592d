/**
 * `npm run mutants`: tests the tests of the core, of the gateway around it and of what instances share. Each patch in
 * `test/mutants` plants one defect in a copy of the source; the copy's tests must find it: those the patch names, else
 * those near the file. Names given as arguments run only these. Exit code 1 unless every mutant is killed.
 */

import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import process from 'node:process';
import { applyPatch, type Patch, readPatch } from './apply-patch.ts';
import { readSource } from './source-text.ts';

const root = join(import.meta.dirname, '..');
const patchFolder = 'test/mutants';

/** The tests that are tested; of other folders those that a patch names, for some there start programs. */
const testFolders = ['test/core', 'test/gateway'] as const;

/** What they need to run elsewhere. */
const copied = [
  'package.json',
  'bunfig.toml',
  'tsconfig.json',
  'src',
  ...testFolders,
  'test/http',
  'test/state',
  'test/property-runs.ts',
  // Texts that tests of the analysis read.
  'data',
  'docs',
  'README.md',
  'package-lock.json',
] as const;

/** As many draws as a test run makes, whatever the environment asks for. */
const propertyRuns = 1000;

/** No mutant needs this long but one that never ends. */
const limitMs = 60_000;

/** All tests together, on a machine that is busy. */
const soundLimitMs = 170_000;

/** For one test among those a patch names: they run under a clock of their own, and one that waits longer hangs. */
const namedTimeoutMs = 2_000;

export interface Mutant {
  /** The file name of its patch. */
  readonly name: string;
  readonly patch: Patch;
  /** The tests that the patch says find it; none where those near the file do. */
  readonly foundBy: readonly string[];
}

/** `broken` is a copy that fails without a test failing: a mutant that does not even load proves nothing. */
export type Verdict =
  | { readonly verdict: 'killed'; readonly by: string }
  | { readonly verdict: 'survived' }
  | { readonly verdict: 'does not apply' }
  | { readonly verdict: 'broken'; readonly output: string };

const foundBy = /\nFound by (\S+)\.$/;

const readMutant = (file: string): Mutant => {
  const patch = readPatch(readFileSync(join(root, patchFolder, file), 'utf8'));
  const named = foundBy.exec(patch.description)?.[1];
  return {
    name: file.replace(/\.patch$/, ''),
    patch: { ...patch, description: patch.description.replace(foundBy, '') },
    foundBy: named === undefined ? [] : [named],
  };
};

/** Every mutant, by name. */
export const readMutants = (): readonly Mutant[] =>
  readdirSync(join(root, patchFolder))
    .filter((file) => file.endsWith('.patch'))
    .sort()
    .map(readMutant);

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join(folder, path.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts'));

const importsOf = (path: string): readonly string[] =>
  readSource(readFileSync(join(root, path), 'utf8')).imports.flatMap(({ specifier }) =>
    specifier?.startsWith('.') ? [posix.join(posix.dirname(path), specifier)] : [],
  );

/** How many imports lie between a file and those that reach it. */
const distancesTo = (path: string, importers: ReadonlyMap<string, readonly string[]>) => {
  const distances = new Map([[path, 0]]);
  for (const [reached, distance] of distances)
    for (const importer of importers.get(reached) ?? [])
      if (!distances.has(importer)) distances.set(importer, distance + 1);
  return distances;
};

/** The tests that a change of a file can reach, in stages: its own, those that import it, those that import these. */
export const createStages = (): ((path: string) => readonly (readonly string[])[]) => {
  const importers = new Map<string, string[]>();
  for (const path of [...filesIn('src'), ...filesIn('test/core')])
    for (const imported of importsOf(path))
      importers.set(imported, [...(importers.get(imported) ?? []), path]);
  return (path) => {
    const own = path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
    const stages: string[][] = [[], [], []];
    for (const [file, distance] of distancesTo(path, importers))
      if (file.endsWith('.test.ts')) stages[file === own ? 0 : Math.min(distance, 2)]?.push(file);
    return stages.filter((stage) => stage.length > 0);
  };
};

interface Ran {
  readonly exitCode: number | null;
  readonly output: string;
}

interface Run {
  readonly files: readonly string[];
  readonly timeoutMs: number;
  readonly propertyRuns: number;
  /** For all of it; absent: as for a mutant. */
  readonly wholeMs?: number;
}

const runTests = (
  directory: string,
  { files, timeoutMs, propertyRuns: runs, wholeMs = limitMs }: Run,
): Promise<Ran> =>
  new Promise((resolve) => {
    let output = '';
    // A test runner that runs in another one would take itself for a part of it.
    const { PATH, HOME, TMPDIR } = process.env;
    const child = spawn(
      process.execPath,
      ['test', '--bail', `--timeout=${timeoutMs}`, ...files.map((file) => `./${file}`)],
      {
        cwd: directory,
        env: { PATH, HOME, TMPDIR, PROPERTY_RUNS: String(runs) },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: wholeMs,
      },
    );
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        output += data.toString();
      });
    child.on('error', (error) => resolve({ exitCode: null, output: `${output}${error.message}\n` }));
    child.on('close', (exitCode) => resolve({ exitCode, output }));
  });

const failedTest = /^\(fail\) (?!\(unnamed\))(.+?)(?: \[[\d.]+m?s\])?$/m;

const verdictOf = ({ exitCode, output }: Ran): Verdict => {
  if (exitCode === 0) return { verdict: 'survived' };
  const by = failedTest.exec(output)?.[1];
  const isBroken = by === undefined || output.includes('Unhandled error between tests');
  return isBroken ? { verdict: 'broken', output } : { verdict: 'killed', by };
};

/** A copy of the source and these tests to plant defects in, one after the other. */
export interface Plot {
  /** Whether the tests find this mutant. */
  kill(mutant: Mutant): Promise<Verdict>;
  /** Whether the copy passes as it is; else no verdict means anything. */
  proveSound(): Promise<Verdict>;
  clear(): void;
}

/** Makes a copy in a folder of its own. */
export const createPlot = (stagesOf: ReturnType<typeof createStages>): Plot => {
  const directory = mkdtempSync(join(tmpdir(), 'pointsman-mutant-'));
  for (const path of copied) cpSync(join(root, path), join(directory, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction');
  return {
    kill: async ({ patch, foundBy: named }) => {
      const path = join(directory, patch.path);
      const source = readFileSync(path, 'utf8');
      const mutated = applyPatch(source, patch);
      if (mutated === undefined) return { verdict: 'does not apply' };
      writeFileSync(path, mutated);
      try {
        const stages = named.length > 0 ? [named] : stagesOf(patch.path);
        const timeoutMs = named.length > 0 ? namedTimeoutMs : limitMs;
        for (const files of stages) {
          const verdict = verdictOf(await runTests(directory, { files, timeoutMs, propertyRuns }));
          if (verdict.verdict !== 'survived') return verdict;
        }
        return { verdict: 'survived' };
      } finally {
        writeFileSync(path, source);
      }
    },
    // That it passes is the business of the tests themselves; that it can is what is asked here.
    proveSound: async () => {
      const named = new Set(readMutants().flatMap(({ foundBy: files }) => files));
      const isBeside = (file: string): boolean =>
        !testFolders.some((folder) => file.startsWith(`${folder}/`));
      const files = [...testFolders.map((folder) => `${folder}/`), ...[...named].filter(isBeside)];
      return verdictOf(
        await runTests(directory, {
          ...{ files, timeoutMs: limitMs, propertyRuns: propertyRuns / 10, wholeMs: soundLimitMs },
        }),
      );
    },
    clear: () => rmSync(directory, { recursive: true, force: true }),
  };
};

const main = async (names: readonly string[]): Promise<number> => {
  const mutants = readMutants().filter(({ name }) => names.length === 0 || names.includes(name));
  const counts = { killed: 0, survived: 0, 'does not apply': 0, broken: 0 };
  const stagesOf = createStages();
  const plots = Array.from({ length: availableParallelism() }, () => createPlot(stagesOf));
  let next = 0;
  const work = async (plot: Plot): Promise<void> => {
    for (let mutant = mutants[next]; mutant !== undefined; mutant = mutants[next]) {
      next += 1;
      const judged = await plot.kill(mutant);
      const { name, patch } = mutant;
      counts[judged.verdict] += 1;
      const rest = judged.verdict === 'killed' ? `by “${judged.by}”` : patch.description;
      process.stdout.write(`${judged.verdict.padEnd(8)}  ${name}: ${rest}\n`);
      if (judged.verdict === 'broken') process.stdout.write(`${judged.output.trimEnd()}\n`);
    }
  };
  try {
    const sound = await plots[0]?.proveSound();
    if (sound?.verdict !== 'survived') {
      process.stdout.write('The copy fails its tests as it is, so that nothing can be said of mutants.\n');
      return 1;
    }
    await Promise.all(plots.map(work));
  } finally {
    for (const plot of plots) plot.clear();
  }
  const { killed, survived, broken, 'does not apply': stale } = counts;
  process.stdout.write(`${killed} killed, ${survived} survived, ${stale} do not apply, ${broken} broken\n`);
  return mutants.length > 0 && killed === mutants.length ? 0 : 1;
};

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
