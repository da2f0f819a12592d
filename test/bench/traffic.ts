/** The two processes on the other side of the proxies: the mock engine and the load generator. */

import { fileURLToPath } from 'node:url';
import { killAtExit } from './kill-at-exit.ts';
import type { Done, Job, JobOf, JobResult } from './load/jobs.ts';
import { pinned } from './pinned.ts';

export interface Counts {
  readonly openStreams: number;
  readonly servedRequests: number;
}

export interface Traffic {
  readonly mockPort: number;
  /** Gives the load generator one job; one at a time. */
  run<Kind extends Job['kind']>(job: JobOf<Kind>): Promise<Done[Kind]>;
  /** What the mock saw. */
  counts(): Promise<Counts>;
  stop(): void;
}

/** The longest job takes a small part of this on a slow machine. */
const jobTimeoutMs = 180_000;

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const startMock = async () => {
  const child = Bun.spawn(pinned('traffic', [process.execPath, script('mock-upstream.ts')]), {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  if (!Number.isInteger(port) || port === 0) throw new Error('the mock engine did not start');
  return { child, port };
};

/** Starts both. */
export const startTraffic = async (): Promise<Traffic> => {
  const mock = await startMock();
  let settle = (_result: JobResult): void => undefined;
  const load = Bun.spawn(pinned('traffic', [process.execPath, script('load/load.ts')]), {
    stdio: ['ignore', 'inherit', 'inherit'],
    ipc: (result: JobResult) => settle(result),
    onExit: (_child, code) => settle({ failed: `the load generator ended with ${code}` }),
  });
  killAtExit(mock.child);
  killAtExit(load);
  return {
    mockPort: mock.port,
    run: async <Kind extends Job['kind']>(job: JobOf<Kind>): Promise<Done[Kind]> => {
      const result = await new Promise<JobResult>((resolve) => {
        settle = resolve;
        load.send(job);
        setTimeout(() => resolve({ failed: 'it does not come to its end' }), jobTimeoutMs).unref();
      });
      if ('failed' in result) throw new Error(`${job.kind}: ${result.failed}`);
      return result.done as Done[Kind];
    },
    counts: async () => {
      const answer = await fetch(`http://127.0.0.1:${mock.port}/bench/counts`);
      return (await answer.json()) as Counts;
    },
    stop: () => {
      load.kill();
      mock.child.kill();
    },
  };
};
