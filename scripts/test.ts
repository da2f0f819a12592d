/**
 * `npm test`: checks, build and every test, each counted; failures are printed as they come
 * and the last line tells the sum as `N passed, N failed, N skipped`.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { build } from './build.ts';
import { runChecks } from './check.ts';
import { readJunitCounts, type TestCounts } from './junit-report.ts';

const root = join(import.meta.dirname, '..');

/** These start processes and measure time, so they have the machine to themselves. */
const alone = ['runtimes', 'chaos', 'clients', 'cli', 'docs'] as const;

/** Room for a machine that is busy with something else. */
const timeoutMs = 20_000;

const aloneArguments = alone.map((folder) => `test/${folder}/`);
const besideArguments = [
  '--parallel=2',
  ...alone.map((folder) => `--path-ignore-patterns=test/${folder}/**`),
];

/** The counts of a run, one more failure where the runner failed in a way its report does not show. */
export const countRun = (report: string | undefined, exitCode: number | null): TestCounts => {
  const counts = report === undefined ? undefined : readJunitCounts(report);
  if (counts === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const unseen = exitCode !== 0 && counts.failed === 0;
  return unseen ? { ...counts, failed: 1 } : counts;
};

/** The sum of several runs. */
export const sumCounts = (all: readonly TestCounts[]): TestCounts =>
  all.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );

/** The line by which the whole run is judged. */
export const closingLine = ({ passed, failed, skipped }: TestCounts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

const counted = (results: readonly boolean[]): TestCounts => ({
  passed: results.filter(Boolean).length,
  failed: results.filter((passed) => !passed).length,
  skipped: 0,
});

const readReport = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const runTests = async (name: string, args: readonly string[], reportFolder: string): Promise<TestCounts> => {
  const report = join(reportFolder, `${name}.xml`);
  const begunAt = performance.now();
  const exitCode = await new Promise<number | null>((resolve) => {
    const reporting = ['--only-failures', '--reporter=junit', `--reporter-outfile=${report}`];
    spawn(process.execPath, ['test', `--timeout=${timeoutMs}`, ...reporting, ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
      .on('error', () => resolve(null))
      .on('close', resolve);
  });
  const counts = countRun(readReport(report), exitCode);
  const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
  process.stdout.write(`${name}: ${closingLine(counts)} in ${seconds} s (exit code ${exitCode})\n\n`);
  return counts;
};

const main = async (): Promise<void> => {
  const checks = await runChecks();
  const buildProblems = await build();
  for (const problem of buildProblems) process.stdout.write(`FAIL build: ${problem}\n`);
  const before = counted([...checks.map(({ passed }) => passed), buildProblems.length === 0]);

  const reportFolder = mkdtempSync(join(tmpdir(), 'pointsman-report-'));
  try {
    const beside = await runTests('unit', besideArguments, reportFolder);
    const byThemselves = await runTests('runtimes', aloneArguments, reportFolder);
    const tests = sumCounts([beside, byThemselves]);
    const all = sumCounts([before, tests]);
    const noneRan = tests.passed + tests.failed === 0;
    process.exitCode = all.failed > 0 || noneRan ? 1 : 0;
    process.stdout.write(`${closingLine(all)}\n`);
  } finally {
    rmSync(reportFolder, { recursive: true, force: true });
  }
};

if (import.meta.main) await main();
