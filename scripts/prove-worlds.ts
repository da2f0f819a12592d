/**
 * Hostile worlds in great numbers, in pieces: how far it came is kept in a file, so that it can be ended at any time
 * and goes on where it was. A failing seed is printed with the command that plays it again, and ends it.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { drawHostilePlan } from '../test/simulation/hostile-plan.ts';
import { runHostile } from '../test/simulation/hostile-run.ts';

const total = Number(process.env.HOSTILE_COUNT ?? 200_000);
const first = Number(process.env.HOSTILE_SEED ?? 1);

const path = join(import.meta.dirname, '..', 'node_modules', '.cache', 'pointsman', 'worlds.json');

/** Often enough that little is played twice, seldom enough that writing costs nothing. */
const saveEvery = 100;

interface Progress {
  readonly next: number;
  readonly requests: number;
  /** Of them, those in worlds where a host stays sound, where none may be lost before its first content. */
  readonly guarded: number;
  readonly attempts: number;
  readonly virtualMs: number;
}

const begin: Progress = { next: first, requests: 0, guarded: 0, attempts: 0, virtualMs: 0 };

const isProgress = (value: unknown): value is Progress =>
  typeof value === 'object' &&
  value !== null &&
  'next' in value &&
  'requests' in value &&
  'guarded' in value &&
  'attempts' in value &&
  'virtualMs' in value;

const load = (): Progress => {
  if (process.argv.includes('--afresh')) return begin;
  try {
    const saved: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isProgress(saved) ? saved : begin;
  } catch {
    return begin;
  }
};

const save = (progress: Progress): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(progress));
};

const say = ({ next, requests, guarded, attempts, virtualMs }: Progress): void => {
  const days = (virtualMs / 86_400_000).toFixed(1);
  process.stdout.write(
    `worlds: ${next - first} of ${total}, ${requests} requests (${guarded} while a host was sound: none lost), ${attempts} attempts, ${days} days of their time\n`,
  );
};

const main = async (): Promise<void> => {
  let progress = load();
  say(progress);
  while (progress.next < first + total) {
    const plan = drawHostilePlan(progress.next);
    const { breaches, requests, attempts, virtualMs } = await runHostile(plan);
    if (breaches.length > 0) {
      save(progress);
      const replay = `HOSTILE_SEED=${progress.next} HOSTILE_COUNT=1 bun test test/simulation/hostile.test.ts`;
      process.stdout.write(`${breaches.join('\n')}\n\n  ${replay}\n`);
      process.exitCode = 1;
      return;
    }
    progress = {
      next: progress.next + 1,
      requests: progress.requests + requests,
      guarded: progress.guarded + (plan.guardian === undefined ? 0 : requests),
      attempts: progress.attempts + attempts,
      virtualMs: progress.virtualMs + virtualMs,
    };
    if (progress.next % saveEvery === 0) save(progress);
    if (progress.next % (50 * saveEvery) === 0) say(progress);
  }
  save(progress);
  say(progress);
};

if (import.meta.main) await main();
