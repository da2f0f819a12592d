/** One instance of a hostile world, from its start to its end or its crash. */

import type { Config } from '../../src/config/schema.ts';
import type { PointsmanApp } from '../../src/http/app.ts';
import type { Handler } from '../../src/simulation/caller.ts';
import type { Trace } from '../../src/simulation/trace.ts';
import { createSimulatedApp } from '../../src/simulation/world.ts';
import type { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Fetch } from '../../src/spec/ports.ts';
import type { StateStore } from '../../src/state/store.ts';
import { type ClusterFacts, clusterFacts } from './cluster-facts.ts';
import { type GatewayFacts, gatewayFacts } from './gateway-facts.ts';
import { createInvariants, type Invariants } from './invariants.ts';
import { createStoppableClock, type StoppableClock } from './stoppable-clock.ts';
import { type Attempt, type WatchedNetwork, watchNetwork } from './watched-network.ts';

export interface HostileRouter {
  /** Which of the world's instances it is, and which of its lives. */
  readonly name: string;
  readonly bornAt: number;
  readonly app: PointsmanApp;
  readonly clock: StoppableClock;
  readonly network: WatchedNetwork;
  readonly facts: GatewayFacts;
  readonly shared: ClusterFacts;
  readonly invariants: Invariants;
  /** As its callers reach it; what is open breaks when it crashes. */
  readonly handler: Handler;
  crash(): void;
}

export interface HostileRouterOptions {
  readonly name: string;
  readonly config: Config;
  readonly world: VirtualClock;
  readonly seed: number;
  readonly trace: Trace;
  readonly network: Fetch;
  readonly store: StateStore;
  readonly guarded: boolean;
  readonly onAttempt: (router: HostileRouter, attempt: Attempt) => void;
}

/** A process that does not run hears nothing of its store, be it an answer or a failure. */
const heardBy = (store: StateStore, clock: StoppableClock): StateStore => {
  const hear = async <Answer>(call: Promise<Answer>): Promise<Answer> => {
    try {
      return await call;
    } finally {
      await clock.running();
    }
  };
  return {
    keys: () => hear(store.keys()),
    read: (keys) => hear(store.read(keys)),
    write: (key, text, lifeMs) => hear(store.write(key, text, lifeMs)),
    remove: (key) => hear(store.remove(key)),
    close: () => store.close(),
  };
};

/** A connection that breaks with the process at its other end. */
const breakable = (body: ReadableStream<Uint8Array>, broken: Promise<never>): ReadableStream<Uint8Array> => {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await Promise.race([reader.read(), broken]);
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
};

/** Starts an instance. */
export const createHostileRouter = (options: HostileRouterOptions): HostileRouter => {
  const { name, config, world, seed, trace, onAttempt } = options;
  const clock = createStoppableClock(world);
  const death = new AbortController();
  const dead = new Promise<never>((_, reject) => {
    death.signal.addEventListener('abort', () => reject(new TypeError('the connection was reset')));
  });
  dead.catch(() => undefined);
  const invariants: Invariants = createInvariants({
    clock,
    facts: () => self().facts,
    network: () => network,
    limits: { maxAttempts: config.maxAttempts, maxWaitMs: config.queue.maxWaitMs },
    guarded: options.guarded,
  });
  const network = watchNetwork({
    network: (url, init) => {
      if (death.signal.aborted) return new Promise(() => undefined);
      return options.network(url, { ...init, signal: AbortSignal.any([init.signal, death.signal]) });
    },
    clock,
    onAttempt: (attempt) => {
      onAttempt(self(), attempt);
      invariants.attempt(attempt);
    },
  });
  let built: HostileRouter | undefined;
  const self = (): HostileRouter => {
    if (built === undefined) throw new Error('the application is not built yet');
    return built;
  };
  const app = createSimulatedApp({
    config,
    clock,
    fetch: network.fetch,
    seed,
    trace,
    onSettled: invariants.settled,
    shares: { store: heardBy(options.store, clock), name },
  });
  const answer = async (request: Request): Promise<Response> => {
    await clock.running();
    return await app.fetch(request);
  };
  built = {
    name,
    bornAt: world.now(),
    app,
    clock,
    network,
    facts: gatewayFacts(app),
    shared: clusterFacts(app),
    invariants,
    handler: async (request) => {
      const { status, headers, body } = await Promise.race([answer(request), dead]);
      return new Response(body && breakable(body, dead), { status, headers });
    },
    crash: () => {
      clock.kill();
      invariants.crashed();
      death.abort(new TypeError('the process is gone'));
    },
  };
  return built;
};
