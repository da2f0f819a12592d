/** Structured log lines: one JSON object each, on the stream it is given; the only place that formats a log. Imports spec. */

import type { Clock } from '../spec/ports.ts';
import type { Report, TelemetryEvent } from './events.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogOptions {
  readonly level: LogLevel;
  /** Whether each settled request gets a line at level info. */
  readonly requests: boolean;
  /** Whether the decision on each request gets a line at level info, as a replay reads it. */
  readonly decisions: boolean;
}

const rank: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** A field longer than this is cut: a log line is not a place for bodies. */
const maxFieldLength = 2048;

const levelOf = (event: TelemetryEvent): LogLevel => {
  switch (event.type) {
    case 'internal-error':
      return 'error';
    case 'backend-state':
      return event.state === 'down' ? 'warn' : 'info';
    case 'state':
      // Whoever read that the store was lost wants to read that it is back.
      return event.what === 'attached' && event.reason === undefined ? 'info' : 'warn';
    case 'key':
      return event.state === 'out' ? 'error' : 'info';
    case 'request':
      return event.outcome === 'broken' || event.outcome === 'failed' ? 'warn' : 'info';
    case 'load':
      return event.outcome === 'failed' ? 'warn' : 'info';
    case 'mode':
    case 'drain':
    case 'decision':
      return 'info';
  }
};

const shortened = (_key: string, value: unknown): unknown =>
  typeof value === 'string' && value.length > maxFieldLength ? `${value.slice(0, maxFieldLength)}…` : value;

/** What is asked for by name is written whatever the level. */
const isWanted = (event: TelemetryEvent, own: LogLevel, options: LogOptions): boolean => {
  if (event.type === 'decision') return options.decisions;
  return rank[own] <= rank[options.level] || (event.type === 'request' && options.requests);
};

/** Writes what the level lets through; JSON escapes control characters, so no field can forge a line. */
export const createLog = (clock: Clock, options: () => LogOptions, write: (line: string) => void): Report => {
  return (event) => {
    const own = levelOf(event);
    if (!isWanted(event, own, options())) return;
    const time = new Date(clock.wallMs()).toISOString();
    const facts = event.type === 'decision' ? { type: event.type, decision: event.decision() } : event;
    write(`${JSON.stringify({ time, level: own, ...facts }, shortened)}\n`);
  };
};
