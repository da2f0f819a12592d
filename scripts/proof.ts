/** `npm run proof`: the property tests in many thousands, for which a test run has no time. */

import { spawnSync } from 'node:child_process';

const runs = process.env.PROPERTY_RUNS ?? '100000';

const folders = ['test/wire', 'test/protocols', 'test/core', 'test/config', 'test/backends'];

/** One property in 100,000 runs takes minutes on a small machine. */
const timeoutMs = 3_600_000;

console.log(`every property ${runs} times (PROPERTY_RUNS sets another number)`);
const { status } = spawnSync(process.execPath, ['test', '--timeout', String(timeoutMs), ...folders], {
  stdio: 'inherit',
  env: { ...process.env, PROPERTY_RUNS: runs },
});
process.exit(status ?? 1);
