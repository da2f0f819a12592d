/** How an attempt that gave no content ended, in the one table's words. */

import { classify, classifyTransport, consequenceOf, type OutcomeClass } from '../core/outcome.ts';
import type { Cut } from './watchdog.ts';

export interface Failure {
  readonly class: OutcomeClass;
  /** The engine's own text or a transport phrase: for classification and, made safe, for the caller. */
  readonly message: string;
  readonly status?: number;
}

export type Phase = Parameters<typeof classify>[0]['phase'];

const cutFailures: Readonly<Record<Cut, Failure>> = {
  left: { class: 'cancel', message: 'the client left' },
  'black-hole': { class: 'network', message: 'no answer, and the host does not respond' },
  'first-content': { class: 'timeout', message: 'no first token in time' },
  stalled: { class: 'timeout', message: 'the stream stalled' },
  lingering: { class: 'timeout', message: 'the stream stalled' },
  total: { class: 'timeout', message: 'the request took longer than allowed' },
  drain: { class: 'cancel', message: 'this instance is shutting down' },
  lost: { class: 'network', message: 'connection lost' },
};

export const failureOfCut = (cut: Cut): Failure => cutFailures[cut];

/** An error thrown by the way there or back. */
export const failureOfError = (error: unknown): Failure => {
  const { class: kind, text } = classifyTransport(error);
  return { class: kind, message: text };
};

/** An engine's own words, with or without a status. */
export const failureOfText = (phase: Phase, message: string, status?: number): Failure => {
  const kind = classify(status === undefined ? { phase, message } : { phase, message, status });
  return status === undefined ? { class: kind, message } : { class: kind, message, status };
};

/** Whether another host may be asked. */
export const mayFailOver = (failure: Failure): boolean => consequenceOf[failure.class].retry === 'elsewhere';
