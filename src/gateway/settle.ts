/** Stage 7: the one event each request leaves behind, whatever way it ended. Shell. */

import type { Clock } from '../spec/ports.ts';
import type { Usage } from '../spec/usage.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Report, RequestOutcome } from '../telemetry/events.ts';
import type { Active } from './active.ts';
import type { Journey } from './dispatch.ts';
import type { Received, Resolved } from './stages.ts';

export interface Settle {
  readonly journey: Journey;
  /** The request is understood: its model may be named. */
  asked(resolved: Resolved): void;
  /** The first content is there. */
  content(): void;
  /** Reports once; later calls do nothing. */
  end(outcome: RequestOutcome, code: string, usage: Usage | undefined): void;
}

export interface Account {
  readonly journey: Journey;
  readonly clock: Clock;
  readonly report: Report;
  readonly active: Active;
}

/** Opens the account of one request. */
export const settlement = (received: Received, { journey, clock, report, active }: Account): Settle => {
  const leaveActive = active.add(received.departure);
  let resolved: Resolved | undefined;
  let firstContentMs: Millis | undefined;
  let ended = false;
  return {
    journey,
    asked: (known) => {
      resolved = known;
    },
    content: () => {
      firstContentMs ??= clock.now() - received.arrivedAt;
    },
    end: (outcome, code, usage) => {
      if (ended) return;
      ended = true;
      leaveActive();
      received.departure.over();
      received.settled();
      report({
        type: 'request',
        requestId: received.requestId,
        principal: received.principal.name,
        protocol: received.protocol.id,
        operation: received.operation,
        stream: resolved?.peek.stream ?? false,
        model: resolved?.peek.model ?? '',
        backend: journey.lease?.host.backend.options.id ?? journey.failedAttempts.at(-1)?.backend,
        upstream: journey.lease?.upstream,
        outcome,
        code,
        failedAttempts: journey.failedAttempts.map(({ reason: _words, ...attempt }) => attempt),
        queueMs: journey.queueMs,
        firstContentMs,
        durationMs: clock.now() - received.arrivedAt,
        usage,
        why: journey.why,
      });
    },
  };
};
