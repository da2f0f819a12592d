/** What may be reported of the program's work: names, times and counts; never a prompt, key or address. Imports spec. */

import type { Decision } from '../spec/decision.ts';
import type { QuotaKind } from '../spec/gateway-error.ts';
import type { Usage } from '../spec/usage.ts';
import type { BackendId, Millis, Mode, ProtocolId, Work } from '../spec/vocabulary.ts';

/** One attempt that ended before content; an engine's words on it may quote a prompt and stay out of here. */
export interface FailedAttempt {
  readonly backend: BackendId;
  /** A class of `core/outcome.ts`. */
  readonly class: string;
  readonly afterMs: Millis;
}

/** How a request ended: `failed` before content, `broken` after it. */
export type RequestOutcome = 'done' | 'failed' | 'broken' | 'canceled' | 'refused';

export interface RequestSettled {
  readonly type: 'request';
  readonly requestId: string;
  readonly principal: string;
  readonly protocol: ProtocolId;
  readonly operation: Work;
  readonly stream: boolean;
  /** As asked. */
  readonly model: string;
  readonly backend: BackendId | undefined;
  /** What the backend calls the model. */
  readonly upstream: string | undefined;
  readonly outcome: RequestOutcome;
  /** The HTTP status, or the error code where the status was already sent. */
  readonly code: string;
  readonly failedAttempts: readonly FailedAttempt[];
  readonly queueMs: Millis;
  readonly firstContentMs: Millis | undefined;
  readonly durationMs: Millis;
  readonly usage: Usage | undefined;
  /** The limit of the caller's key that turned it away. */
  readonly quota?: QuotaKind | undefined;
  readonly why: string;
  /** Where the model was left open: the kind of work, and the tier that served. */
  readonly task?: string | undefined;
  readonly tier?: string | undefined;
}

export type TelemetryEvent =
  | RequestSettled
  | {
      readonly type: 'decision';
      /** Makes the record of how a request was placed, which costs more than a request that nobody asks about should. */
      readonly decision: () => Decision;
    }
  | {
      readonly type: 'backend-state';
      readonly backend: BackendId;
      readonly state: 'unknown' | 'up' | 'down';
      readonly reason: string | undefined;
    }
  | {
      /** How it stands with the other instances. */
      readonly type: 'state';
      readonly what: 'attached' | 'detached' | 'ignored' | 'renamed';
      readonly driver: string;
      /** In words without an address. */
      readonly reason: string | undefined;
    }
  | {
      /** A key of a backend became usable, met a limit, or is not taken any more. */
      readonly type: 'key';
      readonly backend: BackendId;
      /** Its position, counted from 1: the key itself is in no event. */
      readonly key: number;
      readonly state: 'usable' | 'limited' | 'out';
      /** Why it is out. */
      readonly fault?: 'unauthorized' | 'forbidden' | 'payment';
      readonly forMs?: Millis;
    }
  | {
      /** A load of a model that Pointsman asked for is over. */
      readonly type: 'load';
      readonly backend: BackendId;
      /** What the backend calls it. */
      readonly model: string;
      /** `dropped`: nobody wanted it any more. */
      readonly outcome: 'ready' | 'failed' | 'dropped';
      /** Of a failed one, a class of `core/outcome.ts`. */
      readonly class?: string;
      readonly durationMs: Millis;
    }
  | { readonly type: 'mode'; readonly mode: Mode; readonly before: Mode }
  | { readonly type: 'drain'; readonly running: number }
  | { readonly type: 'internal-error'; readonly requestId: string; readonly name: string };

/** Takes an event and must neither throw nor wait. */
export type Report = (event: TelemetryEvent) => void;
