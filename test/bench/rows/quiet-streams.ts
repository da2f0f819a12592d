/** What an open stream costs in memory while nothing comes. */

import type { Row } from '../figures.ts';
import { chatStream, quietRequest } from '../pointsman.ts';
import { alone, type Session } from '../session.ts';
import { type TargetName, targetNames } from '../targets.ts';

const proxies = targetNames.filter((name) => name !== 'direct');

const grownBytes = (name: TargetName, session: Session): Promise<number | undefined> =>
  alone(name, session, async (proxy) => {
    const { traffic, sizes } = session;
    const { clients, quietStreams, restMs } = sizes;
    // What streams cost once, code and pools, is not what each of them costs.
    await traffic.run<'streams'>({
      kind: 'streams',
      port: proxy.port,
      call: chatStream('passthrough', { events: 20, gapMs: 2 }),
      clients,
      streamsEach: 4,
      spreadMs: 0,
    });
    await Bun.sleep(restMs);
    const before = proxy.residentBytes();
    await traffic.run<'hold'>({ kind: 'hold', port: proxy.port, body: quietRequest, count: quietStreams });
    await Bun.sleep(restMs);
    const after = proxy.residentBytes();
    await traffic.run<'release'>({ kind: 'release' });
    return (after - before) / quietStreams;
  });

/** Memory per open stream, measured while all of them are open. */
export const quietStreams = async (session: Session): Promise<Row> => {
  const values: Partial<Record<TargetName, number>> = {};
  for (const name of proxies) {
    session.say(`  ${name}`);
    const bytes = await grownBytes(name, session);
    if (bytes !== undefined) values[name] = bytes / 1024;
  }
  return {
    id: 'quiet-streams',
    title: `${session.sizes.quietStreams} open, quiet streams`,
    figures: [{ name: 'memory per stream', unit: 'KiB', values, floors: { binary: 48 } }],
  };
};
