/** The whole application on a clock that can stand still, with everything that the invariants want to know of it. */

import type { PointsmanApp } from '../../src/http/app.ts';
import { createSimulatedApp, type WorldOptions } from '../../src/simulation/world.ts';
import type { Clock, Fetch } from '../../src/spec/ports.ts';
import { type GatewayFacts, gatewayFacts } from './gateway-facts.ts';
import { createInvariants, type Invariants } from './invariants.ts';
import { createStoppableClock, type StoppableClock } from './stoppable-clock.ts';
import { type Attempt, type WatchedNetwork, watchNetwork } from './watched-network.ts';

export interface WatchedApp {
  readonly app: PointsmanApp;
  readonly clock: StoppableClock;
  readonly network: WatchedNetwork;
  readonly facts: GatewayFacts;
  readonly invariants: Invariants;
}

export interface WatchedAppOptions extends Pick<WorldOptions, 'config' | 'seed' | 'trace'> {
  readonly world: Clock;
  readonly network: Fetch;
  readonly guarded: boolean;
  /** Hears of each call upstream before the invariants do. */
  readonly onAttempt?: (attempt: Attempt) => void;
  readonly sharesOn?: (clock: StoppableClock) => NonNullable<WorldOptions['shares']>;
}

/** Builds all of it. */
export const createWatchedApp = ({
  world,
  guarded,
  onAttempt,
  sharesOn,
  ...options
}: WatchedAppOptions): WatchedApp => {
  const { config, seed, trace } = options;
  const clock = createStoppableClock(world);
  let facts: GatewayFacts | undefined;
  const factsNow = (): GatewayFacts => {
    if (facts === undefined) throw new Error('the application is not built yet');
    return facts;
  };
  const invariants = createInvariants({
    clock,
    facts: factsNow,
    network: () => network,
    limits: { maxAttempts: config.maxAttempts, maxWaitMs: config.queue.maxWaitMs },
    guarded,
  });
  const network = watchNetwork({
    network: options.network,
    clock,
    onAttempt: (attempt) => {
      onAttempt?.(attempt);
      invariants.attempt(attempt);
    },
  });
  const app = createSimulatedApp({
    config,
    clock,
    fetch: network.fetch,
    seed,
    trace,
    onSettled: invariants.settled,
    ...(sharesOn === undefined ? {} : { shares: sharesOn(clock) }),
  });
  facts = gatewayFacts(app);
  return { app, clock, network, facts, invariants };
};
