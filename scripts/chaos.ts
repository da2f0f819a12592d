/**
 * `npm run chaos`: every cell of the chaos matrix many times on each runtime; a run that was ended goes on where it was.
 * Options: `--times <n>`, `--runtime <name>` and `--only <part of a cell's name>` (both repeatable), `--fresh`.
 */

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { cells } from '../test/chaos/cells.ts';
import { runCells } from '../test/chaos/run-cells.ts';
import { type Target, targets } from '../test/runtimes/target.ts';

const root = join(import.meta.dirname, '..');
const notesPath = join(root, 'node_modules/.cache/pointsman/chaos.json');

/** How often a cell held and did not, by runtime and cell. */
interface Notes {
  /** When what is proved last changed: counts of other source are of no use. */
  readonly changedAt: number;
  readonly counts: Record<string, { passed: number; failed: number }>;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const changedAt = (): number =>
  Math.max(
    ...['src', 'adapters', 'test/chaos', 'test/runtimes'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => statSync(join(root, folder, name)).mtimeMs,
      ),
    ),
  );

const readNotes = (): Notes => {
  const none: Notes = { changedAt: changedAt(), counts: {} };
  try {
    const notes = JSON.parse(readFileSync(notesPath, 'utf8')) as Notes;
    return notes.changedAt === none.changedAt ? notes : none;
  } catch {
    return none;
  }
};

const writeNotes = (notes: Notes): void => {
  mkdirSync(dirname(notesPath), { recursive: true });
  writeFileSync(notesPath, JSON.stringify(notes));
};

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '50' },
    runtime: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
    fresh: { type: 'boolean', default: false },
  },
});

const times = Number(values.times);
const chosenTargets = Object.values(targets).filter(
  ({ name }) => values.runtime.length === 0 || values.runtime.includes(name),
);
const chosenCells = cells.filter(
  ({ id }) => values.only.length === 0 || values.only.some((part) => id.includes(part)),
);

const tellFailure = (target: Target, id: string, error: unknown): void => {
  say(`FAIL ${target.name}: ${id}`);
  say(`  ${(error instanceof Error ? error.message : String(error)).replaceAll('\n', '\n  ')}`);
  say(`  again: npm run chaos -- --fresh --times 20 --runtime ${target.name} --only '${id}'`);
};

/** Each cell that still lacks runs once. */
const runRound = async (target: Target, notes: Notes): Promise<void> => {
  const countOf = (id: string) => (notes.counts[`${target.name}: ${id}`] ??= { passed: 0, failed: 0 });
  const lacking = chosenCells.filter(({ id }) => {
    const { passed, failed } = countOf(id);
    return passed + failed < times;
  });
  if (lacking.length === 0) return;
  const startedAt = performance.now();
  const { verdicts, over } = runCells(target, lacking);
  let failures = 0;
  for (const [id, verdict] of verdicts) {
    try {
      await verdict;
      countOf(id).passed += 1;
    } catch (error) {
      countOf(id).failed += 1;
      failures += 1;
      tellFailure(target, id, error);
    }
  }
  await over;
  writeNotes(notes);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`${target.name}: ${lacking.length - failures} of ${lacking.length} cells in ${seconds} s`);
};

const main = async (): Promise<number> => {
  if (!Number.isInteger(times) || times < 1 || chosenTargets.length === 0 || chosenCells.length === 0) {
    say(
      'nothing to do: --times takes a count, --runtime bun, deno or node, --only a part of the name of a cell',
    );
    return 2;
  }
  const notes = values.fresh ? { changedAt: changedAt(), counts: {} } : readNotes();
  for (let round = 1; round <= times; round += 1) {
    for (const target of chosenTargets) await runRound(target, notes);
  }
  const counts = chosenTargets.flatMap(({ name }) =>
    chosenCells.map(({ id }) => notes.counts[`${name}: ${id}`] ?? { passed: 0, failed: 0 }),
  );
  const sum = (of: 'passed' | 'failed'): number => counts.reduce((total, each) => total + each[of], 0);
  say(`${counts.length} cells: ${sum('passed')} runs passed, ${sum('failed')} failed`);
  return sum('failed') > 0 ? 1 : 0;
};

if (import.meta.main) process.exitCode = await main();
