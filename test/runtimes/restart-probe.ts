/** Tells what a program sees of itself after the restart that Bun's settings need. */

import '../../adapters/bun-restart.ts';

process.stdout.write(
  JSON.stringify({
    pid: process.pid,
    args: process.argv.slice(2),
    requests: process.env.BUN_CONFIG_MAX_HTTP_REQUESTS,
    idle: process.env.BUN_CONFIG_HTTP_IDLE_TIMEOUT,
  }),
);
