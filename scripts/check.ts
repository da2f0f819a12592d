/** `npm run check`: format and lint, types, layers, and that what is generated is fresh; all at once. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { checkTree, readTree } from './check-layers.ts';
import { backendFiles, backendRegistry, protocolFolders, protocolRegistry } from './generate.ts';
import { runCommand } from './run-command.ts';

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  /** What a person needs to see of a failure. */
  readonly output: string;
  readonly tookMs: number;
}

interface Check {
  readonly name: string;
  run(): Promise<Omit<CheckResult, 'name' | 'tookMs'>>;
}

const root = join(import.meta.dirname, '..');

const command = (name: string, ...args: [string, ...string[]]): Check => ({
  name,
  async run() {
    const [tool, ...rest] = args;
    const { exitCode, output } = await runCommand([join(root, 'node_modules/.bin', tool), ...rest], {
      directory: root,
    });
    return { passed: exitCode === 0, output };
  },
});

const fresh = (name: string, path: string, expected: () => string, remedy: string): Check => ({
  name,
  async run() {
    const passed = readFileSync(join(root, path), 'utf8') === expected();
    return { passed, output: passed ? '' : `${path} is out of date: run \`${remedy}\`\n` };
  },
});

const schemaText = (): string => `${JSON.stringify(configJsonSchema(), null, 2)}\n`;

const checks: readonly Check[] = [
  command('format and lint', 'biome', 'check', '--error-on-warnings', '--diagnostic-level=warn', '.'),
  command('types', 'tsc'),
  {
    name: 'layers',
    async run() {
      const problems = checkTree(readTree(root));
      return { passed: problems.length === 0, output: problems.map((problem) => `${problem}\n`).join('') };
    },
  },
  fresh(
    'protocol registry',
    'src/protocols/registry.ts',
    () => protocolRegistry(protocolFolders()),
    'npm run generate',
  ),
  fresh(
    'backend registry',
    'src/backends/registry.ts',
    () => backendRegistry(backendFiles()),
    'npm run generate',
  ),
  fresh(
    'configuration schema',
    'pointsman.schema.json',
    schemaText,
    'npm start -s -- config schema > pointsman.schema.json',
  ),
];

const runCheck = async ({ name, run }: Check): Promise<CheckResult> => {
  const begunAt = performance.now();
  try {
    return { name, ...(await run()), tookMs: performance.now() - begunAt };
  } catch (error) {
    return { name, passed: false, output: `${String(error)}\n`, tookMs: performance.now() - begunAt };
  }
};

/** Runs every check side by side and prints each as it ends, failures with what they found. */
export const runChecks = (): Promise<readonly CheckResult[]> =>
  Promise.all(
    checks.map(async (check) => {
      const result = await runCheck(check);
      const mark = result.passed ? 'ok  ' : 'FAIL';
      process.stdout.write(`${mark} ${result.name} (${Math.round(result.tookMs)} ms)\n`);
      if (!result.passed) process.stdout.write(`${result.output.trimEnd()}\n`);
      return result;
    }),
  );

if (import.meta.main) {
  const results = await runChecks();
  process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
}
