/** `npm run build`: the binary, the library and the program for Node, each tried out before it counts as built. */

import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { runCommand } from './run-command.ts';

const root = join(import.meta.dirname, '..');

/** The names of what is built, below the project's folder. */
export const built = {
  binary: process.platform === 'win32' ? 'dist/pointsman.exe' : 'dist/pointsman',
  library: 'dist/index.js',
  program: 'dist/pointsman.js',
} as const;

interface Artefact {
  readonly path: string;
  readonly args: readonly string[];
  /** Run from an empty folder; it succeeds only if what was built works. */
  readonly trial: readonly [string, ...string[]];
}

const forNode = ['--target=node', '--format=esm', '--packages=external'] as const;

/** How the binary is compiled, wherever it is put. */
export const binaryArguments: readonly string[] = [
  'adapters/bun.ts',
  '--compile',
  '--minify',
  // Readable places in what is told of a failure, for one megabyte.
  '--sourcemap=linked',
  // Without it every start parses the whole program, twice where it starts itself anew: three times as long.
  '--bytecode',
  // A folder the binary happens to be run in must not configure it.
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
];

const artefacts: readonly Artefact[] = [
  {
    path: built.binary,
    args: binaryArguments,
    trial: [join(root, built.binary), 'version'],
  },
  {
    path: built.library,
    args: ['src/index.ts', ...forNode],
    trial: [
      'node',
      '--input-type=module',
      '-e',
      `await import(${JSON.stringify(join(root, built.library))})`,
    ],
  },
  {
    path: built.program,
    args: ['adapters/node.ts', ...forNode, '--banner=#!/usr/bin/env node'],
    trial: ['node', join(root, built.program), 'version'],
  },
];

const buildOne = async (
  { path, args, trial }: Artefact,
  emptyFolder: string,
): Promise<string | undefined> => {
  const target = join(root, path);
  const command = [process.execPath, 'build', ...args, `--outfile=${target}`] as const;
  const { exitCode, output } = await runCommand([...command], { directory: root });
  if (exitCode !== 0) return `${path} could not be built:\n${output}`;
  chmodSync(target, 0o755);
  // The binary holds its map; the copy beside it is of no use.
  rmSync(target.replace(/\.exe$/, '').concat('.map'), { force: true });
  const tried = await runCommand(trial, { directory: emptyFolder });
  if (tried.exitCode !== 0) return `${path} was built and does not run:\n${tried.output}`;
  const megabytes = (statSync(target).size / 1e6).toFixed(path === built.binary ? 0 : 2);
  process.stdout.write(`${path} ${megabytes} MB ${tried.output.trim()}\n`);
  return undefined;
};

/** Builds everything; gives what went wrong, nothing where nothing did. */
export const build = async (): Promise<readonly string[]> => {
  const emptyFolder = mkdtempSync(join(tmpdir(), 'pointsman-'));
  try {
    const problems = await Promise.all(artefacts.map((artefact) => buildOne(artefact, emptyFolder)));
    return problems.filter((problem) => problem !== undefined);
  } finally {
    rmSync(emptyFolder, { recursive: true, force: true });
  }
};

if (import.meta.main) {
  const problems = await build();
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
