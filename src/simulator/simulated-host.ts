/** A host that behaves like a real engine, as one function from requests to answers. */

import type { Hono } from 'hono';
import type { Clock, Random } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { createAnthropicApp } from './anthropic-host.ts';
import { createControlApp } from './control.ts';
import { createDockerModelRunnerApp } from './docker-model-runner-host.ts';
import type { RunRecord } from './engine-run.ts';
import type { Fault } from './faults.ts';
import { createGeminiApp } from './gemini-host.ts';
import { createHostCore, type HostCore } from './host-core.ts';
import { type SimulatedHostOptions, settleOptions } from './host-settings.ts';
import { createHostCounts, type HostStats } from './host-stats.ts';
import type { ListenerState } from './listener.ts';
import { createOllamaApp } from './ollama-host.ts';
import { createOpenAiCloudApp } from './openai-cloud.ts';
import { createOpenAiApp } from './openai-host.ts';
import { networkError } from './reply.ts';
import { createSeededRandom } from './seeded-random.ts';

export type { RunRecord } from './engine-run.ts';
export type { SimulatedHostOptions } from './host-settings.ts';

/** What a host is given; the clock decides whether its minutes are real. */
export interface SimulatedHostPorts {
  readonly clock: Clock;
  /** Only for garbage bytes; everything else depends on the seed and the request. */
  readonly random?: Random;
  /**
   * Given by a host on a socket, which closes and opens its listener when told.
   * Without it, `fetch` rejects as a failed connection does.
   */
  readonly onListener?: (state: ListenerState) => void;
  /** Hears of each run of the engine as it lets go of its slot. */
  readonly onRun?: (record: RunRecord) => void;
}

/** A host, and the strings a test or an operator can pull. */
export interface SimulatedHost {
  fetch(request: Request): Promise<Response>;
  readonly stats: () => HostStats;
  setFault(fault: Fault): void;
  clearFaults(): void;
  /** Ends the process with everything it was doing; Infinity leaves it dead until `revive`. */
  kill(forMs?: Millis): void;
  revive(): void;
  /** Makes all further work take so many times as long; 1 is its own speed. */
  slowDown(factor: number): void;
}

const createKindApp = (core: HostCore): Hono => {
  switch (core.settings.kind) {
    case 'ollama':
      return createOllamaApp(core);
    case 'openai-compatible':
      return createOpenAiApp(core);
    case 'openai':
      return createOpenAiCloudApp(core);
    case 'docker-model-runner':
      return createDockerModelRunnerApp(core);
    case 'gemini':
      return createGeminiApp(core);
    case 'anthropic':
      return createAnthropicApp(core);
  }
};

/** On a socket a connection that dies is a body that breaks off; of an `Error` Bun would show the source. */
const broken = (): Response =>
  new Response(
    new ReadableStream({
      start: (controller) => controller.error({ code: 'ECONNRESET' }),
    }),
  );

/** Builds one; the same options and requests give the same answers. */
export const createSimulatedHost = (
  options: SimulatedHostOptions,
  ports: SimulatedHostPorts,
): SimulatedHost => {
  const settings = settleOptions(options);
  const { onListener } = ports;
  const core = createHostCore(
    settings,
    {
      clock: ports.clock,
      random: ports.random ?? createSeededRandom(settings.seed),
      transport: onListener === undefined ? 'memory' : 'socket',
      onListener: onListener ?? (() => undefined),
      onRun: ports.onRun ?? (() => undefined),
    },
    settings.kind === 'ollama' ? 'partial' : 'none',
  );
  const counts = createHostCounts(core);
  const app = createKindApp(core);
  const control = createControlApp(core, counts.stats);
  for (const surface of [app, control]) {
    // A failed connection is a failed fetch, not an answer with a status.
    surface.onError((problem) => {
      throw problem;
    });
  }

  const answer = async (request: Request, path: string): Promise<Response> => {
    if (path.startsWith('/sim/')) return control.fetch(request);
    if (core.isDown()) throw networkError('ECONNREFUSED');
    const fault = core.faults.take('connection');
    if (fault?.fault === 'refuse') throw networkError('ECONNREFUSED');
    counts.request(request.method, path);
    return fault === undefined ? app.fetch(request) : core.silence(request);
  };

  return {
    stats: counts.stats,
    setFault: core.setFault,
    clearFaults: core.clearFaults,
    kill: (forMs = Infinity) => core.goDown(forMs),
    revive: core.comeUp,
    slowDown: core.slowDown,
    async fetch(request) {
      const path = new URL(request.url).pathname;
      if (onListener === undefined) return answer(request, path);
      try {
        return await answer(request, path);
      } catch {
        return request.signal.aborted ? new Response(null, { status: 499 }) : broken();
      }
    },
  };
};
