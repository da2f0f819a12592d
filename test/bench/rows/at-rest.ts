/** What Pointsman costs before its first request: the time to listen, and memory. */

import { median, type Row } from '../figures.ts';
import { alone, type Session } from '../session.ts';
import { pointsmanNames, type TargetName } from '../targets.ts';

const mebibyte = 1024 * 1024;

/** From the start of the process to the first connection it takes, and memory a while later. */
export const atRest = async (session: Session): Promise<Row> => {
  const { starts, restMs } = session.sizes;
  const startsMs = new Map<TargetName, number[]>();
  const memory: Partial<Record<TargetName, number>> = {};
  for (let start = 0; start < starts; start += 1) {
    session.say(`  start ${start + 1} of ${starts}`);
    for (const name of pointsmanNames) {
      await alone(name, session, async (proxy) => {
        startsMs.set(name, [...(startsMs.get(name) ?? []), proxy.startMs]);
        if (start < starts - 1) return;
        await Bun.sleep(restMs);
        memory[name] = proxy.residentBytes() / mebibyte;
      });
    }
  }
  const values = (of: (durationsMs: readonly number[]) => number) =>
    Object.fromEntries([...startsMs].map(([name, durationsMs]) => [name, of(durationsMs)]));
  return {
    id: 'at-rest',
    title: 'Start and rest',
    figures: [
      {
        name: 'listening after, fastest',
        unit: 'ms',
        values: values((durationsMs) => Math.min(...durationsMs)),
      },
      { name: 'listening after, median', unit: 'ms', values: values(median), floors: { binary: 100 } },
      {
        name: 'listening after, slowest',
        unit: 'ms',
        values: values((durationsMs) => Math.max(...durationsMs)),
      },
      { name: 'memory', unit: 'MiB', values: memory, floors: { binary: 60 } },
    ],
  };
};
