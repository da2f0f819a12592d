/** How a long-running command gets the settings Bun reads only at its start. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = join(import.meta.dirname, 'restart-probe.ts');
const folder = mkdtempSync(join(tmpdir(), 'pointsman-restart-'));
const binary = join(folder, 'probe');

beforeAll(() => {
  const { status } = spawnSync(process.execPath, ['build', '--compile', source, `--outfile=${binary}`]);
  expect(status).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Seen {
  readonly pid: number;
  readonly args: readonly string[];
  readonly requests?: string;
  readonly idle?: string;
}

const kinds: readonly (readonly [string, string, readonly string[]])[] = [
  ['a script', process.execPath, [source]],
  ['a binary', binary, []],
];

describe.each(kinds)('%s', (_, command, before) => {
  const run = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Seen & { started: number } => {
    const { stdout, pid } = spawnSync(command, [...before, ...args], {
      env: { PATH: process.env.PATH, ...env },
      cwd: folder,
    });
    return { ...(JSON.parse(stdout.toString()) as Seen), started: pid };
  };

  test.each(['serve', 'demo', 'sim-host'])('%s runs with both settings, in the same process', (name) => {
    const seen = run([name, '--config', 'a b.yaml', '']);
    expect(seen.args).toEqual([name, '--config', 'a b.yaml', '']);
    expect(seen.requests).toBe('65535');
    expect(seen.idle).toBe('0');
    expect(seen.pid).toBe(seen.started);
  });

  test('a short command is left as it is', () => {
    const seen = run(['models', '--json']);
    expect(seen.args).toEqual(['models', '--json']);
    expect(seen.requests).toBeUndefined();
    expect(seen.idle).toBeUndefined();
  });

  test('what the environment sets already stays', () => {
    const seen = run(['serve'], { BUN_CONFIG_MAX_HTTP_REQUESTS: '512' });
    expect(seen.requests).toBe('512');
    expect(seen.idle).toBe('0');
  });
});
