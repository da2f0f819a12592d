/** That the benchmark measures: every row in its shortest form. What the figures say is not for a test. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from '../bench/figures.ts';
import { plannedFleets } from '../bench/planned-fleets.ts';
import { nginxPath, pointsmanNames, type TargetName } from '../bench/targets.ts';

const script = fileURLToPath(new URL('../bench/bench.ts', import.meta.url));

/** It starts some sixty processes, and builds the binary where that is not of this source. */
const timeoutMs = 300_000;

const withNginx: readonly TargetName[] = nginxPath === undefined ? [] : ['nginx'];
const proxies: readonly TargetName[] = [...withNginx, 'bare', ...pointsmanNames];
const besideNginx: readonly TargetName[] = nginxPath === undefined ? [] : ['bare', ...pointsmanNames];

/** The figures of each row, and the targets that have one. */
const expected: Readonly<Record<string, Readonly<Record<string, readonly TargetName[]>>>> = {
  'small-requests': {
    'CPU per request': proxies,
    'CPU against nginx': besideNginx,
    'requests per second': ['direct', ...proxies],
    'requests against nginx': besideNginx,
  },
  'one-connection': { 'latency p50': ['direct', ...proxies], 'added p50': proxies },
  passthrough: {
    'CPU per event': proxies,
    'added to first token p50': proxies,
    'added to first token p99': proxies,
    'the same, all asking at once p50': proxies,
    'the same, all asking at once p99': proxies,
  },
  translation: { 'CPU per event': pointsmanNames },
  'worst-pair': { 'CPU per event': pointsmanNames },
  'quiet-streams': { 'memory per stream': proxies },
  'abandoned-streams': {
    'memory after 20': pointsmanNames,
    'memory after 60': pointsmanNames,
    'growth in between': pointsmanNames,
    'left open upstream': pointsmanNames,
  },
  'at-rest': {
    'listening after, fastest': pointsmanNames,
    'listening after, median': pointsmanNames,
    'listening after, slowest': pointsmanNames,
    memory: pointsmanNames,
  },
  'large-bodies': {
    'peak memory, passthrough': pointsmanNames,
    'peak memory, translation': pointsmanNames,
    'memory afterwards, passthrough': pointsmanNames,
    'memory afterwards, translation': pointsmanNames,
  },
  plan: Object.fromEntries(
    ['16 candidates, the planner alone', ...plannedFleets.map(({ name }) => name)].flatMap((name) =>
      ['p50', 'p99'].map((share) => [`${name}, ${share}`, ['bun']] as const),
    ),
  ),
  failover: Object.fromEntries(
    ['refused', 'reset', 'black hole'].flatMap((fault) =>
      ['p50', 'p99'].map((share) => [`${fault}, added ${share}`, pointsmanNames]),
    ),
  ),
};

interface Results {
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

describe('the benchmark', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pointsman-bench-smoke-'));
  let exitCode: number | undefined;
  let table = '';
  let results: Results = { versions: {}, rows: [] };

  beforeAll(async () => {
    const output = join(directory, 'results.json');
    const child = Bun.spawn([process.execPath, script, '--size', 'smoke', '--output', output], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const errors = new Response(child.stderr).text();
    table = await new Response(child.stdout).text();
    exitCode = await child.exited;
    if (exitCode !== 0) throw new Error(await errors);
    results = JSON.parse(readFileSync(output, 'utf8')) as Results;
  }, timeoutMs);

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('each row is measured, in order', () => {
    expect(results.rows.map(({ id }) => id)).toEqual(Object.keys(expected));
  });

  for (const [id, figures] of Object.entries(expected)) {
    test(`${id} has a number for every target`, () => {
      const row = results.rows.find((each) => each.id === id);
      const measured = Object.fromEntries(
        (row?.figures ?? []).map(({ name, values }) => [
          name,
          Object.entries(values)
            .filter(([, value]) => Number.isFinite(value))
            .map(([target]) => target)
            .sort(),
        ]),
      );
      const wanted = Object.entries(figures).map(([name, targets]) => [name, [...targets].sort()]);
      expect(measured).toEqual(Object.fromEntries(wanted));
    });
  }

  test('the table shows each row and what became of its floors', () => {
    for (const { title } of results.rows) expect(table).toContain(title);
    expect(table).toMatch(/\d+ floors met, \d+ missed, \d+ not measured/);
  });

  test('nothing is left open upstream by streams whose clients went away', () => {
    const row = results.rows.find(({ id }) => id === 'abandoned-streams');
    const left = row?.figures.find(({ name }) => name === 'left open upstream');
    expect(Object.values(left?.values ?? {})).toEqual([0, 0, 0, 0]);
  });

  test('the results name versions and no machine', () => {
    expect(Object.keys(results.versions)).toEqual(
      expect.arrayContaining(['pointsman', 'bun', 'deno', 'node', ...withNginx]),
    );
    expect(JSON.stringify(results)).not.toContain(tmpdir());
    expect(JSON.stringify(results)).not.toContain(process.cwd());
  });
});
