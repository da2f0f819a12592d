/**
 * `npm run proof`: what a test run has no time for. The property tests in many thousands, the floors of the policies on
 * ten drawn fleets, and hostile worlds of one instance and of several in great numbers, which go on where they were when
 * this was ended.
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const runs = process.env.PROPERTY_RUNS ?? '100000';

const folders = ['test/wire', 'test/protocols', 'test/core', 'test/config', 'test/backends'];

/** One property in 100,000 runs takes minutes on a small machine. */
const timeoutMs = 3_600_000;

interface Proof {
  readonly name: string;
  readonly what: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const proofs: readonly Proof[] = [
  {
    name: 'properties',
    what: `every property ${runs} times (PROPERTY_RUNS sets another number)`,
    args: ['test', '--timeout', String(timeoutMs), ...folders, 'test/simulation/simplex.test.ts'],
    env: { PROPERTY_RUNS: runs },
  },
  {
    name: 'floors',
    what: 'the floors of the policies, ten seeds at each load',
    args: ['test', 'test/simulation/floors.test.ts'],
    env: { FLOOR_SEEDS: process.env.FLOOR_SEEDS ?? '10', FLOOR_MINUTES: process.env.FLOOR_MINUTES ?? '20' },
  },
  {
    name: 'core',
    what: 'worlds of the core alone (CORE_COUNT sets how many)',
    args: ['test', 'test/simulation/core-world.test.ts'],
    env: { CORE_COUNT: process.env.CORE_COUNT ?? '100000' },
  },
  {
    name: 'state',
    what: 'a store in trouble, ten thousand requests each (STATE_REQUESTS sets another number), what sharing costs, and what it brings',
    args: [
      'test',
      'test/state/redis-faults.test.ts',
      'test/state/added-latency.test.ts',
      'test/state/state-cost.test.ts',
      'test/state/dead-pair.test.ts',
      'test/state/killed-router.test.ts',
      'test/state/clock-steps.test.ts',
    ],
    env: {
      STATE_REQUESTS: process.env.STATE_REQUESTS ?? '10000',
      STATE_ROUNDS: '20000',
      STATE_ADDED_P99_MS: '0.2',
      STATE_SHARE: '0.02',
      STATE_SHOW: 'yes',
    },
  },
  {
    name: 'cluster',
    what: 'hostile worlds of one to eight instances (CLUSTER_COUNT sets how many)',
    args: [join(import.meta.dirname, 'prove-worlds.ts'), 'cluster'],
    env: {},
  },
  {
    name: 'worlds',
    what: 'hostile worlds (HOSTILE_COUNT sets how many)',
    args: [join(import.meta.dirname, 'prove-worlds.ts')],
    env: {},
  },
];

/** All of them, or those that are named. */
const chosen = process.argv.slice(2);
let failed = 0;
for (const { name, what, args, env } of proofs) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(what);
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
