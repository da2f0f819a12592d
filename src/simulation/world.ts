/**
 * A fleet of simulated hosts and the real application before them, under one virtual clock: nothing in here waits for
 * real time, and everything that happens on the network goes into the trace.
 */

import type { Config } from '../config/schema.ts';
import { createApp, type PointsmanApp } from '../http/app.ts';
import { createSimulatedNetwork } from '../simulator/network.ts';
import { createSeededRandom } from '../simulator/seeded-random.ts';
import { createSimulatedHost, type RunRecord, type SimulatedHost } from '../simulator/simulated-host.ts';
import type { VirtualClock } from '../simulator/virtual-clock.ts';
import { asObject, asString, type JsonObject } from '../spec/json.ts';
import type { Clock, Fetch, FetchInit, FetchReply } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { StateStore } from '../state/store.ts';
import { tryParseJson } from '../wire/json.ts';
import type { Member } from './members.ts';
import type { Trace } from './trace.ts';

export interface Hosts {
  readonly byId: ReadonlyMap<string, SimulatedHost>;
  readonly fetch: Fetch;
}

const sleep = (clock: Clock, durationMs: Millis): Promise<void> =>
  new Promise((resolve) => {
    clock.after(durationMs, resolve);
  });

/** A network where the answer of each host takes its round trip. */
const delayed = (network: Fetch, members: readonly Member[], clock: Clock): Fetch => {
  const roundTrips = new Map(members.map(({ origin, roundTripMs }) => [origin, roundTripMs]));
  return async (url, init): Promise<FetchReply> => {
    const roundTripMs = roundTrips.get(new URL(url).origin) ?? 0;
    if (roundTripMs > 0) await sleep(clock, roundTripMs);
    if (init.signal.aborted) throw init.signal.reason ?? new DOMException('aborted', 'AbortError');
    return network(url, init);
  };
};

/** Starts the hosts of a fleet; `onRun` hears of every run of their engines. */
export const createHosts = (
  members: readonly Member[],
  clock: VirtualClock,
  onRun: (host: string, record: RunRecord) => void,
): Hosts => {
  const byId = new Map<string, SimulatedHost>();
  const byOrigin: Record<string, SimulatedHost> = {};
  for (const { id, origin, options } of members) {
    const host = createSimulatedHost(options, { clock, onRun: (record) => onRun(id, record) });
    byId.set(id, host);
    byOrigin[origin] = host;
  }
  return { byId, fetch: delayed(createSimulatedNetwork(byOrigin), members, clock) };
};

const hostOf = (url: string): string => new URL(url).host;

/** Writes every call and how it began to be answered into the trace. */
export const tracedFetch =
  (fetch: Fetch, clock: Clock, trace: Trace): Fetch =>
  async (url, init: FetchInit) => {
    const { pathname } = new URL(url);
    const id = init.headers['x-request-id'];
    trace.add(clock.now(), 'call', init.method, hostOf(url), pathname, id, init.body?.length);
    try {
      const reply = await fetch(url, init);
      trace.add(clock.now(), 'reply', hostOf(url), pathname, id, reply.status);
      return reply;
    } catch (error) {
      trace.add(clock.now(), 'lost', hostOf(url), pathname, id);
      throw error;
    }
  };

/** What the application wrote down of one request when it ended. */
export interface Settled {
  readonly requestId: string;
  readonly outcome: string;
  readonly backend: string | undefined;
  readonly code: string;
  readonly queueMs: Millis;
  readonly failedAttempts: number;
}

const settledOf = (line: JsonObject): Settled | undefined => {
  if (line.type !== 'request') return undefined;
  const attempts = line.failedAttempts;
  return {
    requestId: asString(line.requestId) ?? '',
    outcome: asString(line.outcome) ?? '',
    backend: asString(line.backend),
    code: asString(line.code) ?? '',
    queueMs: Number(line.queueMs ?? 0),
    failedAttempts: Array.isArray(attempts) ? attempts.length : 0,
  };
};

export interface WorldOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly seed: number;
  readonly trace: Trace;
  readonly onSettled: (settled: Settled) => void;
  /** Where it shares what it learns with others, and what its ids begin with. */
  readonly shares?: { readonly store: StateStore; readonly name: string };
}

/** The application with every port simulated. */
export const createSimulatedApp = ({
  config,
  clock,
  fetch,
  seed,
  trace,
  onSettled,
  shares,
}: WorldOptions): PointsmanApp => {
  let ids = 0;
  return createApp(config, {
    ports: {
      clock,
      random: createSeededRandom(seed),
      ids: () => {
        ids += 1;
        return `${shares?.name ?? 'own'}-${ids}`;
      },
      fetch: tracedFetch(fetch, clock, trace),
    },
    simulated: new Set(Object.keys(config.backends)),
    ...(shares === undefined ? {} : { store: shares.store }),
    writeLog: (text) => {
      // The stamp is the wall clock's, which must not matter.
      trace.add(text.slice(text.indexOf('"level"')));
      // Most lines are of something else, and some are long.
      if (!text.includes('"type":"request"')) return;
      const line = asObject(tryParseJson(text));
      const settled = line === undefined ? undefined : settledOf(line);
      if (settled !== undefined) onSettled(settled);
    },
  });
};
