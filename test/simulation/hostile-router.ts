/** One instance of a hostile world, from its start to its end or its crash. */

import type { Handler } from '../../src/simulation/caller.ts';
import type { StateStore } from '../../src/state/store.ts';
import { type ClusterFacts, clusterFacts } from './cluster-facts.ts';
import type { StoppableClock } from './stoppable-clock.ts';
import { createWatchedApp, type WatchedApp, type WatchedAppOptions } from './watched-app.ts';

export interface HostileRouter extends WatchedApp {
  /** Which of the world's instances it is, and which of its lives. */
  readonly name: string;
  readonly bornAt: number;
  readonly shared: ClusterFacts;
  /** As its callers reach it; what is open breaks when it crashes. */
  readonly handler: Handler;
  crash(): void;
}

export interface HostileRouterOptions extends Omit<WatchedAppOptions, 'sharesOn'> {
  readonly name: string;
  readonly store: StateStore;
  /** A request is handed to the process, which has taken it by the time this returns. */
  readonly hand?: (request: Request, take: (request: Request) => Answer) => Answer;
}

type Answer = Response | Promise<Response>;

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
export const createHostileRouter = ({
  name,
  store,
  network,
  ...options
}: HostileRouterOptions): HostileRouter => {
  const death = new AbortController();
  const dead = new Promise<never>((_, reject) => {
    death.signal.addEventListener('abort', () => reject(new TypeError('the connection was reset')));
  });
  dead.catch(() => undefined);
  const watched = createWatchedApp({
    ...options,
    network: (url, init) => {
      if (death.signal.aborted) return new Promise(() => undefined);
      return network(url, { ...init, signal: AbortSignal.any([init.signal, death.signal]) });
    },
    sharesOn: (clock) => ({ store: heardBy(store, clock), name }),
  });
  const { app, clock, invariants } = watched;
  const answer = async (request: Request): Promise<Response> => {
    await clock.running();
    const take = (asked: Request): Answer => app.fetch(asked);
    return await (options.hand === undefined ? take(request) : options.hand(request, take));
  };
  return {
    ...watched,
    name,
    bornAt: options.world.now(),
    shared: clusterFacts(app),
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
};
