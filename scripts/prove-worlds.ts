/**
 * Hostile worlds in great numbers, of one instance or, with the word `cluster`, of several, on all cores and in pieces:
 * how far it came is kept in a file, so that it can be ended at any time and goes on where it was. A failing seed is
 * printed with the command that plays it again, and ends it.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import {
  type Block,
  type Counts,
  noCounts,
  type PlayedBlock,
  sumOf,
  type WorldsKind,
} from './play-worlds.ts';

interface Kind {
  readonly name: WorldsKind;
  readonly variables: 'HOSTILE' | 'CLUSTER';
  readonly worlds: number;
  readonly test: string;
  /** Seconds of work: few worlds are played twice when this is ended. */
  readonly blockSize: number;
}

const alone: Kind = {
  name: 'worlds',
  variables: 'HOSTILE',
  worlds: 200_000,
  test: 'hostile.test.ts',
  blockSize: 100,
};

const several: Kind = {
  name: 'cluster',
  variables: 'CLUSTER',
  worlds: 20_000,
  test: 'hostile-cluster.test.ts',
  blockSize: 10,
};

const kind = process.argv.includes('cluster') ? several : alone;
const numberIn = (what: string): number | undefined => {
  const text = process.env[`${kind.variables}_${what}`];
  return text === undefined ? undefined : Number(text);
};
const total = numberIn('COUNT') ?? kind.worlds;
const first = numberIn('SEED') ?? 1;
const end = first + total;
/** A world is the work of one core from its first event to its last. */
const players = numberIn('PLAYERS') ?? availableParallelism();

const path = join(import.meta.dirname, '..', 'node_modules', '.cache', 'pointsman', `${kind.name}.json`);

const blocksPerLine = 50;

interface Progress extends Counts {
  /** All worlds before it are played. */
  readonly next: number;
}

const begin: Progress = { next: first, ...noCounts };

const isProgress = (value: unknown): value is Progress =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(begin).every((name) => typeof (value as Record<string, unknown>)[name] === 'number');

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

const tellFailure = ({ next, breaches }: PlayedBlock): void => {
  const { variables, test } = kind;
  const replay = `${variables}_SEED=${next} ${variables}_COUNT=1 bun test test/simulation/${test}`;
  process.stdout.write(`${breaches.join('\n')}\n\n  ${replay}\n`);
  process.exitCode = 1;
};

const main = async (): Promise<void> => {
  let progress = load();
  say(progress);
  let given = progress.next;
  let isFailed = false;
  let blocks = 0;
  /** What is played beyond a block that is not. */
  const ahead = new Map<number, PlayedBlock>();

  const give = (player: ChildProcess): void => {
    if (isFailed || given >= end) {
      player.disconnect();
      return;
    }
    const block: Block = { kind: kind.name, first: given, end: Math.min(end, given + kind.blockSize) };
    given = block.end;
    player.send(block);
  };

  const take = (played: PlayedBlock): void => {
    ahead.set(played.first, played);
    if (played.breaches.length > 0) {
      isFailed = true;
      tellFailure(played);
    }
    for (let next = ahead.get(progress.next); next !== undefined; next = ahead.get(progress.next)) {
      ahead.delete(next.first);
      progress = { ...sumOf(progress, next.counts), next: next.next };
      if (next.breaches.length > 0) break;
      blocks += 1;
      if (blocks % blocksPerLine === 0) say(progress);
    }
    save(progress);
  };

  await Promise.all(
    Array.from({ length: players }, async () => {
      const player = fork(join(import.meta.dirname, 'play-worlds.ts'));
      player.on('message', (played: PlayedBlock) => {
        take(played);
        give(player);
      });
      give(player);
      const [code] = await once(player, 'exit');
      if (code === 0) return;
      isFailed = true;
      process.exitCode = 1;
    }),
  );
  say(progress);
};

if (import.meta.main) await main();
