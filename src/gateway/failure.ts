/** How an attempt that gave no content ended, and what follows from it, in the one table's words. */

import {
  type Consequence,
  classify,
  classifyTransport,
  consequence,
  type OutcomeClass,
} from '../core/outcome.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { FailedAttempt } from '../telemetry/events.ts';
import type { Cut } from './watchdog.ts';

/** A failed attempt as its caller is told of it: the words may quote the caller's own prompt, so nobody else gets them. */
export interface ToldAttempt extends FailedAttempt {
  readonly reason: string;
}

/** How far an attempt had come. */
export type Phase = Parameters<typeof classify>[0]['phase'];

export interface Failure {
  readonly class: OutcomeClass;
  readonly consequence: Consequence;
  /** The HTTP status that said so, where one did. */
  readonly status?: number | undefined;
  /** When the engine says that its limit is over. */
  readonly retryAfterMs?: number | undefined;
  /** The engine's own text or a transport phrase: made safe before the caller sees it. */
  readonly message: string;
}

const failure = (kind: OutcomeClass, phase: Phase, message: string, status?: number): Failure => ({
  class: kind,
  consequence: consequence(kind, status === undefined ? { phase, message } : { phase, message, status }),
  message,
  ...(status === undefined ? {} : { status }),
});

const cutFailures: Readonly<Record<Cut, Failure>> = {
  left: failure('cancel', 'before-headers', 'the client left'),
  // A host that answers nothing at all is as dead as one that refuses connections.
  'black-hole': failure('network', 'connect', 'no answer, and the host does not respond'),
  'first-content': failure('timeout', 'before-content', 'no first token in time'),
  stalled: failure('timeout', 'mid-stream', 'the stream stalled'),
  lingering: failure('timeout', 'mid-stream', 'the stream stalled'),
  // A limit of our own says nothing of the host, and no other could keep it any more.
  total: {
    class: 'timeout',
    consequence: { retry: 'never', counts: 0, scope: 'none', code: 'timeout' },
    message: 'the request took longer than allowed',
  },
  drain: failure('cancel', 'mid-stream', 'this instance is shutting down'),
  lost: failure('network', 'mid-stream', 'connection lost'),
};

export const failureOfCut = (cut: Cut): Failure => cutFailures[cut];

/** A load that takes longer than a first token may: the disk's doing, and no sign of a broken pair. */
export const stillLoading: Failure = failure('loading', 'before-content', 'the model is still being loaded');

/** An error thrown by the way there or back; one that never reached the host tells of the host. */
export const failureOfError = (error: unknown, phase: Phase): Failure => {
  if (error instanceof GatewayError) return failureOfText(phase, error.message);
  const { class: kind, reached, text } = classifyTransport(error);
  return failure(kind, reached ? phase : 'connect', text);
};

/** An engine's own words, with or without a status. */
export const failureOfText = (phase: Phase, message: string, status?: number): Failure =>
  failure(
    classify(status === undefined ? { phase, message } : { phase, message, status }),
    phase,
    message,
    status,
  );

/** An answer that is no answer of its dialect. */
export const malformed = (message: string, phase: Phase = 'before-content'): Failure =>
  failure('crash', phase, message);

/** Whether another host may be asked. */
export const mayFailOver = ({ consequence: { retry } }: Failure): boolean => retry === 'elsewhere';
