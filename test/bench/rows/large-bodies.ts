/** What a request with a large image in it costs in memory, as a multiple of its size. */

import type { ByTarget, Row } from '../figures.ts';
import { ollamaModel } from '../mock-ollama.ts';
import { openAiModel } from '../mock-openai.ts';
import { smallRequest, type Way } from '../pointsman.ts';
import { alone, type Session } from '../session.ts';
import { pointsmanNames, type TargetName } from '../targets.ts';

interface Sample {
  readonly peak: number;
  readonly left: number;
}

const models: Readonly<Record<Way, string>> = { passthrough: openAiModel, translation: ollamaModel };

const measure = (name: TargetName, way: Way, session: Session): Promise<Sample | undefined> =>
  alone(name, session, async (proxy) => {
    const { traffic, sizes } = session;
    const { imageBytes, restMs } = sizes;
    const smallOnes = (): Promise<unknown> =>
      traffic.run<'requests'>({
        kind: 'requests',
        port: proxy.port,
        body: smallRequest,
        connections: 8,
        durationMs: restMs,
      });
    await smallOnes();
    const before = proxy.residentBytes();
    proxy.resetPeak();
    await traffic.run<'upload'>({ kind: 'upload', port: proxy.port, model: models[way], imageBytes });
    const peak = proxy.peakBytes();
    // A collector runs when there is work; what is still held after some is held for good.
    await smallOnes();
    await Bun.sleep(restMs);
    return { peak: (peak - before) / imageBytes, left: (proxy.residentBytes() - before) / imageBytes };
  });

const floors: ByTarget = { binary: 3, bun: 3, deno: 5, node: 5 };

/** The highest memory while it is on its way, and what is left of it afterwards. */
export const largeBodies = async (session: Session): Promise<Row> => {
  const peaks: Record<Way, Partial<Record<TargetName, number>>> = { passthrough: {}, translation: {} };
  const left: typeof peaks = { passthrough: {}, translation: {} };
  for (const way of ['passthrough', 'translation'] as const) {
    for (const name of pointsmanNames) {
      session.say(`  ${way}, ${name}`);
      const sample = await measure(name, way, session);
      if (sample === undefined) continue;
      peaks[way][name] = sample.peak;
      left[way][name] = sample.left;
    }
  }
  return {
    id: 'large-bodies',
    title: `One request of ${session.sizes.imageBytes / 1e6} MB, in multiples of its size`,
    figures: [
      { name: 'peak memory, passthrough', unit: 'times', values: peaks.passthrough, floors },
      { name: 'peak memory, translation', unit: 'times', values: peaks.translation, floors },
      { name: 'memory afterwards, passthrough', unit: 'times', values: left.passthrough },
      { name: 'memory afterwards, translation', unit: 'times', values: left.translation },
    ],
  };
};
