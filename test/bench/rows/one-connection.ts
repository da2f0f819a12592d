/** What a lone client waits longer for a small answer than without a proxy. */

import type { Row } from '../figures.ts';
import { smallRequest } from '../pointsman.ts';
import { compared, interleaved, medians, type Session } from '../session.ts';
import { targetNames } from '../targets.ts';

const proxies = targetNames.filter((name) => name !== 'direct');

/** The median latency over one connection, and what of it the proxy adds. */
export const oneConnection = async (session: Session): Promise<Row> => {
  const samples = await interleaved(targetNames, session, ({ port }) =>
    session.traffic.run<'requests'>({
      kind: 'requests',
      port,
      body: smallRequest,
      connections: 1,
      durationMs: session.sizes.oneConnectionMs,
    }),
  );
  return {
    id: 'one-connection',
    title: 'Small requests, one connection',
    figures: [
      {
        name: 'latency p50',
        unit: 'ms',
        values: medians(samples, targetNames, ({ latency }) => latency.p50Ms),
      },
      {
        name: 'added p50',
        unit: 'ms',
        values: compared(
          samples,
          proxies,
          'direct',
          (own, direct) => own.latency.p50Ms - direct.latency.p50Ms,
        ),
        floors: { binary: 0.5 },
      },
    ],
  };
};
