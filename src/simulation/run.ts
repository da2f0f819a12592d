/** One run: a drawn load against a fleet under one policy, from the first arrival to the last answer. */

import type { FleetFile } from '../config/simulation-files.ts';
import type { HostStats } from '../simulator/host-stats.ts';
import type { RunRecord } from '../simulator/simulated-host.ts';
import { createVirtualClock } from '../simulator/virtual-clock.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { CallResult, Handler } from './caller.ts';
import { createClairvoyant } from './clairvoyant.ts';
import type { DrawnConversation, DrawnLoad } from './load.ts';
import { configOf, type Dispatch, type Member, membersOf } from './members.ts';
import { moment, playLoad, requestIdOf } from './play.ts';
import { createTrace } from './trace.ts';
import { createHosts, createSimulatedApp, type Hosts, type Settled } from './world.ts';

/** What places the requests of a run: a policy of Pointsman, or an oracle to measure it by. */
export type Placing =
  | { readonly label: string; readonly strategy: string; readonly dispatch: Dispatch }
  | { readonly label: string; readonly strategy: 'clairvoyant' };

export interface RunOptions {
  readonly fleet: FleetFile;
  readonly load: DrawnLoad;
  readonly placing: Placing;
  readonly seed: number;
}

/** What became of one request, from both sides. */
export interface RequestRecord {
  readonly id: string;
  readonly className: string;
  readonly model: string;
  /** From 0. */
  readonly turn: number;
  readonly end: CallResult['end'] | 'unfinished';
  readonly sentAt: Millis;
  readonly firstContentMs: Millis | undefined;
  readonly totalMs: Millis;
  readonly queueMs: Millis;
  readonly attempts: number;
  readonly backend: string | undefined;
  /** Of the last run that worked on it: what it read, and what it needed not read again. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** What one host did. */
export interface HostRecord {
  readonly id: string;
  readonly slots: number;
  /** Time that slots were held, all of them together. */
  readonly busyMs: Millis;
  readonly runs: number;
  readonly decodedTokens: number;
  readonly stats: HostStats;
}

export interface RunResult {
  readonly label: string;
  readonly requests: readonly RequestRecord[];
  readonly hosts: readonly HostRecord[];
  /** When the last answer ended; arrivals end before. */
  readonly endedAt: Millis;
  readonly traceHash: string;
  readonly traceLines: number;
}

/** After the last arrival this much longer is waited, in proportion; what has not ended then counts as never. */
const drainFactor = 1;
const leastDrainMs = 1_800_000;

interface Books {
  readonly settled: Map<string, Settled>;
  readonly runs: Map<string, RunRecord>;
  readonly busy: Map<string, { busyMs: Millis; runs: number; decodedTokens: number }>;
}

const noteRun = (books: Books, host: string, record: RunRecord): void => {
  const sum = books.busy.get(host) ?? { busyMs: 0, runs: 0, decodedTokens: 0 };
  books.busy.set(host, sum);
  sum.busyMs += record.endedAt - record.slotAt;
  sum.runs += 1;
  sum.decodedTokens += record.decodedTokens;
  const at = record.prompt.lastIndexOf('#');
  const id = at < 0 ? undefined : /^#(\S+)/.exec(record.prompt.slice(at, at + 32))?.[1];
  if (id !== undefined) books.runs.set(id, record);
};

const recordOf = (
  conversation: DrawnConversation,
  turn: number,
  result: CallResult | undefined,
  books: Books,
): RequestRecord => {
  const id = requestIdOf(conversation, turn);
  const settled = books.settled.get(id);
  const run = books.runs.get(id);
  return {
    id,
    className: conversation.className,
    model: conversation.model,
    turn,
    end: result?.end ?? 'unfinished',
    sentAt: result?.sentAt ?? 0,
    firstContentMs: result?.firstContentAt === undefined ? undefined : result.firstContentAt - result.sentAt,
    totalMs: result === undefined ? 0 : result.endedAt - result.sentAt,
    queueMs: settled?.queueMs ?? result?.queueMs ?? 0,
    attempts: settled === undefined ? 1 : settled.failedAttempts + (settled.outcome === 'done' ? 1 : 0),
    backend: settled?.backend ?? result?.backend,
    promptTokens: run?.promptTokens ?? 0,
    cachedTokens: run?.cachedTokens ?? 0,
  };
};

interface Stage {
  readonly handler: Handler;
  readonly stop: () => void;
}

/** Raised for a run that cannot begin, with a line per reason. */
export class ImpossibleRun extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ImpossibleRun';
    this.problems = problems;
  }
}

/** Runs it under a clock of its own; the same options give the same result, to the trace's last line. */
export const simulate = async ({ fleet, load, placing, seed }: RunOptions): Promise<RunResult> => {
  const clock = createVirtualClock();
  const trace = createTrace();
  const members = membersOf(fleet, seed);
  const books: Books = { settled: new Map(), runs: new Map(), busy: new Map() };
  const hosts = createHosts(members, clock, (host, record) => noteRun(books, host, record));

  const stageOf = (): Stage => {
    if (!('dispatch' in placing)) {
      return createClairvoyant({ fleet, members, load, hosts, clock, trace });
    }
    const checked = configOf(fleet, members, placing);
    if ('problems' in checked) throw new ImpossibleRun(checked.problems);
    const app = createSimulatedApp({
      config: checked.config,
      clock,
      fetch: hosts.fetch,
      seed,
      trace,
      onSettled: (settled) => books.settled.set(settled.requestId, settled),
    });
    return { handler: (request) => app.fetch(request), stop: app.stop };
  };

  const stage = stageOf();
  const askedAt = new Map<string, Millis>();
  const results = new Map<string, CallResult>();
  let endedAt = 0;
  const asked = (id: string): void => {
    askedAt.set(id, clock.now());
  };
  const ended = (id: string, result: CallResult): void => {
    results.set(id, result);
    endedAt = clock.now();
    trace.add(endedAt, 'end', id, result.end, result.status, result.firstContentAt, result.text.length);
  };

  const limitMs = load.durationMs + Math.max(leastDrainMs, load.durationMs * drainFactor);
  const playing = playLoad(load, { handler: stage.handler, clock, asked, ended });
  await clock.until(Promise.race([playing, moment(clock, limitMs)]), 2 * limitMs);
  stage.stop();

  return {
    label: placing.label,
    requests: load.conversations.flatMap((conversation) =>
      conversation.turns.flatMap((_, turn) => {
        const id = requestIdOf(conversation, turn);
        const record = recordOf(conversation, turn, results.get(id), books);
        const sentAt = askedAt.get(id);
        return sentAt === undefined ? [] : [{ ...record, sentAt }];
      }),
    ),
    hosts: hostRecords(members, hosts, books),
    endedAt,
    traceHash: trace.hash(),
    traceLines: trace.lines(),
  };
};

const hostRecords = (members: readonly Member[], hosts: Hosts, books: Books): readonly HostRecord[] =>
  members.flatMap(({ id, options }) => {
    const host = hosts.byId.get(id);
    const sum = books.busy.get(id) ?? { busyMs: 0, runs: 0, decodedTokens: 0 };
    return host === undefined ? [] : [{ id, slots: options.slots, ...sum, stats: host.stats() }];
  });
