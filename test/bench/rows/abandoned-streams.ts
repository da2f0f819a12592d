/** Whether streams that clients leave in the middle cost anything for good. */

import type { Figure, Row } from '../figures.ts';
import { quietRequest } from '../pointsman.ts';
import type { ProxyProcess } from '../proxy-process.ts';
import { alone, type Session } from '../session.ts';
import { pointsmanNames, type TargetName } from '../targets.ts';

const atOnce = 50;
const mebibyte = 1024 * 1024;

/** More than this is a leak and not a heap that breathes: 2 KiB for each stream between the two looks. */
const flatMebibytes = 16;

/** Upstreams are given the 250 ms in which each has to close, many times over. */
const closeTimeoutMs = 5000;

interface Sample {
  readonly firstBytes: number;
  readonly lastBytes: number;
  readonly leftOpen: number;
}

const openAtRest = async ({ traffic }: Session): Promise<number> => {
  const deadline = performance.now() + closeTimeoutMs;
  for (;;) {
    const { openStreams } = await traffic.counts();
    if (openStreams === 0 || performance.now() > deadline) return openStreams;
    await Bun.sleep(20);
  }
};

const measure = async (proxy: ProxyProcess, session: Session): Promise<Sample> => {
  const { abandonedFirst, abandonedAll, restMs } = session.sizes;
  const abandon = async (count: number): Promise<number> => {
    await session.traffic.run<'abandon'>({
      kind: 'abandon',
      port: proxy.port,
      body: quietRequest,
      count,
      atOnce,
    });
    await Bun.sleep(restMs);
    return proxy.residentBytes();
  };
  const firstBytes = await abandon(abandonedFirst);
  const lastBytes = await abandon(abandonedAll - abandonedFirst);
  return { firstBytes, lastBytes, leftOpen: await openAtRest(session) };
};

/** Memory after the first of them and after all, and what is left open upstream. */
export const abandonedStreams = async (session: Session): Promise<Row> => {
  const { abandonedFirst, abandonedAll } = session.sizes;
  const samples = new Map<TargetName, Sample>();
  for (const name of pointsmanNames) {
    session.say(`  ${name}`);
    const sample = await alone(name, session, (proxy) => measure(proxy, session));
    if (sample !== undefined) samples.set(name, sample);
  }
  const values = (of: (sample: Sample) => number): Figure['values'] =>
    Object.fromEntries([...samples].map(([name, sample]) => [name, of(sample)]));
  return {
    id: 'abandoned-streams',
    title: `${abandonedAll} streams opened and left, ${atOnce} at once`,
    figures: [
      {
        name: `memory after ${abandonedFirst}`,
        unit: 'MiB',
        values: values(({ firstBytes }) => firstBytes / mebibyte),
      },
      {
        name: `memory after ${abandonedAll}`,
        unit: 'MiB',
        values: values(({ lastBytes }) => lastBytes / mebibyte),
      },
      {
        name: 'growth in between',
        unit: 'MiB',
        values: values(({ firstBytes, lastBytes }) => (lastBytes - firstBytes) / mebibyte),
        floors: { binary: flatMebibytes },
      },
      {
        name: 'left open upstream',
        unit: 'streams',
        values: values(({ leftOpen }) => leftOpen),
        floors: { binary: 0 },
      },
    ],
  };
};
