/** One call to one host as a record: what it asks, how far it is, and the one way to end it. Shell. */

import type { Abortable, ChunkReader, FetchReply, FetchRequest, Ports } from '../spec/ports.ts';
import type { Timeouts } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import { watchAttempt } from './departure.ts';
import type { Lease } from './lease.ts';
import type { Loads } from './loads.ts';
import { notingLoad } from './peer-load.ts';
import { lossy } from './refusals.ts';
import type { Resolved } from './stages.ts';
import { type UpstreamRequest, upstreamRequest } from './upstream-request.ts';
import { type Cut, stopWatch, type Watched } from './watchdog.ts';

/** What every attempt of a request shares, and the one slot it holds. */
export interface AttemptContext {
  readonly resolved: Resolved;
  readonly lease: Lease;
  readonly loads: Loads;
  readonly ports: Ports;
  readonly report: Report;
  readonly timeouts: Timeouts;
  readonly probeTimeoutMs: Millis;
  readonly lastChance: boolean;
}

/** A live attempt. */
export interface Attempt extends Watched, Abortable {
  readonly context: AttemptContext;
  readonly lease: Lease;
  readonly request: UpstreamRequest;
  /** Made only for a port that asks for a signal. */
  controller: AbortController | undefined;
  reader: ChunkReader | undefined;
  /** Whether headers came. */
  answered: boolean;
  /** Why it was ended from this side. */
  cutBy: Cut | undefined;
  onCut: ((why: Cut) => void) | undefined;
}

/** One for all attempts, since each request has one. */
async function alive(this: Attempt): Promise<boolean> {
  const { lease, ports, probeTimeoutMs } = this.context;
  const controller = new AbortController();
  const cancel = ports.clock.after(probeTimeoutMs, () => controller.abort());
  try {
    await lease.host.backend.alive(ports.fetch, controller.signal);
    return true;
  } catch {
    return false;
  } finally {
    cancel();
  }
}

/** Closes the upstream in whatever phase it is; the first reason stands. */
function cut(this: Attempt, why: Cut): void {
  if (this.cutBy !== undefined) return;
  this.cutBy = why;
  stopWatch(this);
  // Both, always: on one runtime aborting alone leaves the socket open, on another canceling alone does.
  this.reader?.cancel().catch(() => undefined);
  this.onAbort?.();
  this.controller?.abort();
  this.onCut?.(why);
}

/** What to do at the cut, for a relay nobody reads from just then; done at once where it was cut before. */
export const whenCut = (attempt: Attempt, run: (why: Cut) => void): void => {
  attempt.onCut = run;
  if (attempt.cutBy !== undefined) run(attempt.cutBy);
};

const signalOf = (attempt: Attempt): AbortSignal => {
  if (attempt.controller === undefined) {
    attempt.controller = new AbortController();
    if (attempt.cutBy !== undefined) attempt.controller.abort();
  }
  return attempt.controller.signal;
};

/** Calls the host for an attempt: what runs ends when the attempt is cut. */
export const call = (
  attempt: Attempt,
  { fetch }: Ports,
  url: string,
  headers: Readonly<Record<string, string>>,
  { body, bodyStream }: Pick<FetchRequest, 'body' | 'bodyStream'>,
): Promise<FetchReply> => {
  const answer =
    fetch.abortable === undefined
      ? fetch(url, { method: 'POST', headers, body, bodyStream, signal: signalOf(attempt) })
      : fetch.abortable(url, { method: 'POST', headers, body, bodyStream, abortable: attempt });
  const { host } = attempt.lease;
  return host.backend.isPeer === true ? notingLoad(answer, host) : answer;
};

/** Makes the request for the host that was leased, if there is none, and begins to watch; throws what no host can mend. */
export const startAttempt = (context: AttemptContext, request?: UpstreamRequest): Attempt => {
  const { resolved, lease, timeouts, lastChance } = context;
  const { received } = resolved;
  const { clock } = context.ports;
  const { startedAt } = lease;
  const asked = request ?? upstreamRequest(resolved, lease);
  // A host that was not there when losses were looked for.
  if (resolved.strict && asked.dropped.length > 0) throw lossy(asked.dropped);
  const attempt: Attempt = {
    context,
    lease,
    request: asked,
    controller: undefined,
    onAbort: undefined,
    reader: undefined,
    answered: false,
    cutBy: undefined,
    onCut: undefined,
    clock,
    timeouts,
    arrivedAt: received.arrivedAt,
    startedAt,
    lastChance,
    alive,
    cut,
    phase: 'headers',
    waitingSince: undefined,
    readAt: startedAt,
    cancelTimer: undefined,
  };
  watchAttempt(received.departure, attempt);
  return attempt;
};
