/**
 * Hostile worlds in great numbers, of one instance or, with the word `cluster`, of several, in pieces: how far it came is
 * kept in a file, so that it can be ended at any time and goes on where it was. A failing seed is printed with the command
 * that plays it again, and ends it.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { clusterPlan } from '../test/simulation/cluster-plan.ts';
import { runHostileCluster } from '../test/simulation/hostile-cluster.ts';
import { drawHostilePlan, type HostilePlan } from '../test/simulation/hostile-plan.ts';
import { type HostileResult, runHostile } from '../test/simulation/hostile-run.ts';

interface Kind {
  readonly name: string;
  readonly variables: 'HOSTILE' | 'CLUSTER';
  readonly worlds: number;
  readonly test: string;
  readonly play: (plan: HostilePlan) => Promise<HostileResult>;
  /** Worlds after which it is written down: little is played twice, and writing costs nothing. */
  readonly saveEvery: number;
}

const alone: Kind = {
  name: 'worlds',
  variables: 'HOSTILE',
  worlds: 200_000,
  test: 'hostile.test.ts',
  play: (plan) => runHostile(plan),
  saveEvery: 100,
};

const several: Kind = {
  name: 'cluster',
  variables: 'CLUSTER',
  worlds: 20_000,
  test: 'hostile-cluster.test.ts',
  play: (plan) => runHostileCluster(clusterPlan(plan)),
  saveEvery: 10,
};

const kind = process.argv.includes('cluster') ? several : alone;
const total = Number(process.env[`${kind.variables}_COUNT`] ?? kind.worlds);
const first = Number(process.env[`${kind.variables}_SEED`] ?? 1);

const path = join(import.meta.dirname, '..', 'node_modules', '.cache', 'pointsman', `${kind.name}.json`);

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
    `${kind.name}: ${next - first} of ${total}, ${requests} requests (${guarded} while a host was sound: none lost), ${attempts} attempts, ${days} days of their time\n`,
  );
};

const main = async (): Promise<void> => {
  let progress = load();
  say(progress);
  while (progress.next < first + total) {
    const plan = drawHostilePlan(progress.next);
    const { breaches, requests, attempts, virtualMs } = await kind.play(plan);
    if (breaches.length > 0) {
      save(progress);
      const { variables, test } = kind;
      const which = `${variables}_SEED=${progress.next} ${variables}_COUNT=1`;
      process.stdout.write(`${breaches.join('\n')}\n\n  ${which} bun test test/simulation/${test}\n`);
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
    if (progress.next % kind.saveEvery === 0) save(progress);
    if (progress.next % (50 * kind.saveEvery) === 0) say(progress);
  }
  save(progress);
  say(progress);
};

if (import.meta.main) await main();
