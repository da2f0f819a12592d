/** What a small answer that is not streamed costs, with many connections. */

import type { Row } from '../figures.ts';
import { smallRequest } from '../pointsman.ts';
import { compared, interleaved, medians, type Session } from '../session.ts';
import { type TargetName, targetNames } from '../targets.ts';

const proxies = targetNames.filter((name) => name !== 'direct');
const besideNginx: readonly TargetName[] = proxies.filter((name) => name !== 'nginx');

/** Processor time per request, beside nginx's in the same round, and how many are answered. */
export const smallRequests = async (session: Session): Promise<Row> => {
  const { clients, requestsMs } = session.sizes;
  const samples = await interleaved(targetNames, session, async (proxy) => {
    const before = proxy.processorTimeUs();
    const { requests, elapsedMs } = await session.traffic.run<'requests'>({
      kind: 'requests',
      port: proxy.port,
      body: smallRequest,
      connections: clients,
      durationMs: requestsMs,
    });
    return {
      processorUs: (proxy.processorTimeUs() - before) / requests,
      perSecond: (requests / elapsedMs) * 1000,
    };
  });
  return {
    id: 'small-requests',
    title: `Small requests, ${clients} connections`,
    figures: [
      {
        name: 'CPU per request',
        unit: 'µs',
        values: medians(samples, proxies, ({ processorUs }) => processorUs),
      },
      {
        name: 'CPU against nginx',
        unit: 'times',
        values: compared(samples, besideNginx, 'nginx', (own, nginx) => own.processorUs / nginx.processorUs),
        floors: { binary: 2.7 },
      },
      {
        name: 'requests per second',
        unit: '/s',
        values: medians(samples, targetNames, ({ perSecond }) => perSecond),
      },
      {
        name: 'requests against nginx',
        unit: 'times',
        values: compared(samples, besideNginx, 'nginx', (own, nginx) => own.perSecond / nginx.perSecond),
      },
    ],
  };
};
