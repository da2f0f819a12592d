/** What a streamed event costs, and how much later the first one comes. */

import type { ByTarget, Figure, Row } from '../figures.ts';
import type { Spread } from '../load/jobs.ts';
import { chatStream, type Pace, type StreamCall, type Way, worstPairStream } from '../pointsman.ts';
import type { ProxyProcess } from '../proxy-process.ts';
import { compared, interleaved, medians, type Samples, type Session } from '../session.ts';
import { pointsmanNames, type TargetName, targetNames } from '../targets.ts';

interface Sample {
  readonly processorUs: number;
  readonly firstToken: Spread;
  /** The same when all clients ask at one moment. */
  readonly firstTokenAtOnce: Spread;
}

const measure = async (
  proxy: ProxyProcess,
  callAt: (pace: Pace) => StreamCall,
  { traffic, sizes }: Session,
): Promise<Sample> => {
  const { clients, streamsEach, events, gapMs } = sizes;
  const before = proxy.processorTimeUs();
  const { streams, firstToken } = await traffic.run<'streams'>({
    kind: 'streams',
    port: proxy.port,
    call: callAt({ events, gapMs }),
    clients,
    streamsEach,
    spreadMs: events * gapMs,
  });
  const processorUs = (proxy.processorTimeUs() - before) / (streams * events);
  const atOnce = await traffic.run<'streams'>({
    kind: 'streams',
    port: proxy.port,
    call: callAt({ events: 10, gapMs }),
    clients,
    streamsEach: 1,
    spreadMs: 0,
  });
  return { processorUs, firstToken, firstTokenAtOnce: atOnce.firstToken };
};

type SpreadName = 'firstToken' | 'firstTokenAtOnce';

const added = (
  samples: Samples<Sample>,
  names: readonly TargetName[],
  spread: SpreadName,
  point: keyof Spread,
): ByTarget =>
  compared(samples, names, 'direct', (own, direct) => own[spread][point] - direct[spread][point]);

const titles: Readonly<Record<Way, string>> = {
  passthrough: 'OpenAI to OpenAI',
  translation: 'OpenAI over Ollama',
};

const firstTokens = (samples: Samples<Sample>, proxies: readonly TargetName[]): readonly Figure[] => [
  {
    name: 'added to first token p50',
    unit: 'ms',
    values: added(samples, proxies, 'firstToken', 'p50Ms'),
    floors: { binary: 2 },
  },
  {
    name: 'added to first token p99',
    unit: 'ms',
    values: added(samples, proxies, 'firstToken', 'p99Ms'),
    floors: { binary: 10 },
  },
  {
    name: 'the same, all asking at once p50',
    unit: 'ms',
    values: added(samples, proxies, 'firstTokenAtOnce', 'p50Ms'),
  },
  {
    name: 'the same, all asking at once p99',
    unit: 'ms',
    values: added(samples, proxies, 'firstTokenAtOnce', 'p99Ms'),
  },
];

const row = async (way: Way, session: Session): Promise<Row> => {
  const { clients, events, gapMs } = session.sizes;
  const names: readonly TargetName[] = way === 'passthrough' ? targetNames : pointsmanNames;
  const proxies = names.filter((name) => name !== 'direct');
  const samples = await interleaved(names, session, (proxy) =>
    measure(proxy, (pace) => chatStream(way, pace), session),
  );
  return {
    id: way,
    title: `Streams, ${titles[way]}: ${clients} clients, ${events} events ${gapMs} ms apart`,
    figures: [
      {
        name: 'CPU per event',
        unit: 'µs',
        values: medians(samples, proxies, ({ processorUs }) => processorUs),
        floors: { binary: way === 'passthrough' ? 45 : 70 },
      },
      ...(way === 'passthrough' ? firstTokens(samples, proxies) : []),
    ],
  };
};

/** The backend speaks the client's dialect: bytes pass. */
export const passthroughStreams = (session: Session): Promise<Row> => row('passthrough', session);

/** The backend speaks another one: events are decoded and encoded anew. */
export const translatedStreams = (session: Session): Promise<Row> => row('translation', session);

/** The client and the backend whose dialects are the furthest apart. */
export const worstPairStreams = async (session: Session): Promise<Row> => {
  const { clients, events, gapMs } = session.sizes;
  const samples = await interleaved(pointsmanNames, session, (proxy) =>
    measure(proxy, worstPairStream, session),
  );
  return {
    id: 'worst-pair',
    title: `Streams, translated worst pair (Responses over Gemini): ${clients} clients, ${events} events ${gapMs} ms apart`,
    figures: [
      {
        name: 'CPU per event',
        unit: 'µs',
        values: medians(samples, pointsmanNames, ({ processorUs }) => processorUs),
        floors: { binary: 90, bun: 90 },
      },
    ],
  };
};
