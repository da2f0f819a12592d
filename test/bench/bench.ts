/**
 * `npm run bench`: what Pointsman costs, beside nginx and beside nothing at all.
 * Options: `--quick`, `--only <row>` (repeatable), `--size full|quick|smoke`, `--output <file>`.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.ts';
import type { Row } from './figures.ts';
import { readOptions } from './options.ts';
import { canPin } from './pinned.ts';
import { reportFloors, reportRow } from './report.ts';
import { abandonedStreams } from './rows/abandoned-streams.ts';
import { atRest } from './rows/at-rest.ts';
import { failover } from './rows/failover.ts';
import { largeBodies } from './rows/large-bodies.ts';
import { oneConnection } from './rows/one-connection.ts';
import { planning } from './rows/planning.ts';
import { quietStreams } from './rows/quiet-streams.ts';
import { smallRequests } from './rows/small-requests.ts';
import { passthroughStreams, translatedStreams, worstPairStreams } from './rows/streams.ts';
import type { Session } from './session.ts';
import { sizesByName } from './sizes.ts';
import { surroundings } from './surroundings.ts';
import { nginxPath } from './targets.ts';
import { startTraffic } from './traffic.ts';

const rows = new Map<string, (session: Session) => Promise<Row>>([
  ['small-requests', smallRequests],
  ['one-connection', oneConnection],
  ['passthrough', passthroughStreams],
  ['translation', translatedStreams],
  ['worst-pair', worstPairStreams],
  ['quiet-streams', quietStreams],
  ['abandoned-streams', abandonedStreams],
  ['at-rest', atRest],
  ['large-bodies', largeBodies],
  ['plan', planning],
  ['failover', failover],
]);

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const show = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Four digits are more than a measurement is worth. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(4)) : value;

const measureAll = async (session: Session, only: readonly string[]): Promise<readonly Row[]> => {
  const measured: Row[] = [];
  for (const [id, measure] of rows) {
    if (only.length > 0 && !only.includes(id)) continue;
    say(id);
    const row = await measure(session);
    measured.push(row);
    show(reportRow(row));
  }
  return measured;
};

const bench = async (args: readonly string[]): Promise<void> => {
  const committed = fileURLToPath(new URL('results.json', import.meta.url));
  const options = readOptions(args, [...rows.keys()], committed);
  if (process.platform !== 'linux') throw new Error('the benchmark reads /proc and runs on Linux only');
  ensureBuilt(say);
  if (nginxPath === undefined)
    say('nginx is not installed (Debian: apt-get install nginx-light); its column is left out');
  if (!canPin) say('processes are not pinned: that takes two cores and taskset; figures will vary more');
  const directory = await mkdtemp(join(tmpdir(), 'pointsman-bench-'));
  const traffic = await startTraffic();
  try {
    const site = { mockPort: traffic.mockPort, directory };
    const measured = await measureAll(
      { traffic, site, sizes: sizesByName[options.sizes], say },
      options.only,
    );
    show(reportFloors(measured));
    if (options.output === undefined) return;
    const results = { ...surroundings(options), rounds: sizesByName[options.sizes].rounds, rows: measured };
    await writeFile(options.output, `${JSON.stringify(results, rounded, 2)}\n`);
    say(`written to ${options.output}`);
  } finally {
    traffic.stop();
    await rm(directory, { recursive: true, force: true });
  }
};

await bench(process.argv.slice(2));
